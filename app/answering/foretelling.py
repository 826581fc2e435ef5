"""How likely the best document found answers a question: a logistic regression over few measures.

Its weights lie in ``data/refusal.json``, made by ``python -m benchmarks.refusal`` from public
question sets alone.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import Enum, auto
from functools import cache
from pathlib import Path

from app.answering.gauging import Gauge

PACKAGED = Path(__file__).resolve().parents[2] / "data" / "refusal.json"


class Outlook(Enum):
    """What a chance lets expect of quotations."""

    GOOD = auto()
    NEAR = auto()  # to be confirmed by the reader
    POOR = auto()  # what comes nearest, and no answer
    NONE = auto()  # nothing worth quoting, nor asking a model for


@dataclass(frozen=True, slots=True)
class Foretelling:
    """The regression and what follows from it.

    Attributes:
        bias: Log odds where every measure is at its mean.
        weights: For each measure its mean, its spread, and what one spread adds to the log odds.
        near_below: Chance below which the outlook is near.
        refuse_below: Chance below which it is poor.
        hopeless_below: Chance below which there is none.
    """

    bias: float
    weights: Mapping[str, tuple[float, float, float]]
    near_below: float
    refuse_below: float
    hopeless_below: float

    @classmethod
    def read(cls, file: Path = PACKAGED) -> "Foretelling":
        """Returns what a file holds.

        Raises:
            ValueError: The file's measures are not those that are taken here.
        """
        told = json.loads(file.read_text(encoding="utf-8"))
        weights = {
            name: (each["mean"], each["spread"], each["weight"])
            for name, each in told["measures"].items()
        }
        if set(weights) != {field.name for field in fields(Gauge)}:
            raise ValueError(f"{file}: the measures are not those of gauging.py; make it anew")
        limits = (told[name] for name in ("near_below", "refuse_below", "hopeless_below"))
        return cls(told["bias"], weights, *limits)

    def chance(self, found: Gauge) -> float:
        """Returns the chance, 0..1, that the best document found holds the answer.

        Calibrated for questions of which half have an answer; a linear model's log odds shift by
        the logarithm of the true odds, so among questions that mostly have one it is too low.
        """
        values = found.values()
        odds = self.bias + sum(
            weight * (values[name] - mean) / spread
            for name, (mean, spread, weight) in self.weights.items()
        )
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, odds))))

    def outlook(self, found: Gauge) -> Outlook:
        """Returns what the chance lets expect."""
        chance = self.chance(found)
        if chance < self.hopeless_below:
            return Outlook.NONE
        if chance < self.refuse_below:
            return Outlook.POOR
        return Outlook.NEAR if chance < self.near_below else Outlook.GOOD


@cache
def packaged() -> Foretelling:
    """Returns the regression that comes with the project, read once."""
    return Foretelling.read()
