"""What one plugin asks of others through the product, because plugins do not know each other."""

from __future__ import annotations

from staffing import host, settings
from staffing.core.screening import ScreeningProvider


def screening_providers() -> dict[str, ScreeningProvider]:
    """Every screening provider that the running plugins bring, by name; of two with one name the first plugin's counts."""
    found: dict[str, ScreeningProvider] = {}
    for answer in host.load().ask("screening_providers"):
        if answer.error is None:
            for provider in answer.value:
                found.setdefault(provider.name, provider)
    return found


def base_url() -> str:
    """Where this installation is reached from outside, without a trailing slash."""
    return settings.load().base_url
