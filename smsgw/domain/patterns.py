"""Regular expressions out of a configuration: read once, refused in words that who wrote the file understands."""

from __future__ import annotations

import re
import warnings


def compiled(pattern: str) -> re.Pattern[str]:
    """Read a regular expression.

    Raises:
        ValueError: it is none, it is too large or nested too deep, or a later Python will read it in another way.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return re.compile(pattern)
        except (re.error, OverflowError, RecursionError, FutureWarning, DeprecationWarning) as error:
            raise ValueError(f"{pattern!r} is no regular expression: {error}") from None
