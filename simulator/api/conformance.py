"""What the gateways broke, over HTTP: GET /conformance · GET /conformance/rules."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from simulator.api.feed import Feed
from simulator.api.queries import takes
from simulator.conformance.judge import Judge, Violation
from simulator.conformance.rules import RULES


class ConformanceApi:
    """The handlers, and what they work on."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self.feed = Feed(judge.violations)

    def routes(self) -> list[web.RouteDef]:
        """What to mount."""
        return [web.get("/conformance", self.get_violations), web.get("/conformance/rules", self.get_rules)]

    @takes("since", "wait")
    async def get_violations(self, request: web.Request) -> web.Response:
        """List the breaches, and wait for one if there is none."""
        self._judge.look()
        page, after = await self.feed.page(request)
        breaches = {"violations": [violation_body(one) for one in page], "next": after}
        return web.json_response({**self.verdict(), "pdus": self._judge.pdus, **breaches})

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
