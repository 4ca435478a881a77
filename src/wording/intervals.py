"""How intervals were made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

Related = Literal["", "texts", "clusters"]

MARGIN = "Student's t with Welch's variance"
COHENS_D = "Student's t with the delta method"
AUC = "wider of DeLong's on the logit scale and Newcombe's"
AVERAGE_PRECISION = "wider of influence values on the logit scale and Wilson's"
SPEARMAN = "wider of influence values on Fisher's scale and the AUC's, converted"
CORRELATION = "influence values on Fisher's scale"
CONCORDANCE = "influence values on the logit scale"
INFLUENCE = "Student's t with influence values"
F1 = "wider of influence values on the logit scale and Wilson's"
ROC_BAND = "Wilson's, with the variance of influence values, pointwise"
# in notes below tables
IN_BRACKETS = "In brackets 95 % intervals, which allow for texts that several pairs share."
_ALLOWS: dict[Related, str] = {
    "": "",
    "texts": "; allows for texts that several pairs share",
    "clusters": "; allows for pairs of one cluster that are alike",
}


def of(method: str, related: Related) -> str:
    """A method, with what relates the pairs.

    Args:
        method: How the interval was made.
        related: What is known to relate the pairs.
    """
    return method + _ALLOWS[related]


def over_seeds(seeds: int) -> str:
    """What the interval of a recipe allows for."""
    return f"Student's t with influence values, averaged over {seeds} seeds, and the variance of the seeds"


def clustered(column: str, clusters: int, effective: float) -> str:
    """What the second intervals of a comparison allow for."""
    return (
        f"In brackets 95 % intervals that allow for pairs of one {column} that are alike, whatever the reason; not for "
        f"texts that pairs of several share. {clusters:,} clusters, which count as {effective:,.0f} of equal size."
    )


def of_auc(column: str, limits: Sequence[str]) -> str:
    """The second intervals of the AUC."""
    return f"Clustered by {column}, the intervals of AUC-ROC are: {', '.join(limits)}."


def not_clustered(column: str, reason: str) -> str:
    """Why there are no second intervals."""
    return f"No intervals are clustered by {column}: {reason.removesuffix(': no interval')}."


def counted(pairs: int, texts: int, effective: float) -> str:
    """How much the pairs say, given the texts that they share."""
    return f"{pairs:,} pairs of {texts:,} texts, which count as {effective:,.0f} texts that are used equally often."


def difference(method: str, *, plain: bool) -> str:
    """How the interval of a difference was made.

    Args:
        method: How those of both sides were made.
        plain: Whether it needed no other scale.
    """
    return f"{method}, paired" if plain else f"MOVER of both intervals ({method}), paired"
