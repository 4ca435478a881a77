"""Why a number, its interval or its check is missing."""

from __future__ import annotations

UNDEFINED = "not defined on this data"
NO_INTERVAL = "no interval"
NO_WIDTH = "the interval has no width"
NO_SPREAD = "at the end of its range, or every pair says the same: no interval"
ONE_LABEL = "one label only"
NO_THRESHOLD = "no operating threshold"
NO_CUT = "grades without --positive-at have no two labels"
NO_CLUSTER = "no cluster: all points are noise"


def too_few_of_a_label(needed: int) -> str:
    """Fewer pairs of a label than an interval needs."""
    return f"fewer than {needed} pairs of a label: no interval"


def too_few_graded(needed: int) -> str:
    """Fewer graded pairs than an interval needs."""
    return f"fewer than {needed} pairs: no interval"


def too_few_texts(needed: int, texts: int, effective: float) -> str:
    """Fewer texts than an interval needs, counted by how evenly the pairs use them."""
    return f"{texts:,} texts count as {effective:.0f}, because pairs share them; {needed} are needed: no interval"


def too_few_clusters(needed: int, clusters: int, effective: float) -> str:
    """Fewer clusters of pairs than an interval needs, counted by how equal they are in size."""
    return f"{clusters:,} clusters count as {effective:.1f} of equal size; {needed} are needed: no interval"


def heavy_tails(kurtosis: float, most: float) -> str:
    """Scores whose standard deviation a few pairs make up."""
    return (
        f"a few pairs far from the others make up the deviation (kurtosis {kurtosis:.1f}, above {most:g}): no interval"
    )


def few_shared_texts(needed: int, texts: float, pairs: float) -> str:
    """Texts of one side that many pairs share."""
    return (
        f"one side has texts that count as {texts:.0f}, each in {pairs:.0f} pairs; with so many pairs a text "
        f"{needed} are needed: no interval"
    )


def too_few(needed: int) -> str:
    """A group of fewer pairs than its metrics need."""
    return f"fewer than {needed} pairs"


def no_map(needed: int) -> str:
    """Fewer pairs than a map needs."""
    return f"fewer than {needed} pairs: no map"


def map_too_large(most: int) -> str:
    """More points than several maps are made of."""
    return f"more than {most:,} points: one map only"


def lowered_cluster_size(size: int, samples: int, points: int) -> str:
    """Settings of HDBSCAN that few points ask for."""
    return f"min_cluster_size {size} and min_samples {samples}, lowered for {points} points"


def not_applicable(why: str) -> str:
    """A check that could not be decided."""
    return f"not applicable: {why}"


def joined(*reasons: str) -> str:
    """Several reasons in one line; empty ones are left out."""
    return "; ".join(filter(None, reasons))
