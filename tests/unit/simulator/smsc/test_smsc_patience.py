"""How long the SMSC waits: for somebody who takes a text, and for a line that is heard no more."""

from __future__ import annotations

from simulator.settings import SmscSettings
from simulator.smsc.mo import MoState, Text
from simulator.smsc.smsc import Smsc

EPOCH_S = 1.8e9


def test_a_text_that_nobody_takes_is_given_up_after_its_time() -> None:
    smsc = Smsc(SmscSettings(ttl_s=10.0), EPOCH_S)
    mo = smsc.send(Text("+998901234567", "1400", "HELP"), 0.0)
    smsc.run(9.9)
    assert (mo.state, smsc.next_due_s()) == (MoState.WAITING, 10.0)
    smsc.run(10.0)
    assert (mo.state, smsc.queue.given_up) == (MoState.GIVEN_UP, 1)


def test_a_half_open_line_stays_for_as_long_as_the_gateway_likes() -> None:
    """Nothing that we say arrives, so nothing that is missing may end it."""
    smsc = Smsc(SmscSettings(), EPOCH_S)
    silent, other = smsc.connect("127.0.0.1:1", 0.0), smsc.connect("127.0.0.1:2", 0.0)
    silent.open_half()
    for line in (silent, other):
        smsc.tick(line, 3_600.0)
    assert list(smsc.lines) == [silent]
