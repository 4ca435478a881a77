"""Slices that nobody named beforehand: how many differences survive that so many were looked at.

Of twenty slices without any difference one has an interval without 0 by chance, and the largest difference is too
large. The false discovery rate of Benjamini & Hochberg (1995) allows for the first: it holds for slices that are
independent or positively dependent (Benjamini & Yekutieli 2001), as those that share pairs are. Empirical Bayes allows
for the second: each difference is drawn toward the mean of its column (DerSimonian & Laird 1986).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..models import ExploratorySlice, ExploratorySlices

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from ..models import PairedDifference, SliceDifference

    Floats = NDArray[np.float64]

RATE = 0.05
MIN_SLICES = 3  # from which on the spread of a column's true differences can be told
_Z = 1.959963984540054


def explored(columns: Mapping[str, Sequence[SliceDifference]], looked_at: int) -> ExploratorySlices:
    """The differences of one model to the base model on all exploratory slices.

    Args:
        columns: The slices of each column of the pairs.
        looked_at: How many slices reports show, those too small for a difference among them.
    """
    tested = [(column, found) for column, slices in columns.items() for found in slices if _se(found.difference) > 0]
    if not tested:
        return ExploratorySlices(looked_at=looked_at, slices=())
    from scipy.stats import false_discovery_control, norm  # noqa: PLC0415 - slow to import; not for --help

    values = np.array([found.difference.value for _, found in tested])
    errors = np.array([_se(found.difference) for _, found in tested])
    p_values = 2 * norm.sf(np.abs(values) / errors)
    q_values = false_discovery_control(p_values, method="bh")
    of_column = np.array([column for column, _ in tested])
    shrunk = np.full(len(tested), np.nan)
    for column in columns:
        rows = of_column == column
        if np.count_nonzero(rows) >= MIN_SLICES:
            shrunk[rows] = shrunken(values[rows], errors[rows])
    return ExploratorySlices(
        looked_at=looked_at,
        slices=tuple(
            ExploratorySlice(
                slice=found.slice,
                n=found.n,
                difference=found.difference,
                p_value=p,
                q_value=q,
                survives=bool(q <= RATE),
                shrunk=None if np.isnan(drawn) else drawn,
            )
            for (_, found), p, q, drawn in zip(
                tested, p_values.tolist(), q_values.tolist(), shrunk.tolist(), strict=True
            )
        ),
    )


def shrunken(values: Floats, errors: Floats) -> Floats:
    """Differences drawn toward their mean, the more so the less certain they are and the more alike they seem to be.

    The variance of the true differences is that of DerSimonian & Laird; 0 draws all of them to the mean.

    Args:
        values: (k,) estimates, k at least 2.
        errors: (k,) their standard errors, above 0.

    Returns:
        (k,) the means of their posterior distributions.
    """
    weights = errors**-2
    mean = weights @ values / weights.sum()
    excess = weights @ (values - mean) ** 2 - (values.size - 1)
    between = max(0.0, float(excess / (weights.sum() - (weights @ weights) / weights.sum())))
    weights = 1 / (errors**2 + between)
    mean = weights @ values / weights.sum()
    result: Floats = mean + between / (errors**2 + between) * (values - mean)
    return result


def _se(found: PairedDifference) -> float:
    """The standard error that belongs to the side of the interval where 0 lies; 0 without an interval."""
    if found.value is None or found.low is None or found.high is None:
        return 0.0
    return (found.value - found.low if found.value > 0 else found.high - found.value) / _Z
