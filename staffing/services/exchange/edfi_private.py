"""What in the rows of an Ed-Fi export is never kept: told with its place, and not repeated."""

from __future__ import annotations

from collections.abc import Iterator

from staffing.core.never_kept import NAMES, private_in
from staffing.services.exchange.edfi_rows import Export


def private_in_rows(export: Export) -> Iterator[tuple[str, str]]:
    """Texts that hold what is never kept; the sentence does not repeat it."""
    lists = (
        export.districts,
        export.schools,
        export.providers,
        export.staff,
        export.credentials,
        export.employments,
        export.posts,
    )
    for row in (row for each in lists for row in each):
        for name in row.__struct_fields__:
            value = getattr(row, name)
            if name != "where" and isinstance(value, str) and (found := private_in(value)):
                what = name.replace("_", " ")
                yield (
                    row.where,
                    f"the {what} seems to hold {NAMES[found[0].kind]}, which is never stored here. Take it out in the system the "
                    "export comes from.",
                )
