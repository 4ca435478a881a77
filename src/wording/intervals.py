"""How intervals were made."""

from __future__ import annotations

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
_SHARED = "allows for texts that several pairs share"


def of(method: str, *, shared: bool) -> str:
    """A method of pairs of which it is known whether they share texts.

    Args:
        method: How the interval was made.
        shared: Whether it is known.
    """
    return f"{method}; {_SHARED}" if shared else method


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
