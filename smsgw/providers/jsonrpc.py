"""JSON-RPC 2.0 as the billings of the region speak it: one request in a POST, one object back.

Rule 1: a status that says nothing of the payment (`fault_of`: 3xx, not allowed, "later", 5xx) wins over the envelope,
and an envelope that parses over any other status. A protocol's own "not let in" is believed behind 401 and 403.
Rule 2: an absent id is common and means nothing; another id than ours is about another request.
Rule 3: the id of a request is made from the payment, so that a repeat is the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

from smsgw.domain.calls import Unknown
from smsgw.providers.http import Completed
from smsgw.providers.reading import fault_of, json_object, shown, unreadable
from smsgw.providers.wire import RESULT_CODE

JSON_HEADERS: Final = {"Content-Type": "application/json; charset=UTF-8"}
# An id comes back from whatever the billing keeps numbers in: 32 bits with a sign survive everywhere.
_REQUEST_ID_MAX: Final = 2**31 - 1
# Behind these a billing itself may say that it did not let us in; 407 is of a proxy.
_LOCKED: Final = frozenset({401, 403})


@dataclass(frozen=True, slots=True)
class RpcResult:
    """The method was carried out; what it returned."""

    values: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class RpcError:
    """The method was refused. `message` and `data` are for people."""

    code: int
    message: str = ""
    data: object = field(default=None, repr=False)


def request_id_of(reference: int) -> int:
    """The id of every request about the payment with that reference: 1 to 2^31 - 1, never 0, which many take for none.

    Two payments may have the same one. An id tells the answers on one connection apart, and HTTP does that already.
    """
    return reference % _REQUEST_ID_MAX + 1


def rpc_body(method: str, params: Mapping[str, object], request_id: int) -> bytes:
    """The request, in one form: the same values are the same bytes."""
    envelope = {"jsonrpc": "2.0", "id": request_id, "method": method, "params": params}
    return json.dumps(envelope, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def rpc_answer(
    completed: Completed, request_id: int, not_let_in: Collection[int] = ()
) -> RpcResult | RpcError | Unknown:
    """Read the answer to the request with that id. Never raises, whatever the body.

    *not_let_in*: the errors of the protocol that say that nothing was carried out, as a 401 or 403 alone does not.
    """
    envelope = json_object(completed.body)
    answer = None if envelope is None else _outcome(envelope)
    code = answer.code if isinstance(answer, RpcError) else None
    fault = fault_of(completed)
    if fault is not None and not (completed.status in _LOCKED and code in not_let_in):
        return fault
    # A web server's own fault repeats the status in its body; some codes of billings look the same.
    if envelope is None or answer is None or code == completed.status:
        return unreadable(completed.status, "no JSON-RPC response")
    if not _is_ours(envelope.get("id"), request_id):
        return Unknown("the answer is about another request", alarm=True)
    return answer


def _outcome(envelope: Mapping[str, object]) -> RpcResult | RpcError | None:
    """The one of result and error that is there, null being absent as in JSON-RPC 1.0; None: both of them, or none."""
    result, error = envelope.get("result"), envelope.get("error")
    if isinstance(result, dict) and error is None:
        return RpcResult(result)
    if isinstance(error, dict) and result is None:
        code = _code(error.get("code"))
        return None if code is None else RpcError(code, _message(error.get("message")), error.get("data"))
    return None


def _code(value: object) -> int | None:
    """The code of an error: a number, in quotes at some."""
    text = str(value) if type(value) is int or isinstance(value, str) else ""
    return int(text) if RESULT_CODE.fullmatch(text) else None


def _is_ours(answered: object, request_id: int) -> bool:
    return answered is None or str(answered) == str(request_id)


def _message(value: object) -> str:
    """The text of an error: plain, or by language."""
    if isinstance(value, dict):
        value = value.get("en") or value.get("ru") or next(iter(value.values()), "")
    return shown(value) if isinstance(value, str) else ""
