"""A new row is leased to its writer only if it is due."""

from __future__ import annotations

import pytest

from smsgw.store.lease import BIRTH_LEASE_US, birth_lease

NOW_US = 1_800_000_000_000_000


@pytest.mark.parametrize(
    ("due_at_us", "lease_until_us"),
    [(0, NOW_US + BIRTH_LEASE_US), (NOW_US, NOW_US + BIRTH_LEASE_US), (NOW_US + 1, 0)],
    ids=["at once", "now", "later"],
)
def test_birth_lease(due_at_us: int, lease_until_us: int) -> None:
    assert birth_lease(due_at_us, NOW_US) == lease_until_us
