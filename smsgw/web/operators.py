"""Who asks: a person with a token of the person's own, or whoever has the general token of [http].

Rule 1: of a person's token only the digest is known here, so a copy of the configuration opens nothing.
Rule 2: every digest is compared each time, so that the time of an answer tells nobody whose token is almost right.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from smsgw.domain.secret import Secret
from smsgw.web.problems import Problem

GENERAL: Final = ""
"""The name of whoever has the general token. It is nobody's, so no money moves by it."""

# What is shorter is guessed, and no digest shows how long its token is.
TOKEN_LENGTH_MIN: Final = 16
SCHEME: Final = "Bearer"

OPERATOR_NEEDED: Final = Problem(
    HTTPStatus.FORBIDDEN,
    "operator_needed",
    "money is moved by a person: come with a token of your own, not with that of [http]. Make one with "
    "`openssl rand -hex 16`, and have its digest (printf %s TOKEN | sha256sum) written into smsgw.toml, "
    "as token_sha256 of [operators.NAME]",
)


def digest_of(token: Secret[str]) -> str:
    """What stands in the configuration for a token."""
    return hashlib.sha256(token.reveal().encode(errors="surrogateescape")).hexdigest()


def whose(token: Secret[str], digests: Mapping[str, str]) -> str | None:
    """The name in *digests* that the token belongs to; None = it is nobody's."""
    given = digest_of(token)
    names = [name for name, digest in digests.items() if hmac.compare_digest(digest, given)]
    return names[0] if names and len(token) >= TOKEN_LENGTH_MIN else None


class Operators:
    """Everybody who may use the API."""

    def __init__(self, token: Secret[str], digests: Mapping[str, str]) -> None:
        assert token, "the API has no open door: the settings demand a token"
        self._digests = {**digests, GENERAL: digest_of(token)}

    def who(self, authorization: str) -> str | None:
        """Read the header of a request (RFC 6750, 2.1): an operator's name, GENERAL, or None for a stranger."""
        scheme, _, token = authorization.partition(" ")
        return whose(Secret(token), self._digests) if scheme == SCHEME else None
