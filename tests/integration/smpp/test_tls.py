"""A link over TLS, and over IPv6: only the SMSC that was meant is told the password, and a refusal says why."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from simulator.app import Simulator
from simulator.settings import OperatorSettings, SimulatorSettings, SmscSettings
from simulator.smsc.mo import MoState, Text
from smsgw.domain.secret import Secret
from smsgw.domain.sms import Submitted
from smsgw.settings.links import link_settings
from smsgw.settings.sections import LinkSection
from smsgw.smpp.link_settings import LinkSettings
from tests.integration.certificates import Authority, Signed
from tests.integration.running_link import Running, running, settings, until
from tests.integration.said import Said

SMSC: Final = SmscSettings(credentials={"smsgw": "secret1"}, receipt_delay_s=0.01)


def has_ipv6() -> bool:
    """Whether this machine has ::1; some containers have IPv6 switched off."""
    with suppress(OSError), socket.create_server(("::1", 0), family=socket.AF_INET6):
        return True
    return False


OVER_IPV6: Final = pytest.mark.skipif(not has_ipv6(), reason="no ::1 on this machine (its IPv6 is off)")


@dataclass(frozen=True)
class Papers:
    """The operator's authority, another one, and the folder where all files are."""

    folder: Path
    operator: Authority
    stranger: Authority

    def link(self, port: int, host: str = "127.0.0.1", **keys: Any) -> LinkSettings:
        """A link as a configuration makes it; it trusts the operator's authority."""
        table = {"host": host, "port": port, "system_id": "smsgw", "password_env": "PASSWORD", "tls": True}
        section = LinkSection.model_validate({**table, "tls_ca_file": "operator.pem", **keys})
        return link_settings("op", section, Secret("secret1"), "1400", self.folder)


@pytest.fixture
def papers(tmp_path: Path) -> Papers:
    return Papers(tmp_path, Authority(tmp_path, "operator"), Authority(tmp_path, "stranger"))


@asynccontextmanager
async def smsc(tls: ssl.SSLContext | None, host: str = "127.0.0.1") -> AsyncIterator[Simulator]:
    async with Simulator(SimulatorSettings(operators=(OperatorSettings(host=host, tls=tls, smsc=SMSC),))) as simulator:
        yield simulator


async def works(simulator: Simulator, gateway: Running) -> None:
    """Bound, and a text goes each way."""
    await gateway.bound()
    mo = simulator.send_mo(Text("998901234567", "1400", "HELP"))
    await until(lambda: mo.state is MoState.ACKED)
    assert isinstance(await gateway.submit(), Submitted)


@pytest.mark.parametrize("host", ["127.0.0.1", pytest.param("::1", marks=OVER_IPV6), "localhost"])
async def test_a_certificate_for_the_host_is_good(papers: Papers, host: str) -> None:
    listening = "::1" if host == "::1" else "127.0.0.1"
    async with (
        smsc(papers.operator.sign("smsc").server_context(), listening) as simulator,
        running(papers.link(simulator.smpp_port, host)) as gateway,
    ):
        await works(simulator, gateway)


async def test_a_certificate_that_signed_itself_is_good_where_it_is_named(papers: Papers) -> None:
    """Many operators have no authority: `tls_ca_file` is then the SMSC's own certificate."""
    own = papers.operator.sign("smsc")
    async with (
        smsc(own.server_context()) as simulator,
        running(papers.link(simulator.smpp_port, tls_ca_file=str(papers.operator.certificate))) as gateway,
    ):
        await works(simulator, gateway)


REFUSED: Final[Mapping[str, tuple[Callable[[Papers], Signed], str]]] = {
    "wrong authority": (lambda papers: papers.stranger.sign("smsc"), "unable to get local issuer certificate"),
    "expired": (lambda papers: papers.operator.sign("smsc", valid_for=-timedelta(hours=1)), "certificate has expired"),
    "not valid yet": (lambda papers: papers.operator.sign("smsc", valid_for=timedelta(days=9)), "not yet valid"),
    "wrong address": (lambda papers: papers.operator.sign("smsc", ("10.0.0.1",)), "IP address mismatch"),
    "wrong name": (lambda papers: papers.operator.sign("smsc", ("smsc.example",)), "IP address mismatch"),
}


