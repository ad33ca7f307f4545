"""The real thing: ``staffing run`` as a process of its own, and Chromium in front of it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright

from tests.served import Served, free_port

ARGUMENTS = [
    "--headless=new",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def short_folder() -> Iterator[Path]:
    """A folder with a short path, as sockets need."""
    with tempfile.TemporaryDirectory(prefix="staffing-", dir="/tmp") as folder:
        Path(folder).chmod(0o711)  # as root, PostgreSQL runs as another user and must be able to pass through
        yield Path(folder)


@pytest.fixture(scope="session")
def served(short_folder: Path) -> Iterator[Served]:
    """The demonstration, served for the whole session."""
    server = Served(short_folder / "data", free_port(), "--beside", "tests.doubles.screening").wait_until_ready()
    yield server
    server.stop()


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    program = next(found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name)))
    arguments = [*ARGUMENTS, "--no-sandbox"] if os.geteuid() == 0 else ARGUMENTS
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=arguments)
        yield browser
        await browser.close()
