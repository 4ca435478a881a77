"""How much too high the AUC of the best checkpoint is on the pairs that chose it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ..models import CheckpointSelection, SelectOn
from .confidence import auc_standard_error

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..models import TrainingInfo

# of the AUC's errors at two checkpoints of one training; docs/statistics.md says how it was measured
CORRELATION = 0.9
DRAWS = 20_000
_BLOCK = 2_000


def checkpoint_selection(training: TrainingInfo) -> CheckpointSelection:
    """Which pairs chose the checkpoint of a training, and the expected optimism where these are the eval pairs."""
    if training.choice is not None:
        return CheckpointSelection(
            select_on=SelectOn.VALIDATION,
            from_file=training.choice.file is not None,
            n=training.choice.n,
            compared=len(training.history),
            recipes=training.config.chosen_among,
        )
    # at step 0 there is no checkpoint to choose
    aucs = [point.auc_roc for point in training.history if point.step and point.auc_roc is not None]
    n, n_positive = (training.eval_data.n, training.eval_data.n_compatible) if training.eval_data else (0, 0)
    return CheckpointSelection(
        select_on=SelectOn.TEST,
        n=n,
        compared=len(aucs),
        recipes=training.config.chosen_among,
        optimism=expected_optimism(aucs, n_positive, n - n_positive),
    )


def expected_optimism(
    aucs: Sequence[float], n_positive: int, n_negative: int, correlation: float = CORRELATION
) -> float | None:
    """Mean excess of the best of several AUCs over what that checkpoint has on other pairs.

    A parametric bootstrap: AUCs are drawn around the measured ones with Hanley & McNeil's standard errors, the best is
    taken, and the measured value of that checkpoint is subtracted.

    Args:
        aucs: AUC of each checkpoint that was compared, on the same pairs.
        n_positive: Pairs of label 1.
        n_negative: Pairs of label 0.
        correlation: Of the errors of any two of them, 0 to 1.

    Returns:
        At least 0; None without an AUC.
    """
    if len(aucs) <= 1:
        return 0.0 if aucs else None
    centre = np.array(aucs)
    error = np.array([auc_standard_error(auc, n_positive, n_negative) for auc in aucs])
    generator = np.random.default_rng(0)
    excess = 0.0
    for _ in range(DRAWS // _BLOCK):
        shared, own = generator.standard_normal((_BLOCK, 1)), generator.standard_normal((_BLOCK, len(aucs)))
        errors = error * (math.sqrt(correlation) * shared + math.sqrt(1 - correlation) * own)
        best = (centre + errors).argmax(axis=1)
        excess += float(errors[np.arange(_BLOCK), best].sum())
    return max(0.0, excess / DRAWS)
