"""Refusals of the operations API: values first, RFC 9457 problem details on the wire.

Rule 1: `detail` names the thing and how to mend it; `reason` is a word for programs, which never changes.
Rule 2: nothing of a request's values is repeated in a refusal, for they may hold a password.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

PROBLEM_TYPE: Final = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Problem:
    """Why something was not done."""

    status: HTTPStatus
    reason: str
    detail: str

    def document(self) -> dict[str, object]:
        """The members of RFC 9457, 3.1, and `reason`."""
        return {
            "type": "about:blank",
            "title": self.status.phrase,
            "status": self.status.value,
            "detail": self.detail,
            "reason": self.reason,
        }


def wrong(detail: str) -> Problem:
    """A value of the request cannot be used."""
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "wrong_value", detail)


def missing(reason: str, detail: str) -> Problem:
    """There is no such thing."""
    return Problem(HTTPStatus.NOT_FOUND, reason, detail)


def conflicting(reason: str, detail: str) -> Problem:
    """It cannot be done as things stand."""
    return Problem(HTTPStatus.CONFLICT, reason, detail)
