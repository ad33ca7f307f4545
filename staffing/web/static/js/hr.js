/* The queue's decision panel: A approves, R goes to "ask for a new copy", ? shows the keys; how many checks are left. */
const form = document.getElementById('decide')
if (form) {
  const checks = [...form.querySelectorAll('[data-checks] input')]
  const approve = form.querySelector('[data-approve]')
  const left = form.querySelector('[data-left]')
  const sync = () => {
    const n = checks.filter((c) => !c.checked).length
    if (left) left.textContent = n ? `${n} ${n === 1 ? 'check' : 'checks'} left` : ''
    if (approve) approve.setAttribute('aria-describedby', 'why-not')
  }
  checks.forEach((c) => c.addEventListener('change', sync))
  if (checks.length) sync()
  document.addEventListener('keydown', (e) => {
    if (e.target.matches('input:not([type=checkbox]), textarea, select, [contenteditable]') || e.ctrlKey || e.metaKey || e.altKey) return
    if (document.documentElement.dataset.shortcuts === 'off') return
    if (e.key === 'a' && approve) { e.preventDefault(); const next = checks.find((c) => !c.checked); if (next) next.focus(); else approve.focus() }
    else if (e.key === 'r') { const reason = document.getElementById('f-reason'); if (reason) { e.preventDefault(); reason.focus() } }
  })
}
document.addEventListener('keydown', (e) => {
  if (e.key === '?' && !e.target.matches('input, textarea, select')) document.querySelector('.listfoot')?.scrollIntoView({ block: 'center' })
})
