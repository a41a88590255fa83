"""The whole schema as SQL; whether it is what the migrations make is tried on the databases."""

from __future__ import annotations

import pytest

from smsgw.store.schema import schema
from smsgw.store.sql import Flavour
from smsgw.store.tables import metadata


@pytest.mark.parametrize("flavour", Flavour)
def test_every_table_is_made_before_its_indexes_and_what_refers_to_it(flavour: Flavour) -> None:
    script = "\n".join(schema(flavour))
    places = [script.index(f"CREATE TABLE {table.name} (") for table in metadata.sorted_tables]
    assert places == sorted(places)
    assert script.index("CREATE TABLE subscribers") < script.index("CREATE TABLE payments")


def test_only_postgresql_has_a_sequence_and_comments() -> None:
    sqlite, postgresql = ("\n".join(schema(flavour)) for flavour in Flavour)
    assert ("CREATE SEQUENCE" in sqlite, "CREATE SEQUENCE payment_numbers" in postgresql) == (False, True)
    assert ("CREATE TABLE numbers" in sqlite, "CREATE TABLE numbers" in postgresql) == (True, False)
    assert postgresql.count("COMMENT ON TABLE") == len(metadata.tables)


@pytest.mark.parametrize("flavour", Flavour)
def test_transfers_are_guarded(flavour: Flavour) -> None:
    triggers = [each for each in schema(flavour) if each.startswith("CREATE TRIGGER transfers_no_")]
    assert len(triggers) == (2 if flavour is Flavour.SQLITE else 3)
