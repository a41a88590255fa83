"""No secret stays anywhere: canaries through a whole run at the loudest log level, then a search of all that is left.

Each canary is looked for as it is, turned round, as hexadecimal digits, as base64 in each of its three cuts, in the two
octets a character that SMPP calls UCS-2 (in both orders), and in packed septets (3GPP TS 23.038) from any bit on.
Searched are the database, its WAL and a backup of it, the log at its loudest, every page and answer of the HTTP side,
a link that is followed, a recording of the simulator, and the stacks of all threads.
"""

from __future__ import annotations

import asyncio
import base64
import faulthandler
import io
import re
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

import aiohttp
import pytest

from simulator.app import Simulator
from simulator.billing.provider import BillingSetup
from simulator.settings import SimulatorSettings, SmscSettings
from simulator.smsc.mo import Text
from simulator.tapes.following import Door
from simulator.tapes.masking import Masks
from simulator.tapes.record import LineRecorder
from smsgw.app import opened
from smsgw.commands.run import _died
from smsgw.domain.secret import Secret
from smsgw.log import configure, get_logger
from smsgw.service.desk import Desk
from smsgw.settings.load import load
from smsgw.smpp.text import Alphabet
from smsgw.store.copies import back_up
from smsgw.web.operators import digest_of
from tests.integration.gateway import (
    ANNA,
    BORIS,
    SECRETS,
    SHORT_CODE,
    WAIT_S,
    Gateway,
    code_in,
    write_configuration,
    wrong,
)
from tests.integration.running_link import until
from tests.ports import free_port

PASSWORD: Final = "Canary4Pw"
LONG_PASSWORD: Final = "KenarLongPw77"
MASTER: Final = "c0ffee11" * 8
TOKEN: Final = "canary-token-of-the-api"
SMPP_PASSWORD: Final = "cnrySmpp"
PROVIDER_SECRET: Final = "canary-provider-secret"
OPERATOR_TOKEN: Final = "canary-token-of-aziza"
# Of nobody: Uzcard's first digits, with a right check digit.
CARD: Final = "8600490744313347"


def forms(canary: str) -> Iterator[bytes]:
    """Everything that a canary may be disguised as."""
    plain = canary.encode()
    yield from (packed(canary, bit) for bit in range(8))
    for octets in (plain, plain[::-1], canary.encode("utf-16-be"), canary.encode("utf-16-le")):
        yield octets
        yield octets.hex().encode()
        yield octets.hex().upper().encode()
        for cut in range(3):
            # Without the characters that also hold bits of the neighbours.
            yield base64.b64encode(bytes(cut) + octets)[4 if cut else 0 : -4]


