"""What the gateways broke, over HTTP: GET /conformance · GET /conformance/rules."""

from __future__ import annotations

from typing import Any, Final

from aiohttp import web

from simulator.api.bodies import read_cursor, read_seconds
from simulator.api.reading import read
from simulator.conformance.judge import Judge, Violation
from simulator.conformance.rules import RULES
from simulator.smsc.waiters import Waiters

VIOLATIONS_MAX: Final = 1_000
"""In one answer; whoever asks again with `next` gets those after them."""


class ConformanceApi:
    """The handlers, and what they work on."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._waiters = Waiters()
        judge.violations.watchers.append(lambda _violation: self._waiters.ring())

    def routes(self) -> list[web.RouteDef]:
        """What to mount."""
        return [web.get("/conformance", self.get_violations), web.get("/conformance/rules", self.get_rules)]

    async def close(self, _app: web.Application) -> None:
        """Send home whoever waits."""
        self._waiters.close()

    async def get_violations(self, request: web.Request) -> web.Response:
        """List the breaches, and wait for one if there is none."""
        cursor = read(read_cursor, request.query)
        wait_s = read(read_seconds, request.query, "wait", 0.0)
        judge, violations = self._judge, self._judge.violations
        judge.look()
        found = await self._waiters.until("", lambda: violations.since(cursor), wait_s)
        page = found[:VIOLATIONS_MAX]
        return web.json_response(
            {
                "verdict": judge.verdict,
                "pdus": judge.pdus,
                "counts": dict(judge.counts.most_common()),
                "violations": [violation_body(one) for one in page],
                "next": page[-1].id if page else violations.next_id - 1,
            }
        )

    def verdict(self) -> dict[str, Any]:
        """What the gateways come to, without the single breaches, ready for JSON."""
        judge = self._judge
        judge.look()
        return {
            "verdict": judge.verdict,
            "counts": dict(judge.counts.most_common()),
            "next": judge.violations.next_id - 1,
        }

    async def get_rules(self, _request: web.Request) -> web.Response:
        """List what gateways are judged by."""
        return web.json_response({"rules": [rule._asdict() for rule in RULES.values()]})


def violation_body(one: Violation) -> dict[str, Any]:
    """One breach."""
    rule = one.rule
    return {
        "id": one.id,
        "at_s": round(one.at_s, 6),
        "operator": one.operator,
        "session": one.line_id,
        "pdu": one.pdu_id or None,
        "rule": rule.name,
        "level": rule.level,
        "clause": rule.clause,
        "detail": one.detail,
        "mend": rule.mend,
    }
