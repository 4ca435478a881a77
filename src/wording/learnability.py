"""Whether labels can be learned: what was looked at, and why nothing can be said."""

from __future__ import annotations

EMBEDDINGS = "base embeddings"
CHARACTERS = "character n-grams"
NO_FOLDS = "too few components of shared texts to hold one out"
NO_TEXT_TO_READ = "the texts are too much alike"


def too_few_of_a_label(needed: int) -> str:
    """Fewer pairs of a label than a fit and its test need."""
    return f"fewer than {needed} pairs of a label"
