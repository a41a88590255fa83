"""Bodies of requests: one JSON object with exactly the keys that the operation knows, or a problem that names the key.

Rule: nothing is guessed or converted: a number is not a text, and an unknown key is a mistake, not decoration.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from smsgw.web.problems import Problem

B = TypeVar("B", bound=BaseModel)


class Body(BaseModel):
    """The base of all bodies."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)


class NewSubscriber(Body):
    """POST /subscribers/{number}."""

    password: SecretStr
    language: str = ""
    level: str = ""


class NewLevel(Body):
    """POST /subscribers/{number}/level. `level` is one of [limits.levels]; empty for the limits of everybody."""

    level: str


class NewTopUp(Body):
    """POST /topups. `amount` is decimal text in the service's currency; `key` may come as a header instead."""

    number: str
    agent: str
    amount: str
    key: str = Field(default="")


class NewRefund(Body):
    """POST /payments/{payment}/refund. `by_house`: the provider is not asked; it is settled with later."""

    reason: str
    by_house: bool = False


class NewWord(Body):
    """POST /payments/{payment}/resolve: a person's word on a parked payment."""

    paid: bool
    reason: str


class NewAdjustment(Body):
    """POST /adjustments. `into` the wallet or out of it; `key` may come as a header instead."""

    number: str
    amount: str
    into: bool
    reason: str
    key: str = Field(default="")


class NewReason(Body):
    """Why a thing is done, where nothing else has to be said."""

    reason: str


class NewApproval(Body):
    """POST /actions/{action}/approve. Who asked has given a reason; a second one may be added."""

    reason: str = ""


def read_body(kind: type[B], octets: bytes) -> B | Problem:
    """Read a body."""
    try:
        return kind.model_validate_json(octets)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    where = ".".join(map(str, first["loc"])) or "body"
    if first["type"] == "extra_forbidden":
        keys = ", ".join(kind.model_fields)
        return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "unknown_key", f"{where}: no such key; there are {keys}")
    if first["type"] == "json_invalid":
        return Problem(HTTPStatus.BAD_REQUEST, "no_json", "the body is no JSON object")
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "wrong_value", f"{where}: {first['msg']}")
