"""Notes on the targets."""

from __future__ import annotations

from ..core.formatting import number


def out_of_reach(ceiling: float) -> str:
    """A target of Spearman above what the labels allow."""
    return f"out of reach: 0/1 labels like these cap Spearman at {ceiling:.3f}"


def below_ceiling(ceiling: float, auc: float) -> str:
    """A target of Spearman as the AUC that it asks for."""
    return f"the ceiling with these labels is {ceiling:.3f}; the target asks for an AUC of {auc:.3f}"


def purity(baseline: float | None, shuffled: float | None) -> str:
    """The purities that one is compared with: the baseline's, and that of shuffled labels."""
    return f"the baseline has {number(baseline)}, shuffled labels give {number(shuffled)}"
