"""What the database refuses, in words: which of our errors one of its own means for the person who asked."""

from __future__ import annotations

import asyncpg

from staffing.core.errors import Conflict, StaffingError, Unusable

#: What somebody who was faster, or a second press of the button, looks like. Services say more where they know more.
_CONSTRAINTS: dict[str, str] = {
    "assignment_no_double_booking": "This person has another session at that time. Choose another time or another person.",
    "assignment_one_per_session": "This person has taken that session already. Nothing was changed.",
    "decision_one_current": "This placement was decided again at the same moment. Nothing was changed; open the page again.",
    "credential_one_issued": "This person has a badge for that placement already. Withdraw it first, or print it again.",
    "credential_one_per_number": "Another badge took that number at the same moment. Nothing was changed; try again.",
    "credential_one_per_status_index": "Another badge was issued at the same moment. Nothing was changed; try again.",
    "account_one_per_email": "Somebody signs in with this e-mail address already. Use it to sign in, or give another one.",
    "person_one_per_external_id": "Another person has this number of the other system already. Nothing was changed.",
    "site_one_per_external_id": "Another site has this number of the other system already. Nothing was changed.",
    "organisation_one_per_external_id": "Another organisation has this number of the other system already. Nothing was changed.",
    "placement_one_per_external_id": "Another placement has this number of the other system already. Nothing was changed.",
    "evidence_one_per_external_id": "This item of evidence was read in already. Nothing was changed.",
}


def in_words(exc: BaseException, *, lost: bool = False) -> StaffingError | None:
    """The error to show for one of the database's, or None for a fault of ours that nobody outside can mend.

    ``lost``: the connection was closed meanwhile; asyncpg has several errors for using it after that.
    """
    if isinstance(exc, asyncpg.IntegrityConstraintViolationError):
        sentence = _CONSTRAINTS.get(str(getattr(exc, "constraint_name", "")))
        return Conflict(sentence) if sentence else None
    if isinstance(exc, asyncpg.DeadlockDetectedError | asyncpg.SerializationError):
        return Conflict("Somebody changed the same thing at the same moment. Nothing was changed here; try again.")
    if isinstance(exc, asyncpg.DiskFullError):
        return Unusable("The disk that holds the database is full, so nothing was stored. An administrator needs to free space.")
    if isinstance(exc, asyncpg.TooManyConnectionsError):
        return Unusable("The database has as many connections as it allows. Try again in a minute; nothing was stored.")
    if lost or isinstance(exc, asyncpg.PostgresConnectionError | asyncpg.AdminShutdownError | asyncpg.CannotConnectNowError):
        return Unusable("The connection to the database was lost, so nothing was stored. Try again in a minute.")
    if isinstance(exc, OSError):  # no connection could be had at all
        return Unusable("The database does not answer, so nothing was stored. Try again in a minute.")
    return None
