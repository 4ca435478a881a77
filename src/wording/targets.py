"""Notes on the targets."""

from __future__ import annotations

from ..core.formatting import number


def out_of_reach(ceiling: float) -> str:
    """A target of Spearman above what the labels allow."""
    return f"cannot be reached: with these 0/1 labels Spearman is at most {ceiling:.3f}"


def below_ceiling(ceiling: float, auc: float) -> str:
    """A target of Spearman as the AUC that it needs."""
    return f"with these 0/1 labels Spearman is at most {ceiling:.3f}; the target needs an AUC of {auc:.3f}"


def purity(baseline: float | None, shuffled: float | None) -> str:
    """The purities that one is compared with: the baseline's, and that of shuffled labels."""
    return f"the baseline has {number(baseline)}, shuffled labels give {number(shuffled)}"
