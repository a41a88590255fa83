"""The operations API over HTTP: a day at the contact centre."""

from http import HTTPStatus
from typing import Any

import pytest

from smsgw.service.exchanges import ProviderVitals
from smsgw.settlement.breaker import Standing
from smsgw.smpp.status import LinkHealth
from smsgw.web.vitals import LinkVitals, SessionVitals
from tests.house import ANNA, BORIS, PAY, House
from tests.integration.web.conftest import Http

ANNA_URL = "/api/v1/subscribers/%2B998901234567"
BORIS_URL = "/api/v1/subscribers/+998901234568"


async def asked(client: Http, url: str, body: Any = None, **options: Any) -> tuple[int, dict[str, Any]]:
    """GET, or POST with a body; the status and the document."""
    method = "GET" if body is None else "POST"
    async with client.request(method, url, json=body, **options) as response:
        return response.status, await response.json(content_type=None)


async def test_a_subscriber_is_added_funded_shown_blocked_and_unblocked(client: Http) -> None:
    status, added = await asked(client, BORIS_URL, {"password": "parol2", "language": "uz"})
    assert (status, added["number"], added["language"]) == (HTTPStatus.CREATED, BORIS, "uz")

    body = {"number": BORIS, "agent": "kiosk-7", "amount": "50000.00"}
    status, top_up = await asked(client, "/api/v1/topups", body, headers={"Idempotency-Key": "k1"})
    assert (status, top_up["available"]) == (HTTPStatus.OK, {"amount": "50000.00", "currency": "UZS"})

    assert (await asked(client, f"{BORIS_URL}/block", {}))[1]["blocked"] is True
    assert (await asked(client, f"{BORIS_URL}/unblock", {}))[1]["blocked"] is False
    assert (await asked(client, BORIS_URL))[1]["available"]["amount"] == "50000.00"


async def test_a_repeated_top_up_moves_nothing(client: Http, house: House) -> None:
    body = {"number": ANNA, "agent": "kiosk-7", "amount": "1", "key": "once"}
    outcomes = [(await asked(client, "/api/v1/topups", body))[1]["outcome"] for _ in range(3)]

    assert outcomes == ["done", "repeated", "repeated"]
    assert await house.available() == "1000001"


async def test_a_top_up_without_a_key_is_refused(client: Http, house: House) -> None:
    status, problem = await asked(client, "/api/v1/topups", {"number": ANNA, "agent": "a", "amount": "1"})

    assert (status, problem["reason"]) == (HTTPStatus.UNPROCESSABLE_ENTITY, "wrong_value")
    assert await house.available() == "1000000"


async def test_payments_are_listed_and_shown(client: Http, house: House) -> None:
    await house.text(PAY)
    await house.text(house.code)

    _, everybody = await asked(client, "/api/v1/payments?limit=5")
    _, of_anna = await asked(client, "/api/v1/payments?number=%2B998901234567")
    (row,) = everybody["payments"]
    _, shown = await asked(client, f"/api/v1/payments/{row['number']}")
    assert (row["subscriber"], of_anna["payments"][0]["subscriber"]) == ("+998*******67", ANNA)
    assert (shown["state"], shown["total"]["amount"]) == ("executed", "50500.00")
    assert [(text["event"], text["possibly_twice"]) for text in shown["texts"]] == [("code", False), ("receipt", False)]


