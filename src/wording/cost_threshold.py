"""Why costs ask for no threshold, and on which pairs thresholds were fitted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..core.formatting import interval
from ..models import FittedOn

if TYPE_CHECKING:
    from collections.abc import Collection

    from ..models import Calibration

_NOTHING_TO_FIT = "the pairs have one label or one cosine only"
_FALLS = "a higher cosine makes label 1 less likely"
_HOLDS_0 = "the slope is not shown to differ from 0"


def why_none(calibration: Calibration) -> str:
    """Why a calibration gives no threshold."""
    low, high = calibration.slope_low, calibration.slope_high
    if low is None and high is None:
        return _NOTHING_TO_FIT
    limits = interval(low, high)
    reason = _FALLS if high is not None and high < 0 else _HOLDS_0
    return f"{reason}: slope {limits}" if limits else reason


def fitted_on(where: FittedOn, *, own: bool) -> str:
    """On which pairs the threshold of a model was fitted.

    Args:
        where: As the calibration says.
        own: Whether the model was trained on the train pairs.
    """
    if where is FittedOn.VALIDATION:
        return "validation pairs"
    return "its own train pairs" if own else "train pairs"


def operating_fitted_on(where: Collection[FittedOn]) -> str:
    """On which pairs the operating thresholds of some models were fitted.

    Args:
        where: As their evaluations say.
    """
    if FittedOn.VALIDATION not in where:
        return "its training pairs"
    return "its training pairs, or on the validation pairs where the table says so"


FITTED_ON_VALIDATION = "fitted on validation"
NOTE = (
    "A pair gets label 1 where its probability is at least c_FP / (c_FP + c_FN), by a logistic regression of "
    "the label on the cosine. The cost is the mean a pair, on the eval pairs."
)
BASE_RATE = (
    "For another share of positive pairs in use than in the data, the log-odds move by the difference of the log-odds "
    "of both shares, and the cost weighs the rates of the eval pairs by the share in use."
)
OPTIMISTIC = (
    "The train pairs are those that the model was trained on, so its threshold fits them too well; "
    "--select-on validation fits it on validation pairs."
)
