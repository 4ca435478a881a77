"""Why a shallow baseline has no AUC, or what is special about it."""

from __future__ import annotations

TRAIN, EVAL, CHALLENGE = "train", "eval", "the challenge set"
NO_CHALLENGE = "there is no challenge set"
SAME_SCORES = "not applicable: every pair has the same score"
NO_FOLDS = "not applicable: too few components of shared texts to hold one out"
BY_DEFINITION = "0.5 by definition"


def one_label(data: str) -> str:
    """Data whose pairs have one label, so that no AUC is defined.

    Args:
        data: `TRAIN`, `EVAL` or `CHALLENGE`.
    """
    return f"{data} has one label only"


def hashed(limit: int, sampled: int) -> str:
    """A cheaper model of the words, because train is large.

    Args:
        limit: Most train pairs of the usual model.
        sampled: Most train pairs that this one is fitted on.
    """
    return f"hashed words and SGD above {limit:,} train pairs, fitted on a sample of at most {sampled:,}"


def sampled(most: int) -> str:
    """A model of a few numbers a pair, because train is large.

    Args:
        most: Most train pairs that it is fitted on.
    """
    return f"fitted on a sample of {most:,} train pairs"