@pytest.mark.proves("A73")
@pytest.mark.parametrize("name", REFUSED)
async def test_a_certificate_that_is_not_good_is_no_connection(papers: Papers, said: Said, name: str) -> None:
    """Nothing is sent, not even the bind, and the log says what is wrong with it."""
    sign, reason = REFUSED[name]
    async with (
        smsc(sign(papers).server_context()) as simulator,
        running(papers.link(simulator.smpp_port)) as gateway,
    ):
        await until(lambda: len(said.fields("link.not_connected", "reason")) > 1)
        assert gateway.link.bound == 0
        assert gateway.link.pdus() == {}
        assert len(simulator.smsc.lines) == 0
    assert reason in said.fields("link.not_connected", "reason")[0]


@pytest.mark.proves("A73")
async def test_a_name_that_the_certificate_does_not_have_is_no_connection(papers: Papers, said: Said) -> None:
    signed = papers.operator.sign("smsc", ("smsc.example",))
    async with smsc(signed.server_context()) as simulator, running(papers.link(simulator.smpp_port, "localhost")):
        await until(lambda: said.fields("link.not_connected", "reason"))
    assert "Hostname mismatch" in said.fields("link.not_connected", "reason")[0]


@pytest.mark.proves("A73")
async def test_a_plain_smsc_is_told_nothing_by_a_link_with_tls(papers: Papers, said: Said) -> None:
    async with smsc(None) as simulator, running(papers.link(simulator.smpp_port)) as gateway:
        await until(lambda: said.fields("link.not_connected", "reason"))
        assert gateway.link.pdus() == {}
    assert said.fields("link.not_connected", "reason")[0]


async def test_a_plain_link_gets_nowhere_with_an_smsc_that_wants_tls(papers: Papers, said: Said) -> None:
    signed = papers.operator.sign("smsc")
    async with smsc(signed.server_context()) as simulator, running(settings(simulator.smpp_port)) as gateway:
        await until(lambda: said.fields("link.down", "reason"))
        assert gateway.link.bound == 0


async def test_an_smsc_that_asks_for_our_certificate_gets_it(papers: Papers) -> None:
    papers.operator.sign("smsgw")
    context = papers.operator.sign("smsc").server_context(clients=papers.operator.certificate)
    ours = {"tls_certificate_file": "smsgw.pem", "tls_key_file": "smsgw.key"}
    async with smsc(context) as simulator, running(papers.link(simulator.smpp_port, **ours)) as gateway:
        await works(simulator, gateway)


@contextmanager
def strict_server(context: ssl.SSLContext) -> Iterator[int]:
    """A port whose TLS says why it refuses, as most do and asyncio's does not."""

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection, suppress(OSError), context.wrap_socket(connection, server_side=True) as refused:
                refused.recv(1)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        yield int(listener.getsockname()[1])
        listener.shutdown(socket.SHUT_RDWR)
    thread.join()


@pytest.mark.parametrize(
    ("ours", "alert"),
    [
        pytest.param({}, "certificate required", id="none"),
        pytest.param(
            {"tls_certificate_file": "smsgw.pem", "tls_key_file": "smsgw.key"}, "unknown ca", id="another authority's"
        ),
    ],
)
async def test_without_the_right_certificate_of_ours_there_is_no_session_and_a_reason(
    papers: Papers, said: Said, ours: Mapping[str, str], alert: str
) -> None:
    """With TLS 1.3 the refusal comes after the connection was made: it ends the session before it is bound."""
    papers.stranger.sign("smsgw")
    context = papers.operator.sign("smsc").server_context(clients=papers.operator.certificate)
    with strict_server(context) as port:
        async with running(papers.link(port, **ours)) as gateway:
            await until(lambda: said.fields("link.down", "reason"))
            assert gateway.link.bound == 0
    assert alert in said.fields("link.down", "reason")[0].lower().replace("_", " ")


async def test_an_smsc_that_hangs_up_without_a_word_is_told_apart_from_a_lost_line(papers: Papers, said: Said) -> None:
    """Whoever is not welcome, by address or certificate, often hears nothing at all."""
    context = papers.operator.sign("smsc").server_context(clients=papers.operator.certificate)
    async with smsc(context) as simulator, running(papers.link(simulator.smpp_port)):
        await until(lambda: said.fields("link.down", "reason"))
    assert said.fields("link.down", "reason")[0] == "closed_before_bind"


@OVER_IPV6
async def test_a_link_over_ipv6_is_a_link() -> None:
    async with smsc(None, "::1") as simulator, running(settings(simulator.smpp_port, host="::1")) as gateway:
        await works(simulator, gateway)
