"""What a search says of its trials, and of the model that it chose."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ..models import TrialState

if TYPE_CHECKING:
    from ..models import Search

_PAIRS = "{n:,} pairs of the validation file"
_SET_ASIDE = "train pairs that were set aside"


def of_trials(found: Search) -> str:
    """Which pairs chose, how the trials ended, and what the best of many is worth."""
    file = found.validation_data
    pairs = _SET_ASIDE if file is None else _PAIRS.format(n=file.n)
    states = Counter(trial.state for trial in found.trials)
    ended = ", ".join(f"{states[state]} {state}" for state in TrialState if states[state])
    chosen = "None was chosen" if found.best is None else f"Trial {found.best + 1} was chosen"
    return (
        f"{chosen}, by Spearman on {pairs}; no test pair chose anything. {ended}. The best of several trials is too "
        "high on these pairs; the test pairs show what it is worth."
    )


def chosen_recipe(n: int) -> str:
    """How the recipe of a model was chosen.

    Args:
        n: Recipes that were tried.
    """
    return f"the recipe was chosen among {n} trials on validation."
