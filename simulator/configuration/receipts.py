"""What becomes of messages, as a table of the file and as a body of the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from simulator.configuration.problems import problems_of
from simulator.smsc.fates import NO_RECEIPT, Delay, FateSettings, Shape
from smsgw.smpp.constants import MessageState

STATES: Final = (*MessageState.__members__, NO_RECEIPT)


def _delay(value: object) -> Delay:
    shape, numbers = (Shape.FIXED.value, [value]) if not isinstance(value, Mapping) else _shaped(value)
    if not all(isinstance(one, int | float) and not isinstance(one, bool) for one in numbers):
        raise ValueError(_DELAYS)
    if shape not in list(Shape) or len(numbers) != (1 if shape == Shape.FIXED else 2):
        raise ValueError(_DELAYS)
    first, second = [*map(float, numbers), 0.0][:2]
    return Delay(first, second, Shape(shape))


_DELAYS: Final = 'seconds are needed, or {"uniform": [shortest, longest]}, or {"normal": [middle, deviation]}'


def _shaped(value: Mapping[Any, Any]) -> tuple[Any, list[Any]]:
    if len(value) != 1:
        raise ValueError(_DELAYS)
    ((shape, numbers),) = value.items()
    return shape, numbers if isinstance(numbers, list) else [numbers]


def _weights(value: object) -> object:
    if not isinstance(value, Mapping):
        return value
    weights = {_name(key): weight for key, weight in value.items()}
    if any(isinstance(one, bool) or not isinstance(one, int | float) or not 0 <= one < 1e9 for one in weights.values()):
        raise ValueError("a weight is a number, not negative")
    if sum(weights.values()) <= 0:
        raise ValueError("one weight at least is above 0")
    return {name: float(weight) for name, weight in weights.items()}


def _states(value: object) -> object:
    if not isinstance(value, list):
        return value
    names = [_name(one) for one in value]
    if NO_RECEIPT in names:
        raise ValueError(f"{NO_RECEIPT} is no state on the way")
    return [MessageState[name] for name in names]


def _name(written: object) -> str:
    word = str(written)
    found = word if word == NO_RECEIPT else word.upper()
    if found not in STATES:
        raise ValueError(f"{word!r} is none of {', '.join(STATES).lower()}")
    return found


class ReceiptsSection(BaseModel):
    """`mode` manual = receipts go by hand only."""

    model_config = ConfigDict(extra="forbid", strict=True)

    mode: Literal["auto", "manual"] = "auto"
    states: Annotated[dict[str, float], BeforeValidator(_weights)] = {}
    delay_s: Annotated[Delay, BeforeValidator(_delay)] = Delay()
    intermediate: Annotated[list[MessageState], BeforeValidator(_states)] = []
    seed: int = 1

    def over(self, base: FateSettings) -> FateSettings:
        """*base*, changed by what was written."""
        written = self.model_fields_set
        return FateSettings(
            manual=self.mode == "manual" if "mode" in written else base.manual,
            states=self.states if "states" in written else base.states,
            delay=self.delay_s if "delay_s" in written else base.delay,
            intermediate=tuple(self.intermediate) if "intermediate" in written else base.intermediate,
            seed=self.seed if "seed" in written else base.seed,
        )


def read_receipts(value: object, base: FateSettings) -> FateSettings:
    """Read a body over *base*. Raises ValueError, which names every mistake."""
    try:
        return ReceiptsSection.model_validate(value).over(base)
    except ValidationError as error:
        raise ValueError("; ".join(map(str, problems_of(error, ReceiptsSection, "")))) from None
