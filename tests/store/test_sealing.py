"""A provider's key is kept sealed, for one district and one purpose."""

from __future__ import annotations

import pytest

from staffing.core.errors import Unusable
from staffing.store.engine import tenant_transaction
from staffing.store.sealing import seal, unseal
from tests.factories import make_tenant


async def test_a_sealed_secret_opens_for_its_district_and_purpose_alone(tenant: str) -> None:
    await make_tenant("birch")
    async with tenant_transaction(tenant):
        sealed = seal("key-of-alder", "checks/1")
        assert b"key-of-alder" not in sealed
        assert sealed != seal("key-of-alder", "checks/1"), "the same secret never looks the same twice"
        assert unseal(sealed, "checks/1") == "key-of-alder"
        with pytest.raises(Unusable, match="What is kept for checks/2 cannot be opened"):
            unseal(sealed, "checks/2")
        with pytest.raises(Unusable, match="enter it again"):
            unseal(sealed[:-1] + bytes([sealed[-1] ^ 1]), "checks/1")
    async with tenant_transaction("birch"):
        with pytest.raises(Unusable):
            unseal(sealed, "checks/1")


def test_outside_a_districts_transaction_nothing_is_sealed() -> None:
    with pytest.raises(ValueError, match="inside a tenant_transaction"):
        seal("key", "checks/1")
