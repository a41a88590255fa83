"""Scenarios over HTTP: which are ready, what is played at each operator, and what shall be.

GET /scenarios · GET, PUT, DELETE /scenario
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from aiohttp import web

from simulator.api.payloads import read_json
from simulator.api.queries import takes
from simulator.api.reading import read
from simulator.faults.playing import Report, RuleReport
from simulator.faults.scenario import NO_TROUBLE, SEED, Scenario
from simulator.faults.scenario_reading import read_scenario, ready
from simulator.smsc.network import Network
from simulator.smsc.server import SmscServer

KEYS = frozenset({"name", "toml", "seed", "operator"})


class ScenarioApi:
    """The handlers, and what they work on."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def routes(self) -> list[web.RouteDef]:
        """What to mount."""
        return [
            web.get("/scenarios", self.get_scenarios),
            web.get("/scenario", self.get_scenario),
            web.put("/scenario", self.put_scenario),
            web.delete("/scenario", self.delete_scenario),
        ]

    async def get_scenarios(self, _request: web.Request) -> web.Response:
        """List the ready ones."""
        scenarios = [
            {"name": name, "title": one.title, "description": one.description} for name, one in ready().items()
        ]
        return web.json_response({"scenarios": scenarios})

    async def get_scenario(self, _request: web.Request) -> web.Response:
        """Say what is played at each operator, and how far it is."""
        servers = self._network.servers.items()
        reports = {name: report_body(server.smsc.playing.report(server.now_s())) for name, server in servers}
        return web.json_response({"operators": reports})

    async def put_scenario(self, request: web.Request) -> web.Response:
        """Begin a scenario, at one operator or at all of them."""
        scenario, seed, servers = read(self._asked, await read_json(request))
        for server in servers:
            server.play(scenario, seed)
        return await self.get_scenario(request)

    @takes("operator")
    async def delete_scenario(self, request: web.Request) -> web.Response:
        """Be healthy again, at one operator or at all of them."""
        for server in read(self._network.chosen, request.query.get("operator")):
            server.play(NO_TROUBLE, SEED)
        return web.Response(status=HTTPStatus.NO_CONTENT)

    def _asked(self, body: object) -> tuple[Scenario, int, list[SmscServer]]:
        if not isinstance(body, Mapping) or not body.keys() <= KEYS or ("name" in body) is ("toml" in body):
            raise ValueError('an object with "name" or "toml" is needed; "seed" and "operator" may stand beside it')
        seed = body.get("seed", SEED)
        if type(seed) is not int:
            raise ValueError("seed: a whole number is needed")
        return _scenario(body), seed, self._network.chosen(body.get("operator"))


def _scenario(body: Mapping[str, Any]) -> Scenario:
    name, toml = body.get("name"), body.get("toml")
    if isinstance(toml, str):
        return read_scenario(toml, "toml")
    if not isinstance(name, str) or name not in ready():
        raise ValueError(
            "toml: a text is needed" if "toml" in body else f"name: {name!r} is none of {', '.join(ready())}"
        )
    return ready()[name]


def report_body(report: Report) -> dict[str, Any]:
    """A scenario and how it goes."""
    scenario, phase = report.scenario, None
    if report.phase is not None:
        phase = {
            "number": report.phase + 1,
            "of": len(scenario.phases),
            "name": scenario.phases[report.phase].name,
            "passed_s": round(report.phase_passed_s, 3),
            "left_s": round(report.left_s, 3) if report.left_s < math.inf else None,
        }
    return {
        "name": scenario.name,
        "title": scenario.title,
        "description": scenario.description,
        "seed": report.seed,
        "passed_s": round(report.passed_s, 3),
        "phase": phase,
        "rules": [_rule_body(each) for each in report.rules],
    }


def _rule_body(report: RuleReport) -> dict[str, Any]:
    rule, seen, hits = report
    about = {"rule": rule.label, "pdu": sorted(rule.pdus), "when": rule.when.described(), "does": rule.described()}
    return about | {"seen": seen, "hits": hits}
