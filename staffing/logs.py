"""What is logged holds nothing that is never kept: every message of every logger goes through the scanner when it is made."""

from __future__ import annotations

import logging
from typing import Any

from staffing.core.never_kept import private_in, redacted, redacted_values

#: Its formatter takes a message's arguments apart, so they stay as many as they were.
_BY_PLACE = frozenset({"uvicorn.access"})


class _Guarded:
    """Makes log records as before, without what is never kept."""

    def __init__(self, made_before: Any) -> None:
        self.made_before = made_before

    def __call__(self, *args: Any, **kwargs: Any) -> logging.LogRecord:
        record: logging.LogRecord = self.made_before(*args, **kwargs)
        clean(record)
        return record


def guard() -> None:
    """Guard this process's log, whichever loggers and handlers it has or gets. Doing so twice is harmless."""
    factory = logging.getLogRecordFactory()
    if not isinstance(factory, _Guarded):
        logging.setLogRecordFactory(_Guarded(factory))


def clean(record: logging.LogRecord) -> None:
    """Take what is never kept out of a record: its message, its arguments and the error it tells of."""
    try:
        message = record.getMessage()
    except (TypeError, ValueError, KeyError):  # logging itself reports a message that does not fit its arguments
        message = ""
    if message and private_in(message):
        record.msg = redacted(str(record.msg))
        record.args = _arguments(record.args)
        if record.name not in _BY_PLACE and private_in(record.getMessage()):
            record.msg, record.args = redacted(message), None
    if record.exc_info and record.exc_info[1] is not None:
        told = record.exc_text or logging.Formatter().formatException(record.exc_info)
        if private_in(told):
            record.exc_text, record.exc_info = redacted(told), None
    if record.stack_info and private_in(record.stack_info):
        record.stack_info = redacted(record.stack_info)


def _arguments(args: Any) -> Any:
    if isinstance(args, tuple):
        return tuple(redacted_values(each if isinstance(each, int | float | None) else str(each)) for each in args)
    return redacted_values(args)