async def test_the_books_and_the_state_are_told(client: Http) -> None:
    assert (await asked(client, "/api/v1/ledger/check"))[1] == {"balanced": True, "findings": []}
    assert (await asked(client, "/api/v1/ledger/days?limit=3"))[1] == {"as_closed": True, "days": []}
    status = (await asked(client, "/api/v1/status"))[1]
    assert status["links"] == {"operator": {"bound": 1}}
    assert status["waiting"]["texts"] == 2
    assert status["counts"]["payments_processing"] == 0


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("/api/v1/payments?limit=x", HTTPStatus.UNPROCESSABLE_ENTITY),
        ("/api/v1/payments?limit=0", HTTPStatus.UNPROCESSABLE_ENTITY),
        ("/api/v1/payments?state=executed", HTTPStatus.UNPROCESSABLE_ENTITY),
        ("/api/v1/payments?number=+998901234567", HTTPStatus.UNPROCESSABLE_ENTITY),
        ("/api/v1/payments/1", HTTPStatus.NOT_FOUND),
        ("/api/v1/subscribers/%2B998909999999", HTTPStatus.NOT_FOUND),
        ("/api/v1/subscribers/901234567", HTTPStatus.UNPROCESSABLE_ENTITY),
        ("/api/v1/nothing", HTTPStatus.NOT_FOUND),
        ("/api/v1/topups", HTTPStatus.METHOD_NOT_ALLOWED),
    ],
)
async def test_every_refusal_is_a_problem_document(client: Http, url: str, status: HTTPStatus) -> None:
    async with client.get(url) as response:
        problem = await response.json(content_type="application/problem+json")
    assert (response.status, problem["status"], problem["title"]) == (status, status, status.phrase)
    assert problem["detail"]


async def test_a_password_is_never_in_a_url_or_an_answer(client: Http) -> None:
    _, added = await asked(client, ANNA_URL, {"password": "canary77"})
    _, refused = await asked(client, ANNA_URL, {"password": "canary77", "is_admin": True})

    assert "canary77" not in str(added)
    assert "canary77" not in str(refused)
    assert refused["reason"] == "unknown_key"


async def test_links_are_shown_with_all_that_has_happened_to_them(client: Http, links: dict[str, LinkVitals]) -> None:
    links["operator"] = LinkVitals(
        bound=1,
        configured=2,
        health=LinkHealth.DEGRADED,
        reason="1 of 2 sessions bound: connection_lost",
        cause="connection_lost",
        since_us=1_795_262_400_000_000,
        window=10,
        sessions=(SessionVitals("bound_trx", 3, 1),),
        events={"bound": 2, "connection_lost": 1},
        pdus={("sent", "submit_sm", "ESME_ROK"): 7},
        faults={"bad_pdu": 1},
    )
    _, shown = await asked(client, "/api/v1/links")
    assert shown == {
        "links": [
            {
                "name": "operator",
                "health": "degraded",
                "state": "bound",
                "reason": "1 of 2 sessions bound: connection_lost",
                "since": "2026-11-21T12:00:00+00:00",
                "last_cause": "connection_lost",
                "bound": 1,
                "configured": 2,
                "window": 10,
                "sessions": [{"state": "bound_trx", "in_flight": 3, "unanswered": 1}],
                "events": {"bound": 2, "connection_lost": 1},
                "pdus": [{"direction": "sent", "command": "submit_sm", "status": "ESME_ROK", "count": 7}],
                "faults": {"bad_pdu": 1},
            }
        ]
    }


async def test_providers_are_shown_with_all_that_they_have_answered(
    client: Http, house: House, providers: dict[str, ProviderVitals]
) -> None:
    providers["sarkor"] = ProviderVitals(
        protocol="sarkor",
        standing=Standing.PAUSED,
        paused_until_us=1_795_262_400_000_000,
        why="TimeoutError",
        in_flight=2,
        answers={("pay", "unknown"): 5, ("check", "found"): 7},
        alarms=1,
        alarm="HTTP 401",
        alarm_at_us=1_795_262_340_000_000,
    )
    _, shown = await asked(client, "/api/v1/providers")

    assert shown == {
        "providers": [
            {
                "name": "sarkor",
                "protocol": "sarkor",
                "state": "paused",
                "paused_until": "2026-11-21T12:00:00+00:00",
                "reason": "TimeoutError",
                "in_flight": 2,
                "answers": [
                    {"verb": "check", "answer": "found", "count": 7},
                    {"verb": "pay", "answer": "unknown", "count": 5},
                ],
                "parked": 0,
                "alarms": 1,
                "last_alarm": {"why": "HTTP 401", "at": "2026-11-21T11:59:00+00:00"},
            }
        ]
    }


async def test_a_provider_that_is_well_has_neither_a_pause_nor_an_alarm(client: Http) -> None:
    (sarkor,) = (await asked(client, "/api/v1/providers"))[1]["providers"]

    assert sarkor["state"] == "ok"
    assert (sarkor["paused_until"], sarkor["reason"], sarkor["last_alarm"]) == (None, None, None)
