"""``python -m staffing.locale``: every catalogue, the product's own, those of plugins' pages and those of rule packs."""

from __future__ import annotations

from staffing.locale import build, packs, pages

if __name__ == "__main__":
    build.main()
    pages.main()
    packs.main()
