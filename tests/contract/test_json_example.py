"""The example of the JSON protocol, started as an integrator would, against the adapter and the document."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import aiohttp
import pytest
from yarl import URL

from smsgw.domain.calls import Absent, Accepted, Answer, Cancelled, Found, RefusalReason, Refused, Unknown, Verb
from smsgw.domain.secret import Secret
from smsgw.domain.statement import Period, Statement, StatementLine
from smsgw.ports import Provider
from smsgw.providers.credentials import basic
from smsgw.providers.http import HttpClient
from smsgw.providers.profile import ProviderProfile
from smsgw.providers.registry import build
from tests.contract.billings import ask, order
from tests.contract.openapi import JSON_API

EXAMPLE: Final = Path(__file__).parents[2] / "docs/protocols/json_example.py"
HOUR_US: Final = 3_600_000_000
START_S: Final = 20.0  # a Python on a busy machine


@asynccontextmanager
async def running(file: Path) -> AsyncIterator[str]:
    """The example with its books in *file*; yields its address, and kills it as a power cut would."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, EXAMPLE, "0", file, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    assert process.stdout is not None
    line = await asyncio.wait_for(process.stdout.readline(), START_S)
    try:
        yield line.decode().strip()
    finally:
        process.kill()
        await process.wait()


@asynccontextmanager
async def billing(file: Path) -> AsyncIterator[Provider]:
    async with running(file) as url, HttpClient() as http:
        profile = ProviderProfile(name="example", protocol="json", url=url, login="smsgw", secret=Secret("change-me"))
        yield build(profile, http)


async def test_a_payment_from_the_question_to_the_way_back(tmp_path: Path) -> None:
    steps: list[tuple[Verb, Answer]] = [
        (Verb.CHECK, Found()),
        (Verb.STATUS, Absent()),
        (Verb.CANCEL, Absent()),
        (Verb.PAY, Accepted("p1")),
        (Verb.PAY, Accepted("p1")),
        (Verb.STATUS, Accepted("p1")),
        (Verb.CANCEL, Cancelled()),
        (Verb.CANCEL, Cancelled()),
        (Verb.PAY, Cancelled()),
    ]
    async with billing(tmp_path / "books") as example:
        for verb, answer in steps:
            assert await ask(example, verb, order()) == answer


async def test_a_payment_survives_the_power_cut_after_its_answer(tmp_path: Path) -> None:
    async with billing(tmp_path / "books") as example:
        assert await ask(example, Verb.PAY, order()) == Accepted("p1")
    async with billing(tmp_path / "books") as example:
        assert await ask(example, Verb.STATUS, order()) == Accepted("p1")
        assert await ask(example, Verb.PAY, order(), repeat=True) == Accepted("p1")
        now_us = int(datetime.now(UTC).timestamp() * 1_000_000)
        statement = await example.statement(Period(now_us - HOUR_US, now_us + HOUR_US))
        assert isinstance(statement, Statement)
        assert statement.lines == (StatementLine(900_001, "900001", 5_000_000, "p1"),)


async def test_refusals_and_what_is_no_answer(tmp_path: Path) -> None:
    """A refusal is final: it is told again to the same question, and another sum under its reference is a conflict."""
    async with billing(tmp_path / "books") as example:
        no_account, amount = (
            Refused(RefusalReason.NO_ACCOUNT, "account_not_found"),
            Refused(RefusalReason.AMOUNT, "amount_not_accepted"),
        )
        assert await ask(example, Verb.CHECK, order(account="1")) == no_account
        assert await ask(example, Verb.CHECK, order(soums=499)) == amount
        for verb in (Verb.PAY, Verb.PAY, Verb.STATUS):
            assert await ask(example, verb, order(account="1")) == no_account
        assert await ask(example, Verb.PAY, order()) == Unknown("result conflict", alarm=True)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/check", {"account": {"account": "25656"}, "amount": "50000.00", "currency": "UZS"}),
        ("POST", "/payments/1", {"account": {"account": "25656"}, "amount": "50000.00", "currency": "UZS"}),
        ("POST", "/payments/1", {"account": {"account": "1"}, "amount": "50000.00", "currency": "UZS"}),
        ("GET", "/payments/1", None),
        ("POST", "/payments/1/cancel", {"reason": "requested"}),
        ("GET", "/statement?from=2026-01-01T00:00:00.000000Z&to=9999-01-01T00:00:00.000000Z", None),
    ],
)
async def test_its_answers_are_as_the_document_says(tmp_path: Path, method: str, path: str, body: object) -> None:
    """Each twice, to an empty billing and after a payment."""
    headers = basic("smsgw", Secret("change-me"))
    async with running(tmp_path / "books") as base, aiohttp.ClientSession(headers=headers) as session:
        for _ in range(2):
            async with session.request(method, base + path, json=body) as response:
                value = json.loads(await response.text())
            found = JSON_API.operation(method, URL(path).path)
            assert found is not None
            described = JSON_API.resolved(found[0]["responses"][str(response.status)])
            assert list(JSON_API.content_faults(described, response.content_type, value)) == []
            order_of_another = {"account": {"account": "25656"}, "amount": "500.00", "currency": "UZS"}
            async with session.post(f"{base}/payments/2", json=order_of_another) as response:
                assert response.status in {200, 201}


async def test_without_the_credentials_nothing_is_told(tmp_path: Path) -> None:
    async with (
        running(tmp_path / "books") as base,
        aiohttp.ClientSession() as session,
        session.get(f"{base}/payments/1") as response,
    ):
        assert response.status == 401
