"""A learning curve of drawn trainings: one that rises on test, and is flat on the challenge set."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache

import numpy as np

from benchmarks.curve import SIZES, WHOLE, Cell
from src.curve.learning_curve import SplitScores, split_curve
from src.evaluation.estimates import scored
from src.models import DATING_WORDS, LearningCurve, Provenance, Split, SplitCurve, TrainConfig, TrainingMode

SEEDS = (42, 43, 44)


@cache
def drawn_curve(*, seeds: int = 3) -> LearningCurve:
    """Trainings of 120 to 1,200 pairs with so many seeds."""
    recipe = TrainConfig(name="standard", mode=TrainingMode.STANDARD)
    return LearningCurve(
        metric="auc_roc",
        recipe=recipe,
        seeds=SEEDS[:seeds],
        train_pairs=WHOLE,
        words=DATING_WORDS,
        curves=(_curve(Split.TEST, "steep line", seeds), _curve(Split.CHALLENGE, "flat", seeds)),
        provenance=Provenance(
            created_at=datetime(2026, 1, 1, tzinfo=UTC),
            duration_seconds=1,
            command="curve",
            device="cpu",
            python="3.11",
            platform="Linux",
            packages={},
            fingerprint="0" * 64,
        ),
    )


def _curve(split: Split, name: str, seeds: int) -> SplitCurve:
    rng = np.random.default_rng(1)
    points = Cell(name, seeds, 200, 0.05).draw(rng)
    trained = {
        (100 * size / WHOLE, seed): points[number * len(SIZES) + place].scored
        for place, size in enumerate(SIZES)
        for number, seed in enumerate(SEEDS[:seeds])
    }
    sample = points[0].scored.sample
    base = scored(rng.standard_normal(sample.labels.size) + 0.3 * sample.labels, sample)
    return split_curve(
        split, SplitScores(base, trained), {100 * size / WHOLE: (size,) * seeds for size in SIZES}, (0.9,)
    )
