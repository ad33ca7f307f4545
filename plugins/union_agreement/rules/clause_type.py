"""A clause type: the parameters it takes, the facts it reads, and the function that judges a case by it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from staffing.api import Effect

from .answers import Answer
from .clause import Clause
from .facts import Facts

#: Judges a case by a clause. Raises ``Unknown`` where a fact it needs is not told.
Check = Callable[[Any, Facts, Clause], Answer]


class ClauseType(msgspec.Struct, frozen=True, kw_only=True):
    """One of the types of section 2. ``effect`` is the usual one; ``facts`` are the names it may read.

    ``words`` puts the parameters into a plain sentence for both sides. ``clearance`` marks what nothing relaxes: with it a
    missing fact blocks.
    """

    name: str
    params: type
    check: Check
    effect: Effect
    meaning: str
    words: Callable[[Any], str]
    facts: tuple[str, ...]
    clearance: bool = False


class ParamsError(ValueError):
    """Parameters that make no sense, said in a sentence. ``field`` names the parameter. Raised by a params struct's
    ``__post_init__``."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field
