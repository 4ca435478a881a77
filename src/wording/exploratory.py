"""Sentences about slices that nobody named beforehand."""

from __future__ import annotations

TOO_FEW_SLICES = "fewer than three slices of this column"


def looked_at(categories: int, pair_types: int, challenge_groups: int) -> str:
    """How many slices there are to look at."""
    total = categories + pair_types + challenge_groups
    return (
        f"{total:,} slices can be looked at ({categories:,} categories, {pair_types:,} pair types, "
        f"{challenge_groups:,} groups of the challenge set); the lowest and the highest of so many are "
        "extreme in part by chance."
    )


def tested(model: str, reference: str, total: int, differences: int, survive: int) -> str:
    """How many differences of a model survive."""
    return (
        f"{model}: {total:,} slices were looked at, {differences:,} are large enough for a difference to {reference}, "
        f"and {survive:,} of these survive a false discovery rate of 5 % (Benjamini-Hochberg). Each interval is "
        "of its slice alone. Drawn to the mean: empirical Bayes, because the largest of many differences is too large."
    )
