"""Settings that cannot work are refused at once."""

from __future__ import annotations

import pytest

from simulator.app import Simulator
from simulator.settings import OperatorSettings, SimulatorSettings, SmscSettings, is_loopback
from simulator.smsc.fates import Delay, FateSettings


@pytest.mark.parametrize("name", ["window", "attempts_max", "waiting_max", "response_s", "ttl_s"])
def test_none_at_all_cannot_work(name: str) -> None:
    with pytest.raises(ValueError, match=name):
        SmscSettings(**{name: 0})  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["redelivery_delay_s", "redelivery_delay_max_s", "receipt_delay_s", "delivery_s"])
def test_no_delay_works_and_a_negative_one_does_not(name: str) -> None:
    SmscSettings(**{name: 0})  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="not negative"):
        SmscSettings(**{name: -1})  # type: ignore[arg-type]


def test_a_session_gets_the_window_and_the_patience_that_were_set() -> None:
    session = SmscSettings(window=7, response_s=3.0).session
    assert (session.window, session.response_s) == (7, 3.0)


@pytest.mark.parametrize("names", [(), ("beeline", "beeline")], ids=["none", "two_alike"])
def test_each_operator_has_a_name_of_its_own(names: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="operators: at least one, each with a name of its own"):
        SimulatorSettings(operators=tuple(OperatorSettings(name=name) for name in names))


def test_delays_do_not_shrink() -> None:
    with pytest.raises(ValueError, match="redelivery_growth"):
        SmscSettings(redelivery_growth=0.9)


def test_receipts_are_delivered_after_their_delay_unless_more_is_said() -> None:
    assert SmscSettings(receipt_delay_s=3.0).fates == FateSettings(delay=Delay(3.0))
    by_hand = FateSettings(manual=True)
    assert SmscSettings(receipts=by_hand).fates is by_hand


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),  # noqa: S104 -- nothing listens here
        ("::", False),
        ("192.168.1.5", False),
        ("smsc.example", False),
        ("", False),
    ],
)
def test_only_loopback_is_this_machine_alone(host: str, loopback: bool) -> None:  # noqa: FBT001 -- a column of the table
    assert is_loopback(host) is loopback


@pytest.mark.parametrize(
    ("host", "called"),
    [("0.0.0.0", "127.0.0.1"), ("::", "[::1]"), ("192.168.1.5", "192.168.1.5"), ("desk", "desk")],  # noqa: S104 -- nothing listens
)
def test_the_page_is_where_a_browser_can_open_it(host: str, called: str) -> None:
    settings = SimulatorSettings(http_host=host, http_token="0123456789abcdef")
    assert Simulator(settings).http_url == f"http://{called}:0"


def test_off_loopback_gateways_need_an_account_and_people_a_token() -> None:
    with pytest.raises(ValueError, match=r"192\.168\.1\.5 can be reached .*\(accounts, --user"):
        OperatorSettings(host="192.168.1.5")
    OperatorSettings(host="192.168.1.5", smsc=SmscSettings(credentials={"gateway": "secret1"}))
    with pytest.raises(ValueError, match=r"192\.168\.1\.5 can be reached .*\(--http-token-env"):
        SimulatorSettings(http_host="192.168.1.5")
    SimulatorSettings(http_host="192.168.1.5", http_token="0123456789abcdef")


@pytest.mark.parametrize("end", ["\n", " ", "é", "\x7f"])
def test_a_token_that_no_header_can_show_is_refused(end: str) -> None:
    with pytest.raises(ValueError, match="a line end, a space or what is no ASCII"):
        SimulatorSettings(http_token=f"0123456789abcdef{end}")


def test_a_short_token_is_refused_and_none_is_shown() -> None:
    with pytest.raises(ValueError, match="15 characters; 16 are the least"):
        SimulatorSettings(http_token="0123456789abcde")
    settings = SimulatorSettings(http_token="0123456789abcdef")
    assert "0123456789abcdef" not in repr(settings)
    assert "secret1" not in repr(SmscSettings(credentials={"gateway": "secret1"}))
