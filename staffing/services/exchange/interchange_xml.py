"""Reads one Ed-Fi interchange file as a stream of its rows, each knowing the line it stands on.

Source: Ed-Fi Data Standard, bulk interchange schemas (``Interchange-*.xsd``): one root named after the interchange, in
a namespace that carries the version of the standard, and below it one element for every row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.sax import SAXParseException
from xml.sax.handler import ContentHandler, feature_namespaces

import msgspec
from defusedxml.common import DefusedXmlException
from defusedxml.sax import make_parser

from staffing.core.errors import Invalid

#: The namespace of every version of the standard this import has been tried with.
NAMESPACE = re.compile(r"http://ed-fi\.org/5\.\d+\.\d+")

_CHUNK = 1 << 16


class Row(msgspec.Struct):
    """An element: its name without the namespace, the line it starts on, its text and the elements in it."""

    name: str
    line: int
    text: str = ""
    parts: list[Row] = []

    def first(self, path: str) -> Row | None:
        """The first element down a path such as ``StaffReference/StaffIdentity/StaffUniqueId``."""
        return next(self.every(path), None)

    def every(self, path: str) -> Iterator[Row]:
        """All elements down a path, in the order of the file."""
        head, _, rest = path.partition("/")
        for part in self.parts:
            if part.name == head:
                if rest:
                    yield from part.every(rest)
                else:
                    yield part

    def value(self, path: str) -> str:
        """The text down a path without blanks around it; '' when there is none."""
        found = self.first(path)
        return found.text if found else ""

    def code(self, path: str) -> str:
        """The code of a descriptor: ``uri://ed-fi.org/SexDescriptor#Male`` gives ``Male``."""
        return self.value(path).rpartition("#")[2]


class _Rows(ContentHandler):
    """Builds rows; a finished one waits in ``done`` until the reader takes it."""

    def __init__(self, interchange: str, file_name: str, place: Any) -> None:
        super().__init__()
        self.interchange, self.file_name, self.place = interchange, file_name, place
        self.open: list[Row] = []
        self.done: list[Row] = []
        self.begun = False

    def startElementNS(self, name: tuple[str | None, str], qname: str | None, attrs: Any) -> None:
        namespace, local = name
        if not self.open:
            self._check_root(namespace or "", local)
            self.begun = True
        self.open.append(Row(name=local, line=self.place.getLineNumber()))

    def _check_root(self, namespace: str, local: str) -> None:
        if not NAMESPACE.fullmatch(namespace):
            written = f"the namespace {namespace!r}" if namespace else "no namespace"
            raise Invalid(
                f"{self.file_name}:{self.place.getLineNumber()}: the file has {written}; this import reads version 5 of the "
                "Ed-Fi Data Standard (http://ed-fi.org/5.2.0). Export it again in that version."
            )
        if local != self.interchange:
            raise Invalid(
                f"{self.file_name}:{self.place.getLineNumber()}: the file starts with <{local}>, but a file of this name must "
                f"hold <{self.interchange}>. Check whether two files were exchanged."
            )

    def characters(self, content: str) -> None:
        if self.open:
            self.open[-1].text += content

    def endElementNS(self, name: tuple[str | None, str], qname: str | None) -> None:
        row = self.open.pop()
        row.text = row.text.strip()
        if len(self.open) == 1:
            self.done.append(row)  # not kept in the root: a file of any size is read with little memory
        elif self.open:
            self.open[-1].parts.append(row)


def rows(path: Path, interchange: str) -> Iterator[Row]:
    """Yield the rows of an interchange file one after another.

    Raises ``Invalid`` with file and line for a file that is missing, unreadable, not well-formed XML, of another
    interchange or of another version, or that defines entities of its own (which a real export never does).
    """
    parser = make_parser()
    handler = _Rows(interchange, path.name, parser)
    parser.forbid_dtd = True
    parser.setFeature(feature_namespaces, True)
    parser.setContentHandler(handler)
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                parser.feed(chunk)
                yield from handler.done
                handler.done.clear()
            parser.close()
            yield from handler.done
        if not handler.begun:
            raise Invalid(f"{path.name} is empty. The file may have been cut off on its way: copy or export it again.")
    except FileNotFoundError:
        raise Invalid(f"There is no {path.name} in {path.parent}. Export it together with the other files.") from None
    except OSError as exc:
        raise Invalid(f"{path.name} cannot be read: {exc.strerror}. Check the file's permissions.") from exc
    except SAXParseException as exc:
        raise Invalid(
            f"{path.name}:{exc.getLineNumber()}: this is not well-formed XML ({exc.getMessage()}). "
            "The file may have been cut off on its way: copy or export it again."
        ) from exc
    except DefusedXmlException as exc:
        raise Invalid(
            f"{path.name}: the file defines a document type or entities of its own, which no Ed-Fi export does. It was not read."
        ) from exc
