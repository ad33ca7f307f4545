"""Folders with short paths, as sockets need."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def short_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="staffing-", dir="/tmp") as folder:
        Path(folder).chmod(0o711)  # as root, PostgreSQL runs as another user and must be able to pass through
        yield Path(folder)
