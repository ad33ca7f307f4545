"""Errors that people read. Each is a sentence: what happened, why, and what to do next."""

from __future__ import annotations


class StaffingError(Exception):
    """Something a person can be told about. ``status`` is its HTTP status, ``exit_code`` the command's."""

    status = 400
    exit_code = 2
    title = "That did not work"


class NotFound(StaffingError):
    """There is no such thing here, or the asker may not see it."""

    status = 404
    title = "Not found"


class NotAllowed(StaffingError):
    """The asker is known and has no right to this."""

    status = 403
    title = "You cannot do this"


class Conflict(StaffingError):
    """Somebody or something was faster, or the state no longer allows it."""

    status = 409
    title = "This has changed"


class Invalid(StaffingError):
    """Input that cannot be used. ``fields`` maps a field name to a sentence."""

    status = 422
    title = "Something needs another look"

    def __init__(self, message: str, fields: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.fields = fields or {}


class TooLarge(StaffingError):
    """An upload over the size limit."""

    status = 413
    title = "That file is too large"


class Unusable(StaffingError):
    """The installation cannot run as it is configured: database, data folder, fonts, disk."""

    status = 503
    exit_code = 3
    title = "The service cannot run"
