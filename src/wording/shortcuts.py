"""Findings about labels that a shallow baseline predicts: why it matters and what to do."""

from __future__ import annotations

from typing import NamedTuple

from ..core.formatting import interval, plain_name


class ShortcutText(NamedTuple):
    """The words for one shortcut."""

    why: str
    action: str


ONE_SIDE = ShortcutText(
    why="{relation} cannot be seen in one text alone: its wording predicts the label",
    action="use each text in {positive} and in {negative} pairs",
)
BAG_OF_WORDS = ShortcutText(
    why="single words predict the label, so that nothing has to be compared",
    action="add pairs with the words that the audit names and the other label",
)
CHARACTERS = ShortcutText(
    why="words, signs or endings predict the label, so that nothing has to be compared",
    action="look for signs that stand with one label; add pairs with these signs and the other label",
)
LEXICAL_OVERLAP = ShortcutText(
    why="shared words predict the label: a keyword search does as well",
    action="add {negative} pairs that share words and {positive} pairs that share none",
)
NEGATION_AGREEMENT = ShortcutText(
    why="the label follows from whether both texts or neither hold a negation",
    action="add {positive} pairs with one negation and {negative} pairs with two or none",
)
LENGTH = ShortcutText(
    why="the length of the texts predicts the label", action="give the pairs of both labels the same lengths"
)
CATEGORY = ShortcutText(why="the category predicts the label", action="balance the labels within each category")
TEXT_FREQUENCY = ShortcutText(
    why="how often train uses a text predicts the label", action="use each text equally often with both labels"
)


def title(baseline: str) -> str:
    """Name of the finding about a baseline such as `bag_of_words`."""
    return f"eval: label predicted from {plain_name(baseline)}"


def observed(auc: float, low: float | None, high: float | None) -> str:
    """AUC of a baseline, with its interval if it has one."""
    return f"{{ranking}} {auc:.3f} {interval(low, high)} on eval, fitted on train".replace("  ", " ")


def limit(note_above: float, warn_above: float) -> str:
    """The AUCs above which the finding is a note and a warning."""
    return (
        f"note above {{ranking}} {note_above:.2f}; warn above {{ranking}} {warn_above:.2f}; both with an interval "
        "above 0.5"
    )
