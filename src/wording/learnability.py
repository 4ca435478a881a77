"""Whether labels can be learned: what was looked at, what was seen, and why nothing can be said."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..models import Learnability

EMBEDDINGS = "base embeddings"
CHARACTERS = "character n-grams"
NO_FOLDS = "too few components of shared texts to hold one out"
BEYOND_CHANCE = "warn where random labels give such {ranking}s too"


def too_few_of_a_label(needed: int) -> str:
    """Fewer pairs of a label than a fit and its test need."""
    return f"fewer than {needed} pairs of a label"


def seen(found: Learnability) -> str:
    """Cross-validated AUC of a comparison of both sides, and what shuffled labels gave, or why there is none."""
    if found.auc_roc is None or found.shuffled_high is None:
        return f"a comparison of {found.seen} is not decidable: {found.reason}"
    return (
        f"a comparison of {found.seen} has {{ranking}} {found.auc_roc:.3f}, shuffled labels gave up to"
        f" {found.shuffled_high:.3f}"
    )


def both(compared: Learnability, read: float | None, low: float, high: float) -> str:
    """What two simple models of the labels reach on texts that they were not fitted on.

    Args:
        compared: The one that compares both sides.
        read: AUC of the bag of words, if it has one.
        low: Random labels leave that AUC above this.
        high: Random labels leave it below this.
    """
    told = "n/a" if read is None else f"{{ranking}} {read:.3f}, random labels give {low:.3f} to {high:.3f}"
    return f"on held-out texts {seen(compared)}; a bag of words has {told}"
