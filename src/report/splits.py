"""The switch of a page: from which pairs charts, decisions and list are, and what is shown of the other splits."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from ..core.formatting import count
from ..models import FittedOn, Split
from ..tables.shown_pairs import ShownPairs
from ..tables.splits import SPLIT_NAMES
from ..tables.thresholds import threshold_table
from ..views.on_splits import drawn_rows
from .page_data import ShownSplit, listed_pairs, threshold_entries
from .page_shell import Choice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..views.on_splits import SplitView


def split_choices(views: Sequence[SplitView]) -> tuple[Choice, ...]:
    """The options of the switch; none where there are test pairs alone."""
    return tuple(map(_choice, views)) if len(views) > 1 else ()


def _choice(view: SplitView) -> Choice:
    n, words = count(len(view.pairs)), view.pairs.words
    about = {
        Split.TRAIN: f"{n} train pairs{_seen(view)}",
        Split.VALIDATION: f"{n} validation pairs{_chose(view)}",
        Split.TEST: f"{n} test pairs",
        Split.CHALLENGE: f"{n} pairs of the challenge set: {words.challenge}",
    }
    return Choice(view.split, SPLIT_NAMES[view.split], f"{about[view.split]}.")


def _seen(view: SplitView) -> str:
    seen = ["the trainings saw them"] if len(view.evaluations) > 1 else []
    if view.pairs.has_labels and any(one.threshold_fitted_on is FittedOn.TRAIN for one in view.evaluations):
        seen.append("the operating thresholds were fitted on them")
    return f": {', and '.join(seen)}" if seen else ""


def _chose(view: SplitView) -> str:
    fitted = any(one.threshold_fitted_on is FittedOn.VALIDATION for one in view.evaluations)
    return ": operating thresholds were fitted on them, and checkpoints chosen" if fitted else ""


def shown_splits(views: Sequence[SplitView], seed: int) -> tuple[ShownSplit, ...]:
    """The pairs of the other splits that the list holds.

    Args:
        views: The models on each split.
        seed: Of the sample of a split with many pairs.
    """
    return tuple(
        ShownSplit(view, ShownPairs(view.pairs, drawn_rows(len(view.pairs), seed), ()))
        for view in views
        if view.split is not Split.TEST
    )


def elsewhere(views: Sequence[SplitView], shown: Sequence[ShownSplit], *, redact: bool) -> dict[str, object]:
    """What the list and the slider of a page show of the other splits, as JSON holds it.

    Args:
        views: The models on each split.
        shown: The listed pairs of the other splits.
        redact: Whether the texts of the pairs are left out.
    """
    labelled = [view for view in views if view.split is not Split.TEST and view.pairs.has_labels]
    return {
        "pairs": [listed_pairs(one, redact=redact) for one in shown],
        "thresholds": {v.split.value: threshold_entries(v.evaluations, v.scores, v.pairs.labels) for v in labelled},
        "decisions": {view.split.value: asdict(threshold_table(view.evaluations)) for view in labelled},
    }
