"""How likely the best document found answers a question: a logistic regression over few measures.

Its weights lie in ``data/refusal.json``, made by ``python -m benchmarks.refusal`` from public
question sets alone.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

from app.answering.gauging import Gauge

PACKAGED = Path(__file__).resolve().parents[2] / "data" / "refusal.json"


@dataclass(frozen=True, slots=True)
class Foretelling:
    """The regression and what follows from it.

    Attributes:
        bias: Log odds where every measure is at its mean.
        weights: For each measure its mean, its spread, and what one spread adds to the log odds.
        near_below: Chance below which quotations are shown as near passages, to be confirmed.
        hopeless_below: Chance below which neither a model is asked nor anything quoted.
    """

    bias: float
    weights: Mapping[str, tuple[float, float, float]]
    near_below: float
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
        return cls(told["bias"], weights, told["near_below"], told["hopeless_below"])

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


@cache
def packaged() -> Foretelling:
    """Returns the regression that comes with the project, read once."""
    return Foretelling.read()
