"""Findings about labels that a shallow baseline predicts: why it matters and what to do."""

from __future__ import annotations

from typing import NamedTuple

from ..core.formatting import interval, plain_name


class ShortcutText(NamedTuple):
    """The words for one shortcut."""

    why: str
    action: str


ONE_SIDE = ShortcutText(
    why="whether two people fit cannot be read off one of them: the templates tell the label",
    action="let each text stand in compatible and in incompatible pairs alike",
)
BAG_OF_WORDS = ShortcutText(
    why="single words tell the label, so that nothing has to be compared",
    action="let the words that the audit names stand with the other label too",
)
LEXICAL_OVERLAP = ShortcutText(
    why="shared words tell the label: a keyword search does as well",
    action="add clashes that share words and agreements that share none",
)
NEGATION_AGREEMENT = ShortcutText(
    why="whether both sides negate something or neither does tells the label",
    action="add agreements with one negation and clashes with two or none",
)
LENGTH = ShortcutText(why="the length of the texts tells the label", action="write both labels at the same lengths")
CATEGORY = ShortcutText(why="the category tells the label", action="balance the labels within each category")
TEXT_FREQUENCY = ShortcutText(
    why="how often train uses a text tells the label", action="use each text equally often with both labels"
)


def title(baseline: str) -> str:
    """Name of the finding about a baseline such as `bag_of_words`."""
    return f"eval: label guessed from {plain_name(baseline)}"


def observed(auc: float, low: float | None, high: float | None) -> str:
    """AUC of a baseline, with its interval if it has one."""
    return f"AUC {auc:.3f} {interval(low, high)} on eval, fitted on train".replace("  ", " ")


def limit(note_above: float, warn_above: float) -> str:
    """The AUCs above which the finding is a note and a warning."""
    return f"note above AUC {note_above:.2f}; warn above AUC {warn_above:.2f}; both with an interval above 0.5"
