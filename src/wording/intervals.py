"""How intervals were made."""

from __future__ import annotations

DELONG_PAIRED = "DeLong, paired"
PERFECT = "exact bound of a perfect ranking (Clopper-Pearson on disjoint pairs)"
PERFECT_BOTH = "from the exact intervals of both AUCs"
_NEAR_PERFECT = "one end from the exact bound of a perfect ranking"
# in notes below tables
DELONG = "DeLong's, near 0 and 1 no narrower than the exact bound of a perfect ranking"


def bootstrap(resamples: int, seed: int, *, usual: int, usual_up_to: int) -> str:
    """A bootstrap, which on large files has fewer resamples than usual.

    Args:
        resamples: How many there were.
        seed: Of the resamples.
        usual: How many there are up to `usual_up_to` pairs.
        usual_up_to: Number of pairs.
    """
    fewer = f" (instead of {usual:,}: more than {usual_up_to:,} pairs)" if resamples < usual else ""
    return f"percentile bootstrap, stratified by label, {resamples:,} resamples{fewer}, seed {seed}"


def pointwise(method: str) -> str:
    """A band that was made point by point."""
    return f"{method}, pointwise"


def near_perfect(method: str) -> str:
    """An interval that was made no narrower than that of a perfect ranking."""
    return f"{method}; {_NEAR_PERFECT}"