def packed(canary: str, bit: int) -> bytes:
    """The septets of a canary as they lie in octets when *bit* bits stand before them, whole octets only."""
    bits = sum(ord(letter) << (bit + 7 * place) for place, letter in enumerate(canary))
    length = bit + 7 * len(canary)
    return bits.to_bytes(-(-length // 8), "little")[int(bit > 0) : length // 8]


def found(canaries: Mapping[str, str], haystacks: Mapping[str, bytes]) -> list[str]:
    return [
        f"{name} in {place} as {form!r}"
        for place, octets in haystacks.items()
        for name, canary in canaries.items()
        for form in forms(canary)
        if form in octets
    ]


def shows_code(octets: bytes, codes: list[str]) -> bool:
    """True if one of the codes stands alone; six digits behind a point are the fraction of a second."""
    plain = any(re.search(rb"(?<![0-9.])" + code.encode() + rb"(?![0-9])", octets) for code in codes)
    return plain or any(form in octets for code in codes for form in disguised(code))


def disguised(code: str) -> Iterator[bytes]:
    """The forms of a code that are long enough not to turn up by chance."""
    for octets in (code.encode("utf-16-be"), code.encode("utf-16-le")):
        yield octets
        yield octets.hex().encode()
    yield base64.b64encode(code.encode())


def left_behind(folder: Path) -> dict[str, bytes]:
    """The database and whatever lies beside it; not the configuration, which is where secrets belong."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name.startswith("smsgw.sqlite")}


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """All that is logged from now on; loggers keep their first stream, so each module gets a new one for this test."""
    stream = io.StringIO()
    configure("debug", stream)
    for name, module in list(sys.modules.items()):
        if name.startswith("smsgw.") and hasattr(module, "log"):
            monkeypatch.setattr(module, "log", get_logger(name))
    yield stream
    configure("debug", io.StringIO())


@pytest.mark.parametrize("form", range(len(list(forms("canary")))))
def test_the_search_finds_what_is_there(form: int) -> None:
    octets = b"..." + list(forms(PASSWORD))[form] + b"..."
    assert found({"password": PASSWORD}, {"a file": octets})


@pytest.mark.parametrize("bit", range(8))
def test_packed_septets_are_found_wherever_they_begin(bit: int) -> None:
    """`hello` is E8 32 9B FD 06 in every book."""
    assert packed("hello", 0) == bytes.fromhex("e8329bfd")
    text = "." * bit + PASSWORD + "..."
    septets = sum(ord(letter) << (7 * place) for place, letter in enumerate(text)).to_bytes(30, "little")
    assert found({"password": PASSWORD}, {"a PDU": septets})


@pytest.mark.proves("I23", "A86", "A87", "A90")
async def test_no_secret_stays_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: io.StringIO) -> None:
    heard, codes = await whole_run(tmp_path, monkeypatch)
    logged = said.getvalue().encode()
    assert b"mo.taken" in logged, "nothing was searched"
    assert b"Traceback" in logged, "no failure was provoked"
    canaries = {
        "password": PASSWORD,
        "password of a long text": LONG_PASSWORD,
        "master key": MASTER,
        "token": TOKEN,
        "SMPP password": SMPP_PASSWORD,
        "provider's secret": PROVIDER_SECRET,
        "operator's token": OPERATOR_TOKEN,
        "card number": CARD,
    }
    places = {"the log": logged, **heard, **left_behind(tmp_path)}
    assert {"the followed link", "the tape", "all stacks", "smsgw.sqlite", "smsgw.sqlite.copy"} <= places.keys()
    traces = found(canaries, places) + [f"a code in {name}" for name in places if shows_code(places[name], codes)]
    assert not traces, "\n".join(traces)
    assert ANNA[1:].encode() not in logged, "a number of a person is not masked"


@pytest.mark.proves("A87")
def test_a_bug_that_ends_the_process_names_no_secret(said: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last line of a process has its traceback: frames, no values, though the frames have seen all secrets."""
    monkeypatch.setattr("smsgw.commands.run.log", get_logger("smsgw.commands.run"))
    secrets = {"password": PASSWORD, "master key": MASTER, "token": TOKEN}

    def fails(*seen: str) -> None:
        raise ExceptionGroup("unhandled errors in a TaskGroup", [RuntimeError("a bug"), ValueError(len(seen))])

    try:
        fails(*secrets.values())
    except ExceptionGroup as error:
        _died(type(error), error, error.__traceback__)
    assert "fails" in said.getvalue()
    assert not found(secrets, {"the last line": said.getvalue().encode()})


async def whole_run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[dict[str, bytes], list[str]]:
    """A run with everything that touches a secret; what its HTTP side said, and the codes that were texted."""
    smsc = SmscSettings(credentials={"smsgw": SMPP_PASSWORD}, receipt_delay_s=0.01, redelivery_delay_s=0.05)
    billing = BillingSetup(name="sarkor", protocol="sarkor", login="smsgw", password=PROVIDER_SECRET)
    async with Simulator(SimulatorSettings.single(smsc, providers=(billing,))) as simulator:
        path = write_configuration(folder, simulator, api_port=(port := free_port()))
        (folder / "master.key").write_text(MASTER)
        (folder / "api.token").write_text(TOKEN)
        with path.open("a") as file:
            file.write(f'[operators.aziza]\ntoken_sha256 = "{digest_of(Secret(OPERATOR_TOKEN))}"\n')
        secrets = SECRETS | {"SIMULATOR_PASSWORD": SMPP_PASSWORD, "SARKOR_SECRET": PROVIDER_SECRET}
        configuration = load(path, secrets)
        async with opened(configuration) as app, aiohttp.ClientSession(f"http://127.0.0.1:{port}") as http:
            gateway = Gateway(app, simulator, configuration)
            running = asyncio.ensure_future(app.run(gateway.stop))
            try:
                async with bystanders(http, simulator.http_url) as overheard:
                    codes = await texts(gateway, http, monkeypatch)
                heard = await everything_said(http, gateway) | overheard
                heard["all stacks"] = stacks(folder)
                back_up(gateway.file, folder / "smsgw.sqlite.copy", lambda *_: None)
                assert not found({"part": LONG_PASSWORD}, left_behind(folder)), "a part that waits is not encrypted"
            finally:
                gateway.stop.set()
                await asyncio.wait_for(running, WAIT_S)
    return heard, codes


@asynccontextmanager
async def bystanders(http: aiohttp.ClientSession, simulator_url: str) -> AsyncIterator[dict[str, bytes]]:
    """Whoever follows the link and whoever records the simulator meanwhile; what they have, at the end."""
    overheard: dict[str, bytes] = {}
    tape, stop = io.StringIO(), asyncio.Event()
    headers = {"Authorization": f"Bearer {TOKEN}"}
    masks = Masks(texts=True, pseudonyms=None)
    recording = asyncio.ensure_future(LineRecorder(Door(simulator_url), tape, masks).record(stop, lambda: None))
    async with http.get("/api/v1/links/simulator/trace", headers=headers) as trace:
        yield overheard
        stop.set()
        await recording
        # The last of the run is on the tape, so it has passed the link too; silence for a moment is its end.
        lines: list[bytes] = []
        with suppress(TimeoutError):
            while line := await asyncio.wait_for(trace.content.readline(), 0.2):
                lines.append(line)
    overheard |= {"the followed link": b"".join(lines), "the tape": tape.getvalue().encode()}
    assert b"deliver_sm" in overheard["the followed link"]
    assert b'"mo"' in overheard["the tape"]


def stacks(folder: Path) -> bytes:
    """What the fault handler writes of a process that has just seen all secrets."""
    with (folder / "stacks").open("w+b") as file:
        faulthandler.dump_traceback(file, all_threads=True)
        file.seek(0)
        return file.read()


async def texts(gateway: Gateway, http: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Register over the API, pay, mistype, send half of a long text, and meet a bug."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    for number in (ANNA, BORIS):
        body = {"password": PASSWORD if number == ANNA else LONG_PASSWORD, "language": "en"}
        async with http.post(f"/api/v1/subscribers/{number}", json=body, headers=headers) as answer:
            assert answer.status == 201, await answer.text()
        body = {"number": number, "amount": "200000", "agent": "till", "key": f"first-{number}"}
        async with http.post("/api/v1/topups", json=body, headers=headers) as answer:
            assert answer.status < 300, await answer.text()
    await gateway.simulator.bound(WAIT_S)
    code = code_in(await gateway.ask(f"SARKOR*n25656*50000*{PASSWORD}"))
    await gateway.ask(wrong(code))
    assert "PAID" in (await gateway.ask(code)).text
    await gateway.ask(f"SARKOR*n25656*50000*x{PASSWORD}")
    await gateway.ask(f"SARKOR*n25656*lots*{PASSWORD}")
    for account, password in ((CARD, PASSWORD), ("n25656", CARD), (f"{CARD[:4]} {CARD[4:]}", PASSWORD)):
        await gateway.ask(f"SARKOR*{account}*50000*{password}")
    whole = f"САРКОР{' ' * 40}n25656{' ' * 40}1000 {LONG_PASSWORD}"
    other = code_in(await gateway.ask(whole, BORIS, alphabet=Alphabet.UCS2))
    await half_a_text(gateway, whole)
    await fail_once(gateway, monkeypatch, PASSWORD)
    return [code, other]


async def half_a_text(gateway: Gateway, whole: str) -> None:
    """A part that stays: the second, with the password; the first is lost on the way."""
    mo = gateway.simulator.send_mo(Text(BORIS, SHORT_CODE, whole.replace("1000", "2000"), alphabet=Alphabet.UCS2))
    assert mo.segments == 2
    gateway.simulator.smsc.queue.waiting()[""].popleft()
    await until(lambda: gateway.rows("SELECT number FROM message_parts") == [(2,)])


async def fail_once(gateway: Gateway, monkeypatch: pytest.MonkeyPatch, password: str) -> None:
    """A bug in a use case: its traceback is logged, and the text comes again."""
    take = Desk.take

    def fail(desk: Desk, tx: object, request: object) -> str:
        monkeypatch.setattr(Desk, "take", take)
        raise RuntimeError("a bug in a use case")

    monkeypatch.setattr(Desk, "take", fail)
    mo = gateway.simulator.send_mo(Text(ANNA, SHORT_CODE, f"SARKOR*n25657*1000*{password}"))
    code_in(await gateway.simulator.next_mt(ANNA, mo.id, WAIT_S))
    assert mo.attempts == 2


async def everything_said(http: aiohttp.ClientSession, gateway: Gateway) -> dict[str, bytes]:
    """All that the HTTP side tells, with the token and without."""
    number = (await gateway.payment()).number
    places = ["/healthz", "/readyz", "/metrics", "/api/v1/status", "/api/v1/payments", f"/api/v1/payments/{number}"]
    places += [f"/api/v1/subscribers/{ANNA}", "/api/v1/ledger/check", "/api/v1/links", "/api/v1/providers"]
    places += ["/api/v1/actions", "/api/v1/actions/1", "/api/v1/providers/sarkor/days"]
    heard: dict[str, bytes] = {}
    for token in ("", TOKEN, OPERATOR_TOKEN, f"{TOKEN}x"):
        headers = {"Authorization": f"Bearer {token}"}
        for place in places:
            async with http.get(place, headers=headers) as answer:
                heard[f"{place} {answer.status} {len(token)}"] = await answer.read() + repr(answer.headers).encode()
    headers = {"Authorization": f"Bearer {TOKEN}"}
    bad = {"password": PASSWORD, "unknown": PASSWORD}
    async with http.post(f"/api/v1/subscribers/{ANNA}", json=bad, headers=headers) as answer:
        heard["a refused body"] = await answer.read()
    return heard
