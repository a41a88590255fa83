"""The server's side of Sarkor's protocol: JSON in a POST, credentials in the body."""

from __future__ import annotations

from aiohttp import web

from simulator.api.payloads import read_json
from simulator.api.problems import ProblemError
from simulator.billing.book import Asked, Book, Judgement, Result

COMMANDS = {30: "check", 10: "pay"}


class SarkorServer:
    """Reads requests and writes answers. Sums are whole soums on the wire."""

    path = "/payment/"
    base = ""

    def __init__(self, login: str, password: str, _book: Book) -> None:
        self._credentials = (login, password)

    async def read(self, request: web.Request) -> Asked | web.Response:
        """The request, or the answer to one that cannot be understood."""
        try:
            fields = await read_json(request)
            credentials = (fields["paysys_login"], fields["paysys_pass"])
            command = COMMANDS[fields["operation"]]
            amount, reference = (fields["amount"], fields["trans_id"]) if command == "pay" else (0, 0)
            account = fields["client_id"]
        except (ProblemError, KeyError, TypeError):
            return _json(-2, "bad request")
        if credentials != self._credentials:
            return _json(-3, "access denied")
        if not (isinstance(account, str) and type(amount) is int and type(reference) is int):
            return _json(-2, "bad request")
        return Asked(command, reference, account, amount * 100)

    def answer(self, asked: Asked, judgement: Judgement) -> web.Response:
        """The answer to a judged request."""
        if judgement.result is Result.OK:
            return _json(1, str(judgement.receipt) if asked.command == "pay" else "ok")
        return _json(0, judgement.result.name.lower().replace("_", " "))

    def refusal(self, _asked: Asked, code: int) -> web.Response:
        """The answer with a status of the test's choice."""
        return _json(code, "refused")

    def wrong_echo(self, asked: Asked, judgement: Judgement) -> web.Response:
        """The protocol echoes nothing, so a good answer it stays."""
        return self.answer(asked, judgement)


def _json(status: int, message: str) -> web.Response:
    return web.json_response({"status": status, "message": message})
