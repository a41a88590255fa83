"""The simulated providers as a part of a web application.

/providers                              GET: who is there, and under which path to configure it
/providers/NAME/…                       the protocols themselves, each under its own path
/providers/NAME/ledger                  GET: what was credited, and what was seen; newest=N: of the credits the last N
/providers/NAME/accounts                GET: who was credited how much, whoever was credited last first
/providers/NAME/faults                  GET what waits, POST one more, DELETE all
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict

from aiohttp import web

from simulator.api.bodies import DIGITS_MAX, is_whole
from simulator.api.payloads import read_json
from simulator.api.problems import problems
from simulator.api.queries import takes
from simulator.api.reading import read
from simulator.billing.faults import read_fault
from simulator.billing.provider import Billing, BillingSetup

MOUNTED_AT = "/providers"
# In one answer: more is not for people, and whoever wants all asks for the ledger.
ACCOUNTS_MAX = 100


def add_billing(app: web.Application, providers: Iterable[BillingSetup]) -> Mapping[str, Billing]:
    """Mount the simulated providers under /providers and return them by name."""
    billings = {setup.name: Billing(setup) for setup in providers}
    part = web.Application(middlewares=[problems])

    async def list_all(_request: web.Request) -> web.Response:
        return web.json_response([_described(billing) for billing in billings.values()])

    async def stop(_part: web.Application) -> None:
        for billing in billings.values():
            billing.stop()

    part.router.add_get("", list_all)
    for billing in billings.values():
        _add_routes(part.router, billing)
    part.on_shutdown.append(stop)
    app.add_subapp(MOUNTED_AT, part)
    return billings


def open_paths(providers: Iterable[BillingSetup]) -> frozenset[str]:
    """What the clients of the providers call, as the router names it: the protocols, not the levers."""
    # The router leaves out of a name what a variable part may look like.
    return frozenset(
        f"{MOUNTED_AT}/{one.name}" + re.sub(r"\{(\w+):[^}]*\}", r"{\1}", Billing(one).server.path) for one in providers
    )


def _described(billing: Billing) -> dict[str, str]:
    setup = billing.setup
    return {
        "name": setup.name,
        "protocol": setup.protocol,
        "path": f"{MOUNTED_AT}/{setup.name}{billing.server.base}",
    }


def _add_routes(router: web.UrlDispatcher, billing: Billing) -> None:
    @takes("newest")
    async def ledger(request: web.Request) -> web.Response:
        return web.json_response(billing.ledger(read(_newest, request)))

    async def accounts(_request: web.Request) -> web.Response:
        return web.json_response(billing.accounts(ACCOUNTS_MAX))

    async def faults(_request: web.Request) -> web.Response:
        return web.json_response([asdict(fault) for fault in billing.faults.waiting()])

    async def add_fault(request: web.Request) -> web.Response:
        fault = read(read_fault, await read_json(request))
        read(billing.faults.put, fault)
        return web.json_response(asdict(fault), status=201)

    async def clear_faults(_request: web.Request) -> web.Response:
        billing.faults.clear()
        return web.Response(status=204)

    root = f"/{billing.setup.name}"
    router.add_route("*", root + billing.server.path, billing.serve)
    router.add_get(f"{root}/ledger", ledger)
    router.add_get(f"{root}/accounts", accounts)
    router.add_get(f"{root}/faults", faults)
    router.add_post(f"{root}/faults", add_fault)
    router.add_delete(f"{root}/faults", clear_faults)


def _newest(request: web.Request) -> int:
    digits = request.query.get("newest", "0")
    if not is_whole(digits):
        raise ValueError(f"newest: {digits!r} is no number of up to {DIGITS_MAX} digits; leave it out for all credits")
    return int(digits)
