"""Days that were compared, and the files made for providers; on every database."""

from __future__ import annotations

import pytest

from smsgw.domain.money import KGS
from smsgw.domain.reconciliation import Difference, Finding, Reconciliation, Registry, Tally
from smsgw.ports import Store, WorkFailed
from smsgw.store.reconciliations import FINDINGS_MAX
from smsgw.store.rows import FOREIGN_TEXT_LENGTH_MAX
from tests.contract.store.samples import NOW_US, reconciliation, registry

DAY = "2026-11-21"
WHOLE = reconciliation(
    currency=KGS,
    statement_sha256="cd" * 32,
    matched=Tally(1, 10),
    missing=Tally(2, 20),
    extra=Tally(3, 30),
    mismatched=Tally(4, 40),
    resolved=Tally(5, 50),
    open=Tally(6, 60),
    findings=(
        Finding(Difference.MISSING, 10_000_001, "77", 500, None),
        Finding(Difference.EXTRA, None, "чужой", None, -700),
        Finding(Difference.MISMATCHED, 10_000_002, "78", 500, 501),
    ),
)


async def save(store: Store, *runs: Reconciliation) -> None:
    for each in runs:
        await store.write("", lambda tx, each=each: tx.reconciliations.save(each))  # type: ignore[misc]


async def get(store: Store, provider: str = "sarkor", day: str = DAY) -> Reconciliation | None:
    return await store.write("", lambda tx: tx.reconciliations.get(provider, day))


@pytest.mark.parametrize("made", [reconciliation(), WHOLE], ids=["nothing", "everything"])
async def test_every_field_comes_back_as_it_was_written(store: Store, made: Reconciliation) -> None:
    await save(store, made)
    assert await get(store) == made


async def test_a_later_run_takes_the_place_of_the_earlier_one(store: Store) -> None:
    others = (reconciliation(day="2026-11-20"), reconciliation(provider="comnet"))
    await save(store, reconciliation(), *others, WHOLE)
    assert await get(store) == WHOLE
    await save(store, reconciliation(run_at_us=NOW_US + 1))
    assert await get(store) == reconciliation(run_at_us=NOW_US + 1)
    assert await get(store, "sarkor", "2026-11-20") == others[0]
    assert await get(store, "comnet") == others[1]
    assert await get(store, "comnet", "2026-11-20") is None


@pytest.mark.parametrize(("found", "kept"), [(FINDINGS_MAX, FINDINGS_MAX), (FINDINGS_MAX + 1, FINDINGS_MAX)])
async def test_the_first_findings_are_kept(store: Store, found: int, kept: int) -> None:
    findings = tuple(Finding(Difference.MISSING, number, str(number), 1, None) for number in range(found))
    await save(store, reconciliation(missing=Tally(found, found), findings=findings))
    read = await get(store)
    assert read == reconciliation(missing=Tally(found, found), findings=findings[:kept])


async def test_keys_of_strangers_are_made_fit_for_both_databases(store: Store) -> None:
    hostile = [Finding(Difference.EXTRA, None, key, None, None) for key in ("a\0b\ud800", "x" * 1000)]
    await save(store, reconciliation(findings=tuple(hostile)))
    read = await get(store)
    assert read is not None
    assert [each.key for each in read.findings] == ["ab?", "x" * FOREIGN_TEXT_LENGTH_MAX]


async def test_files_are_listed_in_the_order_of_their_making(store: Store) -> None:
    files = [registry(2, name="ж.csv"), registry(10), registry(1), registry(day="2026-11-20"), registry(provider="x")]
    for each in files:
        await store.write("", lambda tx, each=each: tx.reconciliations.add_registry(each))  # type: ignore[misc]
    assert await listed(store, "sarkor", DAY) == [registry(1), registry(2, name="ж.csv"), registry(10)]
    assert await listed(store, "x", DAY) == [registry(provider="x")]
    assert await listed(store, "x", "2026-11-20") == []


async def listed(store: Store, provider: str, day: str) -> list[Registry]:
    """By both ways to read them."""
    inside = await store.write("", lambda tx: tx.reconciliations.registries(provider, day))
    assert await store.reads.registries(provider, day) == inside
    return list(inside)


async def test_a_file_that_was_made_stays_as_it_was_made(store: Store) -> None:
    await store.write("", lambda tx: tx.reconciliations.add_registry(registry()))
    with pytest.raises(WorkFailed):
        await store.write("", lambda tx: tx.reconciliations.add_registry(registry(sum_minor=1)))
    assert await listed(store, "sarkor", DAY) == [registry()]


@pytest.mark.parametrize("changes", [{"serial": 0}, {"payments": -1}, {"sum_minor": -1}])
async def test_the_schema_refuses_a_file_of_less_than_nothing(store: Store, changes: dict[str, int]) -> None:
    with pytest.raises(WorkFailed):
        await store.write("", lambda tx: tx.reconciliations.add_registry(registry(**changes)))
