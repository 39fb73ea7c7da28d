"""What the report says of a training: accuracy, interval, confusion matrix, learning curve."""

from __future__ import annotations

import math
from typing import Any

from graders.checks.training import Record


def training_data(record: Record) -> dict[str, Any]:
    """A training as plain data, as `specs/report.schema.json` describes it."""
    low, high = record.measured.interval
    return {
        "way": record.way,
        "accuracy": round(record.measured.accuracy, 4),
        "n": record.measured.n,
        "interval": [round(low, 4), round(high, 4)],
        "confusion": record.measured.confusion.tolist(),
        "curve": [_number(value) for value in record.curve],
        "samples": record.samples,
        "epochs": record.epochs,
        "image_side": record.side,
        "rate_factor": record.rate_factor,
        "seed": record.seed,
        "seconds": round(record.seconds, 3),
        "complete": record.complete,
        "trials": record.trials,
    }


def _number(value: float) -> float | str:
    if math.isfinite(value):
        return round(value, 6)
    return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
