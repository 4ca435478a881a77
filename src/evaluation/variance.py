"""Variance of a metric from influence values: of independent pairs, of pairs that share texts, and of clusters.

Two pairs that hold a common text may be correlated; the dyadic-robust variance allows for that (Fafchamps & Gubert
2007; Aronow, Samii & Assenova 2015). Pairs of one topic may be correlated too; the cluster-robust variance allows for
any correlation within a cluster (Liang & Zeger 1986). That of texts is never taken to be below the variance of
independent pairs: where its estimate is lower, and it may even be negative, that is noise. That of clusters is never
negative, and its intervals hold without such a floor.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ..data.text_table import text_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ..models import PairSet
    from ..wording.intervals import Related

    Floats = NDArray[np.float64]
    Booleans = NDArray[np.bool_]
    Codes = NDArray[np.int64]
    Rows = NDArray[np.intp] | NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Spread:
    """The variance of a metric and how well it is known.

    Attributes:
        variance: Of the metric, in its unit squared.
        design_effect: The variance over that of independent pairs; below 1 for some clusters alone.
        degrees: Degrees of freedom of the variance, for Student's t.
    """

    variance: float
    design_effect: float
    degrees: float


@dataclass(frozen=True, eq=False)
class _Texts:
    """The texts of N pairs: which pairs hold each, and which pairs hold the same two."""

    first: Codes  # (N,) number of the text, from 0
    second: Codes  # (N,)
    dyads: Codes  # (N,) number of the unordered pair of texts, from 0

    @classmethod
    def of(cls, texts: Codes) -> _Texts:
        """Number the texts (N, 2) and the pairs of texts anew, without gaps."""
        n_texts, coded = _numbered(texts.ravel())
        sides = coded.reshape(-1, 2)
        low, high = sides.min(axis=1), sides.max(axis=1)
        return cls(sides[:, 0], sides[:, 1], _numbered(low * n_texts + high)[1])

    @cached_property
    def uses(self) -> NDArray[np.int64]:
        """How many pairs hold each text, (T,)."""
        return self._sums(np.ones(self.first.size)).astype(np.int64)

    def variance(self, scaled: Floats) -> float:
        """Sums of squares over texts, less those over the pairs of the same two texts."""
        by_text = self._sums(scaled)
        by_dyad = np.bincount(self.dyads, np.where(self.first == self.second, 0.0, scaled))
        n_texts = by_text.size
        return n_texts / (n_texts - 1) * float(by_text @ by_text - by_dyad @ by_dyad)

    def _sums(self, values: Floats) -> Floats:
        """For each text the sum over the pairs that hold it; a pair of one text counts once."""
        n_texts = int(max(self.first.max(), self.second.max())) + 1
        second = np.where(self.first == self.second, 0.0, values)
        sums = np.bincount(self.first, values, n_texts) + np.bincount(self.second, second, n_texts)
        return sums.astype(np.float64, copy=False)


@dataclass(frozen=True, eq=False)
class _Clusters:
    """Which of N pairs belong together."""

    codes: Codes  # (N,) number of the cluster, from 0

    @cached_property
    def sizes(self) -> NDArray[np.int64]:
        """Pairs of each cluster, (G,)."""
        return np.bincount(self.codes).astype(np.int64)

    def variance(self, scaled: Floats) -> float:
        """Of the jackknife that leaves out one cluster at a time; 0 if there is only one.

        It is the sum of the squared sums over each cluster, larger for the large ones: the estimate follows these, so
        that their sums are too small (CV3, MacKinnon, Nielsen & Webb 2023).
        """
        there = self.sizes > 0
        n_clusters = int(np.count_nonzero(there))
        if n_clusters <= 1:
            return 0.0
        sums = np.bincount(self.codes, scaled)[there] / (1 - self.sizes[there] / self.codes.size)
        return (n_clusters - 1) / n_clusters * float(sums @ sums)


def _effective(counts: NDArray[np.int64]) -> float:
    """How many of equal counts would say as much: (sum)^2 / sum of squares."""
    found = counts.astype(np.float64)
    return float(found.sum() ** 2 / np.square(found).sum()) if found.size else 0.0


def _numbered(values: Codes) -> tuple[int, Codes]:
    """How many different values there are, and the number of each, from 0."""
    distinct, codes = np.unique(values, return_inverse=True)
    return distinct.size, codes.astype(np.int64)


@dataclass(frozen=True, eq=False)
class Sample:
    """The N pairs that a metric is computed on, and which of them are related.

    Attributes:
        labels: (N,) where the label is 1.
        texts: (N, 2) the texts of each pair; equal numbers stand for equal texts. None takes the pairs as independent.
        clusters: (N,) the cluster of each pair, numbered from 0, in place of its texts.
        grades: (N,) the graded labels; None where there are two labels.
        has_labels: Whether the labels were given, or cut from grades where somebody said.
    """

    labels: Booleans
    texts: Codes | None = None
    clusters: Codes | None = None
    grades: Floats | None = None
    has_labels: bool = True

    @classmethod
    def of(cls, pairs: PairSet) -> Sample:
        """The pairs of a file, with the texts that they hold, told apart by their normalised words."""
        table = text_table(pairs)
        texts = np.stack([table.side_1, table.side_2], axis=1).astype(np.int64)
        return cls(pairs.labels == 1, texts, grades=pairs.grades, has_labels=pairs.has_labels)

    def __getitem__(self, rows: Rows) -> Sample:
        """Some of the pairs, by number (M,) or by flag (N,)."""
        texts, clusters = (None if codes is None else codes[rows] for codes in (self.texts, self.clusters))
        grades = None if self.grades is None else self.grades[rows]
        return replace(self, labels=self.labels[rows], texts=texts, clusters=clusters, grades=grades)

    def clustered(self, names: Sequence[str]) -> Sample:
        """The same pairs, clustered by N names; which texts they share no longer matters."""
        number = {name: place for place, name in enumerate(dict.fromkeys(names))}
        return replace(self, texts=None, clusters=np.array([number[name] for name in names], dtype=np.int64))

    @property
    def related_by(self) -> Related:
        """What is known to relate the pairs."""
        return "clusters" if self.clusters is not None else "texts" if self.texts is not None else ""

    @property
    def n_positive(self) -> int:
        """Pairs of label 1."""
        return int(np.count_nonzero(self.labels))

    @property
    def n_negative(self) -> int:
        """Pairs of label 0."""
        return self.labels.size - self.n_positive

    @cached_property
    def n_texts(self) -> int:
        """Number of different texts; two a pair where they are not known."""
        return 2 * self.labels.size if self._texts is None else self._texts.uses.size

    @cached_property
    def effective_texts(self) -> float:
        """How many texts, each used equally often, would say as much: (sum of uses)^2 / sum of squared uses."""
        if self._texts is None:
            return 2.0 * self.labels.size
        return _effective(self._texts.uses)

    @cached_property
    def effective_texts_of_a_side(self) -> float:
        """The same of the texts on one side of the pairs: of the side that has fewer."""
        if self._texts is None:
            return float(self.labels.size)
        return min(_effective(np.bincount(side)) for side in (self._texts.first, self._texts.second))

    @cached_property
    def n_clusters(self) -> int:
        """Number of clusters; as many as pairs where they are not known."""
        return self.labels.size if self._clusters is None else int(np.count_nonzero(self._clusters.sizes))

    @cached_property
    def effective_clusters(self) -> float:
        """How many clusters of equal size would say as much: (sum of sizes)^2 / sum of squared sizes."""
        return float(self.labels.size) if self._clusters is None else _effective(self._clusters.sizes)

    def spread(self, influence: Floats, *, by_label: bool = True) -> Spread:
        """Variance of a metric from its influence values (N,).

        Args:
            influence: Of each pair.
            by_label: Whether the metric is made of two labels, each with an error of its own.
        """
        n = influence.size
        scaled = influence * (self._correction if by_label else math.sqrt(n / max(1, n - 1)))
        squares = np.square(scaled)
        independent = float(squares.sum())
        variance = independent
        if self._texts is not None:
            variance = max(variance, self._texts.variance(scaled))
        if self._clusters is not None:
            variance = self._clusters.variance(scaled)
        units, effective = (
            (2 * self.labels.size, self.effective_texts)
            if self._clusters is None
            else (self.labels.size, self.effective_clusters)
        )
        return Spread(
            variance=variance,
            # without any spread, as many too few as if every use of a text, or every pair of a cluster, said the same
            design_effect=variance / independent if independent else units / effective,
            degrees=max(1.0, min(effective - 1, self._satterthwaite(squares) if by_label else n - 1)),
        )

    def _satterthwaite(self, squares: Floats) -> float:
        """Degrees of freedom of a sum of two variances, one of each label (Welch 1947)."""
        positive, negative = float(squares[self.labels].sum()), float(squares[~self.labels].sum())
        below = positive**2 / max(1, self.n_positive - 1) + negative**2 / max(1, self.n_negative - 1)
        return (positive + negative) ** 2 / below if below else np.inf

    @cached_property
    def _texts(self) -> _Texts | None:
        return None if self.texts is None else _Texts.of(self.texts)

    @cached_property
    def _clusters(self) -> _Clusters | None:
        return None if self.clusters is None else _Clusters(self.clusters)

    @cached_property
    def _correction(self) -> Floats:
        """(N,) turns a mean of squares into an unbiased variance, label by label."""
        one, other = (np.sqrt(n / max(1, n - 1)) for n in (self.n_positive, self.n_negative))
        correction: Floats = np.where(self.labels, one, other)
        return correction
