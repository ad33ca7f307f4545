from __future__ import annotations

import base64
import re
import subprocess
import sys
from pathlib import Path

import pytest

from staffing.documents import conformance, press, sources

PAGE = '<!doctype html><html lang="en"><title>A page</title><p>Some text</p>{}'


@pytest.fixture(scope="module")
def machine() -> press.Press:
    return press.press()


@pytest.fixture(scope="module")
def secret(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("outside") / "secret.css"
    path.write_text("p::after { content: 'STOLEN' }")
    return path


def svg_uri(inside: str) -> str:
    picture = f'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">{inside}</svg>'
    return "data:image/svg+xml;base64," + base64.b64encode(picture.encode()).decode()


@pytest.mark.parametrize(
    "attack",
    [
        '<img alt="x" src="file:///etc/passwd">',
        '<img alt="x" src="http://169.254.169.254/latest/meta-data/">',
        '<link rel="stylesheet" href="http://127.0.0.1:9/style.css">',
        '<link rel="stylesheet" href="{secret}">',
        '<style>@import "{secret}";</style>',
        "<style>@font-face {{ font-family: x; src: url({secret}) }} p {{ font-family: x }}</style>",
        '<img alt="x" src="asset:../../pyproject.toml">',
        '<img alt="x" src="asset:/etc/passwd">',
        '<base href="file:///etc/"><img alt="x" src="passwd">',
        '<p style="background: url({secret})">x</p>',
        '<img alt="x" src="{svg}">',
    ],
)
def test_a_document_that_asks_for_what_it_may_not_load_is_refused(machine: press.Press, secret: Path, attack: str) -> None:
    svg = svg_uri(f'<image href="{secret.as_uri()}" width="9" height="9"/>')
    html = PAGE.format(attack.format(secret=secret.as_uri(), svg=svg))
    with pytest.raises(press.Refused, match="could not be made as it is written"):
        machine.pdf(html)


def test_a_file_named_by_an_attachment_link_is_refused(machine: press.Press, secret: Path) -> None:
    html = PAGE.format(f'<a rel="attachment" href="{secret.as_uri()}">take it</a>')
    with pytest.raises(press.Refused):
        machine.pdf(html)


def test_a_style_sheet_may_not_import_a_file_either(machine: press.Press, secret: Path) -> None:
    with pytest.raises(press.Refused), press._nothing_refused():
        machine.css(f"@import '{secret.as_uri()}';")


def test_our_own_files_and_inline_pictures_are_served(machine: press.Press) -> None:
    dot = svg_uri('<circle r="3"/>')
    html = PAGE.format(f'<img alt="crest" src="asset:crest.svg"><img alt="dot" src="{dot}">')
    assert conformance.faults(machine.pdf(html)) == []


def test_a_missing_pango_is_one_sentence_with_the_line_to_type() -> None:
    """WeasyPrint is loaded again in a process that cannot see any Pango library."""
    program = """
import sys
import cffi
real = cffi.FFI.dlopen
def gone(self, name, flags=0):
    if name and "pango" in str(name):
        raise OSError(f"cannot load library '{name}'")
    return real(self, name, flags)
cffi.FFI.dlopen = gone
from staffing.core.errors import Unusable
from staffing.documents import press
try:
    press.press()
except Unusable as exc:
    print(exc)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=sources.folder().parents[1]
    )
    assert done.stdout.strip().splitlines()[-1] == press.NO_PANGO
    assert "sudo apt-get install -y libpango-1.0-0" in done.stdout


def test_the_document_sources_hold_every_file_the_badge_names() -> None:
    named = re.findall(r"asset:([\w./-]+)", sources.text("badge.css") + sources.text("badge.html"))
    assert named
    assert all((sources.folder() / name).is_file() for name in named)
    assert (sources.folder() / "fonts" / "OFL.txt").is_file()
