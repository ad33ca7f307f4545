"""Print the Debian packages that are missing here: libraries and fonts for PDFs and, for tests, a browser."""

from __future__ import annotations

import ctypes
import shutil
import sys
from pathlib import Path

LIBRARIES = {
    "libpango-1.0.so.0": "libpango-1.0-0",
    "libpangoft2-1.0.so.0": "libpangoft2-1.0-0",
    "libharfbuzz.so.0": "libharfbuzz0b",
    "libharfbuzz-subset.so.0": "libharfbuzz-subset0",
    "libfontconfig.so.1": "libfontconfig1",
}
FONTS = {"NotoSans-Regular": "fonts-noto-core", "NotoSansCJK-Regular": "fonts-noto-cjk"}
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _has_font(stem: str) -> bool:
    folders = [Path(folder).expanduser() for folder in FONT_FOLDERS]
    return any(next(folder.rglob(f"{stem}.*"), None) for folder in folders if folder.is_dir())


def missing(for_tests: bool) -> list[str]:
    """Package names, in the order to install them."""
    names = [package for library, package in LIBRARIES.items() if not _loads(library)]
    names += [package for stem, package in FONTS.items() if not _has_font(stem)]
    if for_tests and not any(shutil.which(browser) for browser in BROWSERS):
        names.append("chromium")
    return names


if __name__ == "__main__":
    sys.stdout.write(" ".join(missing("test" in sys.argv[1:])))
