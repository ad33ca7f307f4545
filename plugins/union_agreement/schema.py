"""Prints the JSON Schema of agreements for editors: ``python -m plugins.union_agreement.schema > docs/agreement.schema.json``."""

from __future__ import annotations

import sys

import msgspec

from .rules.schema import agreement_schema


def main() -> None:
    """Print it."""
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(agreement_schema()), indent=2).decode() + "\n")


if __name__ == "__main__":
    main()
