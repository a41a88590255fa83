"""Whom the house deals with: the providers that are paid, and the sources that the money comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from smsgw.ports import Provider, Source


@dataclass(frozen=True, slots=True)
class Parties:
    """Providers by their name in the catalogue, sources by the word in a payment's `source`."""

    providers: Mapping[str, Provider]
    sources: Mapping[str, Source]
