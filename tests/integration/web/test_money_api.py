"""Money over HTTP: two people at two desks, and whoever else comes along."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from smsgw.domain.calls import Capabilities, Unknown
from smsgw.domain.statement import Statement
from smsgw.service.reconcile import NotReconciled
from smsgw.web import money as module
from smsgw.web.facade import Facade
from smsgw.web.runs import RUNS_MAX
from smsgw.web.server import application
from tests.back_office import AZIZA_TOKEN, DAY, money_of, paid
from tests.house import ANNA, House
from tests.integration.web.conftest import AZIZA, BEARER, BOBUR, TOKEN, Http

API = "/api/v1"
WHY = {"reason": "the subscriber called"}
ADJUST = {"number": ANNA, "amount": "500", "into": True, "key": "case-17", **WHY}


async def asked(client: Http, url: str, body: Any = None, **options: Any) -> tuple[int, dict[str, Any]]:
    """GET, or POST with a body; the status and the document."""
    method = "GET" if body is None else "POST"
    async with client.request(method, f"{API}{url}", json=body, **options) as response:
        return response.status, await response.json(content_type=None)


@pytest.mark.proves("A83")
async def test_one_asks_and_another_one_decides(client: Http, house: House) -> None:
    number = await paid(house, amount="200000")
    by_house = {**WHY, "by_house": True}
    status, action = await asked(client, f"/payments/{number}/refund", by_house, headers=AZIZA)
    assert (status, action["state"], action["asked_by"]) == (HTTPStatus.OK, "proposed", "aziza")
    url = f"/actions/{action['id']}"
    assert (await asked(client, f"{url}/approve", {}, headers=AZIZA))[1]["reason"] == "same_person"
    async with client.post(f"{API}{url}/approve", headers=BOBUR) as response:
        assert (await response.json())["state"] == "done"
    assert (await asked(client, f"{url}/approve", {}, headers=BOBUR))[1]["state"] == "done"
    assert (await asked(client, f"{url}/reject", WHY, headers=BOBUR))[1]["reason"] == "decided"
    (shown,) = (await asked(client, f"/payments/{number}"))[1]["actions"]
    assert (shown["id"], shown["decided_by"]) == (action["id"], "bobur")
    assert await house.available() == "1000000"


async def test_a_parked_payment_is_resolved_and_a_wallet_corrected(client: Http, house: House) -> None:
    number = await paid(house, pay=Unknown("time-out"))
    assert (await asked(client, f"/payments/{number}/resolve", {"paid": False, **WHY}, headers=AZIZA))[0] == 200
    house.clock.passes(1)
    body = {key: value for key, value in ADJUST.items() if key != "key"}
    key = {"Idempotency-Key": "2026-11-21/17"}
    status, action = await asked(client, "/adjustments", body, headers={**AZIZA, **key})
    assert (status, action["id"]) == (HTTPStatus.OK, "adjust:2026-11-21/17")
    assert (await asked(client, "/actions/adjust:2026-11-21%2F17"))[1]["subject"] == ANNA
    assert [each["id"] for each in (await asked(client, "/actions?state=done&limit=1"))[1]["actions"]] == [action["id"]]
    assert await house.available() == "1000500"


async def test_a_rejected_action_says_why(client: Http, house: House) -> None:
    number = await paid(house, amount="200000")
    action = (await asked(client, f"/payments/{number}/refund", {**WHY, "by_house": True}, headers=AZIZA))[1]
    status, rejected = await asked(client, f"/actions/{action['id']}/reject", {"reason": "no"}, headers=BOBUR)
    assert (status, rejected["state"], rejected["note"]) == (HTTPStatus.OK, "rejected", "no")


@pytest.mark.proves("A82")
@pytest.mark.parametrize(
    ("token", "status", "reason"),
    [
        (TOKEN, HTTPStatus.FORBIDDEN, "operator_needed"),
        (AZIZA_TOKEN[:-1] + "2", HTTPStatus.UNAUTHORIZED, "unauthorized"),
        ("", HTTPStatus.UNAUTHORIZED, "unauthorized"),
    ],
)
@pytest.mark.parametrize(
    ("url", "body"),
    [
        ("/payments/NUMBER/refund", WHY),
        ("/payments/NUMBER/resolve", {"paid": True, **WHY}),
        ("/payments/NUMBER/taken-back", WHY),
        ("/adjustments", ADJUST),
        (f"/providers/sarkor/days/{DAY}/close", WHY),
        ("/actions/refund:NUMBER:1/approve", {}),
        ("/actions/refund:NUMBER:1/reject", WHY),
    ],
)
async def test_money_is_moved_by_a_person_only(
    client: Http, house: House, token: str, status: int, reason: str, url: str, body: Any
) -> None:
    number = await paid(house)
    before = await house.available()
    headers = {"Authorization": f"Bearer {token}"}
    answered, problem = await asked(client, url.replace("NUMBER", number), body, headers=headers)
    assert (answered, problem["reason"]) == (status, reason)
    assert await house.available() == before


async def test_an_operator_may_do_everything_else_too(client: Http) -> None:
    assert (await asked(client, "/status", headers=BOBUR))[0] == HTTPStatus.OK


@pytest.mark.parametrize(
    ("url", "body", "reason"),
    [
        ("/payments/NUMBER/refund", {**WHY, "state": "done"}, "unknown_key"),
        ("/payments/NUMBER/refund", {**WHY, "asked_by": "bobur"}, "unknown_key"),
        ("/payments/NUMBER/refund", {**WHY, "by_house": "true"}, "wrong_value"),
        ("/payments/NUMBER/refund", {}, "wrong_value"),
        ("/payments/NUMBER/refund", {"reason": "x" * 201}, "wrong_value"),
        ("/payments/NUMBER/refund", {"reason": "x" * 60_000}, "wrong_value"),
        ("/payments/NUMBER/refund", {"reason": "a\u0000b"}, "wrong_value"),
        ("/payments/NUMBER/refund", {"reason": "a\u001b[31mb"}, "wrong_value"),
        ("/payments/NUMBER/refund", {"reason": ["x"]}, "wrong_value"),
        ("/payments/NUMBER/resolve", {"paid": 1, **WHY}, "wrong_value"),
        ("/payments/NUMBER/resolve", WHY, "wrong_value"),
        ("/payments/NUMBER/taken-back", {}, "wrong_value"),
        ("/payments/NUMBER/taken-back", WHY, "not_now"),
        ("/payments/NUMBER/resolve", {"paid": True, **WHY}, "not_now"),
        ("/payments/NUMBER%2F1/refund", WHY, "wrong_value"),
        ("/payments/%00/refund", WHY, "wrong_value"),
        ("/adjustments", {**ADJUST, "amount": 500}, "wrong_value"),
        ("/adjustments", {**ADJUST, "amount": "1e9"}, "wrong_value"),
        ("/adjustments", {**ADJUST, "amount": "-5"}, "wrong_value"),
        ("/adjustments", {**ADJUST, "amount": "NaN"}, "wrong_value"),
        ("/adjustments", {**ADJUST, "key": ""}, "wrong_value"),
        ("/adjustments", {**ADJUST, "number": "901234567"}, "wrong_value"),
        ("/adjustments", {**ADJUST, "kind": "refund"}, "unknown_key"),
        ("/actions/refund:NUMBER:1/approve", {"state": "done"}, "unknown_key"),
        ("/actions/refund:NUMBER:1/approve", {}, "no_action"),
        ("/actions/..%2F..%2Fpayments/approve", {}, "no_action"),
        ("/actions/%1b%5B2J/approve", {}, "no_action"),
        ("/actions/refund%3ANUMBER%3A1/reject", {}, "wrong_value"),
        ("/providers/sarkor/days/20261118/close", WHY, "wrong_value"),
        (f"/providers/sarkor/days/{DAY}/close", WHY, "not_now"),
        (f"/providers/nobody/days/{DAY}/close", WHY, "no_provider"),
    ],
)
async def test_what_cannot_be_is_refused_and_moves_nothing(
    client: Http, house: House, url: str, body: Any, reason: str
) -> None:
    number = await paid(house)
    before = await house.available()
    status, problem = await asked(client, url.replace("NUMBER", number), body, headers=AZIZA)
    assert (problem["status"], problem["reason"]) == (status, reason)
    assert 400 <= status < 500
    assert await house.available() == before
    assert await house.store.reads.actions(None, 5) == []


@pytest.mark.parametrize(
    "url",
    [
        "/actions?state=gone",
        "/actions?limit=0",
        "/actions?limit=x",
        f"/actions?limit={'9' * 5000}",
        "/actions?by=aziza",
        "/providers/sarkor/days?limit=-1",
        "/providers/sarkor/days?state=done",
        "/providers/sarkor/days/yesterday",
    ],
)
async def test_a_question_that_nobody_understands_is_refused(client: Http, url: str) -> None:
    status, problem = await asked(client, url)
    assert (status, problem["reason"]) == (HTTPStatus.UNPROCESSABLE_ENTITY, "wrong_value")


async def test_a_day_is_reconciled_by_a_program_and_closed_by_a_person(client: Http, house: House) -> None:
    await paid(house, Capabilities(statement=True))
    house.clock.passes(24 * 3600)
    house.providers["sarkor"].statements.append(Statement((), "ab" * 32))
    status, report = await asked(client, f"/providers/sarkor/days/{DAY}/reconcile", {})
    assert (status, report["equal"], report["missing"]["payments"]) == (HTTPStatus.OK, False, 1)
    assert (await asked(client, f"/providers/sarkor/days/{DAY}"))[1]["report"] == report
    assert (await asked(client, "/providers/sarkor/days?limit=1"))[1]["days"][0]["equal"] is False
    closed = (await asked(client, f"/providers/sarkor/days/{DAY}/close", WHY, headers=AZIZA))[1]
    assert (closed["kind"], closed["state"], closed["amount"]["amount"]) == ("close_day", "proposed", "50000.00")


async def test_a_day_that_cannot_be_compared_is_a_conflict(client: Http) -> None:
    status, problem = await asked(client, f"/providers/sarkor/days/{DAY}/reconcile", {})
    assert (status, problem["reason"]) == (HTTPStatus.CONFLICT, "not_reconciled")


class Slow:
    """A run that ends when it is let."""

    def __init__(self) -> None:
        self.go_on = asyncio.Event()

    async def run(self, *_: str) -> NotReconciled:
        await self.go_on.wait()
        return NotReconciled("HTTP 502")


async def test_a_run_that_takes_longer_is_accepted_and_too_many_are_not(
    facade: Facade, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PATIENCE_S", 0.001)
    slow = Slow()
    object.__setattr__(facade, "money", money_of(house, slow.run))
    days = [f"{API}/providers/sarkor/days/2026-11-{day:02d}" for day in range(1, RUNS_MAX + 2)]
    async with TestClient(TestServer(application(facade)), headers=BEARER) as client, facade.money.runs as runs:
        begun = [await client.post(f"{day}/reconcile") for day in days]
        assert [each.status for each in begun] == [HTTPStatus.ACCEPTED] * RUNS_MAX + [HTTPStatus.SERVICE_UNAVAILABLE]
        assert (await begun[0].json(), begun[-1].headers["Retry-After"]) == ({"state": "running"}, "60")
        assert (await (await client.get(days[0])).json())["running"] is True
        slow.go_on.set()
        await runs.wait("sarkor", "2026-11-01", 5.0)
        shown = await (await client.get(days[0])).json()
        assert (shown["running"], shown["failure"], shown["report"]) == (False, "HTTP 502", None)
