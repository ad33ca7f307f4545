"""What is held about a person: that a check, course or paper exists, never what it contained."""

from __future__ import annotations

from datetime import date

import msgspec

#: The generic evidence kinds, so that evidence travels between states. Packs may add namespaced ones ("ca:ascc").
KINDS: dict[str, str] = {
    "state_criminal_history": "State criminal history check",
    "fbi_fingerprint": "FBI fingerprint check",
    "child_abuse_history": "Child abuse history check",
    "sex_offender_registry": "State sex offender registry check",
    "national_sex_offender_registry": "National sex offender registry check",
    "out_of_state_checks": "Checks in other states lived in",
    "tb_screening": "Tuberculosis screening",
    "health_exam": "Health examination",
    "mandated_reporter_training": "Mandated reporter training",
    "child_abuse_training": "Child abuse recognition training",
    "employment_history_review": "Employment history review",
    "arrest_report_form": "Arrest and conviction report form",
    "affirmation": "Signed affirmation",
    "notice_acknowledgement": "Signed notice",
    "paraprofessional_qualification": "Paraprofessional qualification",
    "education": "Proof of education",
    "assessment": "Assessment result",
    "aide_permit": "Aide permit",
    "substitute_permit": "Substitute permit",
    "teaching_licence": "Teaching licence",
    "approval": "Approval",
    "orientation": "Orientation",
    "supervision_plan": "Supervision plan",
    "insurance": "Insurance",
}

#: Kinds whose answer is a result, which a person records; for the others the paper itself is the proof.
WITH_RESULT = frozenset(
    {
        "state_criminal_history",
        "fbi_fingerprint",
        "child_abuse_history",
        "sex_offender_registry",
        "national_sex_offender_registry",
        "out_of_state_checks",
        "tb_screening",
        "health_exam",
        "employment_history_review",
    }
)


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """One item of evidence.

    ``state``: ``initiated`` (asked for, no result yet), ``partial``, ``complete``. ``result``: ``clear``, ``not_clear``
    or ``qualified`` (None when there is none yet). ``purpose``: ``volunteer`` or ``employment``, where the issuer
    distinguishes. ``holder`` is the organisation the result was issued to; ``issuer`` who issued it.
    """

    kind: str
    state: str = "complete"
    result: str | None = None
    issued_on: date | None = None
    requested_on: date | None = None
    expires_on: date | None = None
    purpose: str | None = None
    issuer: str | None = None
    holder: str | None = None
    jurisdiction: str | None = None
    detail: dict[str, str | int | bool] = {}
    id: str | None = None

    def in_hand(self, on: date) -> bool:
        """Whether it is complete, issued by a day, has not run out by its own date, and says nothing against the person."""
        return (
            self.state == "complete"
            and (self.issued_on is None or self.issued_on <= on)
            and (self.expires_on is None or on <= self.expires_on)
            and self.result not in ("not_clear", "qualified")
        )
