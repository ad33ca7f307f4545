"""Folders with short paths, as sockets need."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def short_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="staffing-", dir="/tmp") as folder:
        yield Path(folder)
