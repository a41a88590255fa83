"""Days that were compared with a provider's statement, and the files made for it, in a transaction.

A day that is compared again replaces what came of it before; a file that was made stays for ever.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from smsgw.domain.money import CURRENCIES
from smsgw.domain.reconciliation import Difference, Finding, Reconciliation, Registry, Tally
from smsgw.store.rows import foreign, from_json, to_json
from smsgw.store.sql import ZERO, Row, Statement, given, number, words
from smsgw.store.tables import TALLIES, reconciliations, registries
from smsgw.store.unit import Part

# Whoever reads them mends the cause of the first; a day that is wrong as a whole may have a hundred thousand.
FINDINGS_MAX: Final = 1000

_R, _G = reconciliations.c, registries.c
_DAY = (_R.provider == words("provider"), _R.day == words("day"))
_FIRST_TALLY: Final = list(_R.keys()).index(f"{TALLIES[0]}_payments")

_first_run = insert(reconciliations).values(given(reconciliations))
SAVE: Final = Statement(
    _first_run.on_conflict_do_update(
        index_elements=["provider", "day"],
        set_={column.name: column for column in _first_run.excluded if not column.primary_key},
    )
)
GET: Final = Statement(select(reconciliations).where(*_DAY))

_latest = select(reconciliations).order_by(_R.day.desc(), _R.provider).limit(number("limit")).offset(ZERO)
LATEST: Final = Statement(_latest)
LATEST_OF_PROVIDER: Final = Statement(_latest.where(_R.provider == words("provider")))

ADD_REGISTRY: Final = Statement(insert(registries).values(given(registries)))
REGISTRIES: Final = Statement(
    select(registries).where(_G.provider == words("provider"), _G.day == words("day")).order_by(_G.serial)
)


class SqlReconciliations(Part):
    """Implements ports.Reconciliations."""

    __slots__ = ()

    def save(self, reconciliation: Reconciliation) -> None:
        """Write what came of a run, in place of what came of an earlier one of that day."""
        self._unit.run(SAVE, row_of_reconciliation(reconciliation))

    def get(self, provider: str, day: str) -> Reconciliation | None:
        """What came of the latest run for a day."""
        row = self._unit.row(GET, {"provider": provider, "day": day})
        return None if row is None else reconciliation_of(row)

    def add_registry(self, registry: Registry) -> None:
        """Write down a file that was made."""
        self._unit.run(ADD_REGISTRY, row_of_registry(registry))

    def registries(self, provider: str, day: str) -> Sequence[Registry]:
        """The files of a day, in the order of their making."""
        return [registry_of(row) for row in self._unit.rows(REGISTRIES, {"provider": provider, "day": day})]


def row_of_reconciliation(reconciliation: Reconciliation) -> dict[str, Any]:
    """The columns of a reconciliation; of its findings the first `FINDINGS_MAX`."""
    tallies: dict[str, Tally] = {name: getattr(reconciliation, name) for name in TALLIES}
    return {
        "provider": reconciliation.provider,
        "day": reconciliation.day,
        "currency": reconciliation.currency.code,
        "run_at_us": reconciliation.run_at_us,
        "statement_sha256": reconciliation.statement_sha256,
        **{f"{name}_{part}": value for name, tally in tallies.items() for part, value in tally._asdict().items()},
        "findings": to_json([each._replace(key=foreign(each.key)) for each in reconciliation.findings[:FINDINGS_MAX]]),
    }


def reconciliation_of(row: Row) -> Reconciliation:
    """A reconciliation from a whole row."""
    counted = iter(row[_FIRST_TALLY:])
    return Reconciliation(
        provider=row[0],
        day=row[1],
        currency=CURRENCIES[row[2]],
        run_at_us=row[3],
        statement_sha256=row[4],
        **{name: Tally(next(counted), next(counted)) for name in TALLIES},
        findings=tuple(Finding(Difference(difference), *rest) for difference, *rest in from_json(row[-1])),
    )


def row_of_registry(registry: Registry) -> dict[str, Any]:
    """The columns of a registry."""
    return asdict(registry)


def registry_of(row: Row) -> Registry:
    """A registry from a whole row."""
    return Registry(**dict(zip(_G.keys(), row, strict=True)))
