"""Follow up: whoever was told "in processing" and has heard nothing since is told so, twice, and then people take over.

The first text goes out with the first answer that decides nothing; these go by the age of the call, whether it is still
being asked or is parked.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final, NamedTuple

from smsgw.domain.calls import CallState, Kind, ProviderCall
from smsgw.domain.changes import replace
from smsgw.domain.phones import masked
from smsgw.log import get_logger
from smsgw.ports import Store, WorkFailed
from smsgw.service.outcomes import payment_of
from smsgw.service.rules import US, Rules
from smsgw.service.texts import put_result
from smsgw.transaction import Tx

# One round; a provider that was down for everybody is worked off in a few of them.
BATCH_MAX: Final = 200

log = get_logger(__name__)


class Stage(NamedTuple):
    """The `told`-th text has gone out; the next one follows at this age."""

    told: int
    after_s: int
    event: str


STAGES: Final = (Stage(1, 15 * 60, "still_processing"), Stage(2, 24 * 3600, "processing_day"))


async def follow_up(store: Store, rules: Rules) -> int:
    """Send what is due; return how many."""
    sent = 0
    for stage in reversed(STAGES):
        calls = await store.write("", partial(_slow, stage))
        for call in calls:
            sent += await _told(store, call, partial(_tell, call, stage, rules))
    if sent:
        log.info("payments.followed_up", count=sent)
    return sent


async def _told(store: Store, call: ProviderCall, work: Callable[[Tx], bool]) -> bool:
    """One that raises must not keep the others waiting."""
    try:
        return await store.write(call.msisdn, work)
    except WorkFailed as reason:
        log.error("payment.not_followed_up", number=masked(call.msisdn), reason=repr(reason.__cause__ or reason))
        return False


def _slow(stage: Stage, tx: Tx) -> list[ProviderCall]:
    """Calls that are due for a stage, also those that have missed an earlier one: who hears late hears the latest."""
    before_us = tx.now_us - stage.after_s * US
    return [call for told in range(1, stage.told + 1) for call in tx.calls.slow(told, before_us, BATCH_MAX)]


def _tell(found: ProviderCall, stage: Stage, rules: Rules, tx: Tx) -> bool:
    """Tell the subscriber, unless the call is in somebody's hands now: what they know of it would be written over."""
    payment = payment_of(found, tx)
    call = tx.calls.get(found.payment_id, Kind.PAY)
    if (
        call is None
        or call.state is CallState.DONE
        or not 1 <= call.told <= stage.told
        or call.lease_until_us > tx.now_us
    ):
        return False
    if not tx.calls.save(replace(call, told=stage.told + 1)):
        return False
    put_result(tx, payment, rules, stage.event)
    return True
