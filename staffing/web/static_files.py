"""Style sheets, scripts and fonts: held in memory, under an address that changes when they do, kept by browsers for a year."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.params import FromPath

from staffing.core.errors import NotFound

_COMPRESSED = {".css", ".js", ".svg", ".json"}
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".woff2": "font/woff2"}
_SHIPPED = {".css", ".js", ".svg", ".woff2", ".png", ".webp", ".txt", ".ico"}


class Asset(msgspec.Struct, frozen=True):
    """One file, plain and (where it pays) compressed."""

    media_type: str
    body: bytes
    gzipped: bytes | None


class Assets:
    """All files of the product and of each plugin (under ``p/<plugin>/``), and the digest in their address."""

    def __init__(self, plugins: dict[str, Path]) -> None:
        self._files: dict[str, Asset] = {}
        self._take(Path(str(files("staffing.web"))) / "static", "")
        for name, folder in sorted(plugins.items()):
            self._take(folder, f"p/{name}/")
        total = hashlib.sha256()
        for name, asset in sorted(self._files.items()):
            total.update(name.encode() + b"\0" + hashlib.sha256(asset.body).digest())
        self.digest = total.hexdigest()[:12]

    def _take(self, folder: Path, prefix: str) -> None:
        for path in sorted(folder.rglob("*")):
            if not path.is_file() or path.suffix not in _SHIPPED:
                continue
            body = path.read_bytes()
            kind = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
            squeezed = gzip.compress(body, 6, mtime=0) if path.suffix in _COMPRESSED else None
            self._files[prefix + path.relative_to(folder).as_posix()] = Asset(kind, body, squeezed)

    def url(self, name: str) -> str:
        """The address of a file. Raises ``KeyError`` for one that is not there, so a misspelt name never ships."""
        if name not in self._files:
            raise KeyError(f"no static file {name!r}")
        return f"/static/{self.digest}/{name}"

    def get(self, name: str) -> Asset | None:
        """A file, or None."""
        return self._files.get(name)


@get("/static/{digest:str}/{name:path}", skip_session=True, include_in_schema=False)
async def static_file(request: Request[Any, Any, Any], digest: FromPath[str], name: FromPath[str]) -> Response[bytes]:
    """A file, for a year if the address carries today's digest; an old address gets today's file, unkept."""
    assets: Assets = request.app.state.assets
    asset = assets.get(name.lstrip("/"))
    if asset is None:
        raise NotFound(f"There is no file {name} here.")
    keep = "public, max-age=31536000, immutable" if digest == assets.digest else "no-cache"
    headers = {"Cache-Control": keep, "Vary": "Accept-Encoding"}
    body = asset.body
    if asset.gzipped is not None and "gzip" in request.headers.get("accept-encoding", ""):
        body = asset.gzipped
        headers["Content-Encoding"] = "gzip"
    return Response(body, media_type=asset.media_type, headers=headers)


@get("/favicon.ico", skip_session=True, include_in_schema=False)
async def favicon(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Browsers ask for it whatever the page says."""
    assets: Assets = request.app.state.assets
    asset = assets.get("favicon.svg")
    return Response(asset.body if asset else b"", media_type="image/svg+xml", headers={"Cache-Control": "public, max-age=86400"})


handlers = [static_file, favicon]
