"""The page: HTML that is whole without its script, and plain files beside it; nothing comes from outside.

GET / (?from=NUMBER&to=SHORT_CODE, repeat for more phones) · POST / (a text, for who has no script) · GET /page/FILE
"""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Final

from aiohttp import web

from simulator.api.control import ControlApi
from simulator.api.payloads import read_form
from simulator.api.problems import ProblemError
from simulator.api.queries import takes
from simulator.page.conversation import bubbles
from simulator.page.handsets import Handset, read_handsets, write_handsets
from simulator.page.render import FOLDER, Page, Phone, render
from simulator.smsc.deliveries import ANY_GATEWAY
from simulator.smsc.mo import Text
from simulator.smsc.network import Network
from simulator.smsc.smsc import QueueFullError
from smsgw.smpp.constants import Status, describe

FILES: Final = {
    path.relative_to(FOLDER).as_posix(): path for kind in ("css", "js", "svg") for path in FOLDER.rglob(f"*.{kind}")
}
COOKIE: Final = "phones"
"""Where a browser remembers its phones: a query string, as of GET /."""

PDUS_SHOWN: Final = 200
"""What the wire shows of what passed before the page was opened."""

# The page may load only what we serve and post only to us, and nobody may frame it.
POLICY: Final = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
HEADERS: Final = {"Content-Security-Policy": POLICY, "Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
STATUSES: Final = json.dumps({status.name: describe(status).partition(": ")[2] for status in Status})


class PagesApi:
    """The handlers, and what they work on. *boot* names this run of the simulator, as `/events` does."""

    def __init__(self, network: Network, control: ControlApi, boot: str) -> None:
        self._network = network
        self._control = control
        self._boot = boot

    def routes(self) -> list[web.RouteDef]:
        """What to mount."""
        return [web.get("/", self.get_page), web.post("/", self.post_text), web.get("/page/{file:.+}", self.get_file)]

    @takes("from", "to", "token")
    async def get_page(self, request: web.Request) -> web.Response:
        """Show the page."""
        return self._page(request)

    @takes("from", "to")
    async def post_text(self, request: web.Request) -> web.Response:
        """Send the text of one phone, then show the page."""
        form = await read_form(request)
        sender, recipient, text = (str(form.get(name, "")) for name in ("from", "to", "text"))
        try:
            self._network.send(Text(sender, recipient, text.replace("\r\n", "\n")))
        except QueueFullError:
            problem = "too many texts wait for a gateway; bind one, or wait until it has taken some"
        except ValueError as error:
            problem = str(error)
        else:
            raise web.HTTPSeeOther(f"/?{request.query_string}")
        return self._page(request, Phone(Handset(sender, recipient), draft=text, problem=problem))

    async def get_file(self, request: web.Request) -> web.FileResponse:
        """Serve a file of the page."""
        path = FILES.get(request.match_info["file"])
        if path is None:
            raise ProblemError(HTTPStatus.NOT_FOUND, f"{request.path}: the page has no such file")
        return web.FileResponse(path, headers=HEADERS)

    def _page(self, request: web.Request, failed: Phone | None = None) -> web.Response:
        handsets = read_handsets(request.query_string or request.cookies.get(COOKIE, ""))
        phones = [self._phone(handset) for handset in handsets]
        if failed:
            place = next((at for at, one in enumerate(handsets) if one.number == failed.handset.number), 0)
            shown = phones[place]
            phones[place] = failed._replace(operator=shown.operator, bubbles=shown.bubbles, served=shown.served)
        page = Page(
            phones=phones,
            query=write_handsets(handsets),
            operators=self._network.ports,
            sessions=self._control.sessions()["sessions"],
            marks=self._marks(),
            statuses=STATUSES,
        )
        status = HTTPStatus.BAD_REQUEST if failed else HTTPStatus.OK
        # Half a surrogate pair is no character of a page, but a draft may hold one.
        body = render(page).encode("utf-8", "replace")
        return web.Response(status=status, body=body, content_type="text/html", charset="utf-8", headers=HEADERS)

    def _marks(self) -> dict[str, str | int]:
        """The places from which the script goes on."""
        memory = self._network.memory
        pdu = max(0, memory.pdus.next_id - 1 - PDUS_SHOWN)
        return {"boot": self._boot, "entry": memory.journal.next_id - 1, "pdu": pdu}

    def _phone(self, handset: Handset) -> Phone:
        smsc = self._network.home(handset.number).smsc
        operator = smsc.name if len(self._network.servers) > 1 else ""
        said = bubbles(self._network.memory.journal.since(0), handset.number)
        return Phone(handset, operator, said, served=smsc.lines.receiving(ANY_GATEWAY))
