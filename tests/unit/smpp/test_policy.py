"""What a refusal of a text leads to."""

from __future__ import annotations

import pytest

from smsgw.smpp.constants import Status
from smsgw.smpp.policy import OTHERWISE, WAIT_S_MAX, Reaction, Then, reaction_to


@pytest.mark.parametrize(
    ("status", "then"),
    [
        (Status.ESME_RTHROTTLED, Then.PAUSE),
        (Status.ESME_RMSGQFUL, Then.LATER),
        (Status.ESME_RSYSERR, Then.LATER),
        (Status.ESME_RX_T_APPN, Then.LATER),
        (Status.ESME_RSUBMITFAIL, Then.LATER),
        (Status.ESME_RDELIVERYFAILURE, Then.LATER),
        (Status.ESME_RINVDSTADR, Then.FAIL),
        (Status.ESME_RX_P_APPN, Then.FAIL),
        (0x4FF, Then.FAIL),
    ],
)
def test_a_status_usually_means(status: int, then: Then) -> None:
    assert reaction_to(status, {}).then is then


def test_a_link_knows_its_smsc_better() -> None:
    own = {0x4FF: Reaction(Then.PAUSE, 30.0), Status.ESME_RTHROTTLED: Reaction(Then.FAIL)}

    assert reaction_to(0x4FF, own) == Reaction(Then.PAUSE, 30.0)
    assert reaction_to(Status.ESME_RTHROTTLED, own) == OTHERWISE
    assert reaction_to(Status.ESME_RMSGQFUL, own).then is Then.LATER


@pytest.mark.parametrize(
    ("then", "wait_s"),
    [(Then.FAIL, 1.0), (Then.PAUSE, 0.0), (Then.LATER, -1.0), (Then.LATER, WAIT_S_MAX + 1), (Then.PAUSE, float("nan"))],
)
def test_a_row_whose_seconds_do_not_fit_is_refused(then: Then, wait_s: float) -> None:
    with pytest.raises(ValueError, match="wait_s"):
        Reaction(then, wait_s)
