"""Settings from the environment (``STAFFING_*``) and the secrets made on the first run and kept in a file."""

from __future__ import annotations

import os
import secrets
from functools import cache
from pathlib import Path

import msgspec

from staffing.core.errors import Unusable

REPOSITORY = Path(__file__).resolve().parents[1]


class Secrets(msgspec.Struct, frozen=True):
    """Keys of this installation, hex. ``files`` seals uploads, ``web`` signs forms, ``badge`` is the Ed25519 seed."""

    files: str
    web: str
    badge: str


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """How this installation runs. Every value has a default; see docs/operations.md.

    ``public_url`` is what QR codes point at. ``demo`` shows the demonstration's sign-ins and outbox.
    """

    data: Path
    database_url: str | None = None
    host: str = "127.0.0.1"
    port: int = 8000
    public_url: str = ""
    demo: bool = False
    plugins_off: tuple[str, ...] = ()
    max_upload_bytes: int = 10_000_000

    @property
    def base_url(self) -> str:
        """Where people reach us, without a trailing slash."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    def secrets(self) -> Secrets:
        """The keys, made once and readable by the owner alone. Raises ``Unusable`` if the file is damaged."""
        return _secrets(self.data / "secrets.json")


def _flag(name: str) -> bool:
    return os.environ.get(name, "").lower() in {"1", "true", "yes", "on"}


def load() -> Settings:
    """Read the environment. Raises ``Unusable`` with a sentence for a value that cannot be used."""
    env = os.environ
    port = env.get("STAFFING_PORT") or env.get("PORT") or "8000"
    if not port.isdigit() or not 0 < int(port) < 65536:
        raise Unusable(f"PORT is {port!r}. Give a number from 1 to 65535, for example PORT=8000.")
    return Settings(
        data=Path(env.get("STAFFING_DATA") or REPOSITORY / ".staffing").expanduser().absolute(),
        database_url=env.get("STAFFING_DATABASE_URL") or None,
        host=env.get("STAFFING_HOST", "127.0.0.1"),
        port=int(port),
        public_url=env.get("STAFFING_PUBLIC_URL", ""),
        demo=_flag("STAFFING_DEMO"),
        plugins_off=tuple(p.strip() for p in env.get("STAFFING_PLUGINS_OFF", "").split(",") if p.strip()),
    )


@cache
def _secrets(path: Path) -> Secrets:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Secrets)
    except FileNotFoundError:
        pass
    except msgspec.DecodeError as exc:
        raise Unusable(
            f"The key file {path} cannot be read: {exc}. Put back a copy from your backup; without it uploads stay sealed."
        ) from exc
    made = Secrets(files=secrets.token_hex(32), web=secrets.token_hex(32), badge=secrets.token_hex(32))
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:  # another process made it a moment ago
        return msgspec.json.decode(path.read_bytes(), type=Secrets)
    with os.fdopen(handle, "wb") as file:
        file.write(msgspec.json.encode(made))
    return made
