"""The benchmark's six requirements written by hand as one INSERT: the outcome and its day, no reasons, no evidence named."""

from __future__ import annotations


def _last(name: str, kinds: str, result: str) -> str:
    such = f"kind IN ({kinds}) AND state = 'complete' AND result = '{result}' AND issued_on <= $1"
    return f"max(issued_on) FILTER (WHERE {such}) AS {name}"


def _open(name: str, kinds: str) -> str:
    return f"bool_or(kind IN ({kinds}) AND state <> 'complete' AND coalesce(requested_on, $1) <= $1) AS {name}"


_KINDS = {
    "st": "'state_criminal_history'",
    "fb": "'fbi_fingerprint'",
    "ca": "'child_abuse_history'",
    "so": "'sex_offender_registry'",
    "ns": "'national_sex_offender_registry'",
    "tb": "'tb_screening'",
    "mr": "'mandated_reporter_training'",
    "no": "'affirmation', 'notice_acknowledgement'",
}
_COLUMNS = ",\n    ".join(
    [_last(name, kinds, "clear") for name, kinds in _KINDS.items()]
    + [_last(f"{name}_bad", kinds, "not_clear") for name, kinds in _KINDS.items()]
    + [_open("bg_open", f"{_KINDS['st']}, {_KINDS['fb']}")]
)


def _bad(*names: str) -> str:
    return " OR ".join(f"coalesce({n}_bad > coalesce({n}, '-infinity'::date) OR {n}_bad = {n}, false)" for n in names)


_AGE = "p.born_on > ($1 - interval '18 years')::date"
INSERT = f"""
WITH held AS (
  SELECT person,
    {_COLUMNS}
  FROM evidence WHERE NOT withdrawn GROUP BY person
), facts AS (
  SELECT pl.person AS the_person, pl.id AS the_placement, pl.starts_on, {_AGE} AS young,
    coalesce((p.facts ->> 'board_exemption')::boolean, false) AS board,
    greatest(st, fb) AS bg, least(CASE WHEN {_AGE} THEN NULL ELSE greatest(st, fb) END, ca) AS oldest, greatest(so, ns) AS re, h.*
  FROM placement pl JOIN person p ON p.id = pl.person LEFT JOIN held h ON h.person = pl.person
  WHERE pl.state IN ('wished', 'placed')
), through AS (
  SELECT f.*,
    CASE WHEN bg IS NOT NULL THEN (least(bg, oldest) + interval '60 months')::date END AS bg_to,
    CASE WHEN ca IS NOT NULL THEN (least(ca, oldest) + interval '60 months')::date END AS ca_to,
    (re + interval '36 months')::date AS re_to, (tb + interval '48 months')::date AS tb_to,
    (mr + interval '24 months')::date AS mr_to, (no + interval '60 months')::date AS no_to
  FROM facts f
), said AS (
  SELECT t.*,
    CASE WHEN {_bad("st", "fb")} THEN 6 WHEN young THEN 0 WHEN bg_to >= $1 THEN CASE WHEN bg_to - $1 <= 60 THEN 1 ELSE 0 END
      WHEN bg_open AND $1 <= starts_on + 45 THEN 2 ELSE 6 END AS s1,
    CASE WHEN {_bad("ca")} THEN 6 WHEN ca_to >= $1 THEN CASE WHEN ca_to - $1 <= 60 THEN 1 ELSE 0 END ELSE 6 END AS s2,
    CASE WHEN {_bad("so", "ns")} THEN 6 WHEN re_to >= $1 THEN CASE WHEN re_to - $1 <= 60 THEN 1 ELSE 0 END ELSE 6 END AS s3,
    CASE WHEN {_bad("tb")} THEN 6 WHEN board THEN 0 WHEN tb_to >= $1 THEN CASE WHEN tb_to - $1 <= 60 THEN 1 ELSE 0 END
      ELSE 6 END AS s4,
    CASE WHEN mr_to >= $1 THEN CASE WHEN mr_to - $1 <= 60 THEN 1 ELSE 0 END WHEN $1 <= starts_on + 42 THEN 2
      ELSE 5 END AS s5,
    CASE WHEN no_to >= $1 THEN CASE WHEN no_to - $1 <= 60 THEN 1 ELSE 0 END ELSE 5 END AS s6
  FROM through t
)
INSERT INTO decision (id, person, placement, on_day, outcome, holds_until, body, case_hash, rules_hash)
SELECT uuidv7(), the_person, the_placement, $1,
  ('{{allow,advise,provisional,needs_notice,needs_cosign,hold,block}}'::text[])[1 + greatest(s1, s2, s3, s4, s5, s6)],
  least(CASE WHEN s1 < 2 AND NOT young THEN bg_to + 1 WHEN s1 = 2 THEN starts_on + 46 END, CASE WHEN s2 < 2 THEN ca_to + 1 END,
    CASE WHEN s3 < 2 THEN re_to + 1 END, CASE WHEN s4 < 2 AND NOT board THEN tb_to + 1 END,
    CASE WHEN s5 < 2 THEN mr_to + 1 WHEN s5 = 2 THEN starts_on + 43 END, CASE WHEN s6 < 2 THEN no_to + 1 END),
  '{{}}', md5(the_placement::text), 'by hand'
FROM said"""
