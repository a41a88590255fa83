"""Why a store cannot be opened, and why a transaction failed. What callers see while it is open is in the ports."""

from __future__ import annotations

from enum import Enum, auto


class StoreRefused(Exception):  # noqa: N818 -- names what the store did; the text names the file and the mend
    """The store was not opened: damaged, in use by another process, newer than this program, or out of reach."""


class StoreInUse(StoreRefused):
    """Another process has the file."""


class StoreDamaged(StoreRefused):
    """The file is damaged: no restart mends it, only a person with a copy."""


class Fault(Enum):
    """What an error of the database means for the transaction that met it."""

    CONFLICT = auto()
    """Another transaction was in the way (40001, 40P01): run it again."""
    LOST = auto()
    """The connection is gone, perhaps during COMMIT: connect, then run it again."""
    REFUSED = auto()
    """The database cannot take more now (disk full, out of reach): nothing of it stands, later may be better."""
    BROKEN = auto()
    """The storage failed (I/O error, damaged file): nothing more may be written until a restart has checked it."""

    @property
    def passing(self) -> bool:
        """True if the very same transaction may succeed now."""
        return self in (Fault.CONFLICT, Fault.LOST)


class TransactionFailed(Exception):  # noqa: N818 -- names what happened; the driver's error is chained
    """The whole transaction failed, not one statement of it. A unit of work never catches this."""

    def __init__(self, fault: Fault, why: str) -> None:
        super().__init__(why)
        self.fault = fault
