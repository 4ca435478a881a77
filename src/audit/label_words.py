"""Label-correlated words: each word's share of label 1, tested separately on each side of the pairs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..data.formats.faults import quote
from ..data.text_table import TextTable, word_matrix
from ..wording import audit as wording
from .framework import AuditFile, AuditOutcome, repeats, rows_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Mask = NDArray[np.bool_]

MAX_NAMED = 8
MIN_WORD_PAIRS = 10
FALSE_DISCOVERY_RATE = 0.05
STRONG_CORRELATION = 0.6


@dataclass(frozen=True, eq=False)
class WordCorrelations:
    """Correlation of each word on each side with the label; every array has shape (2, V)."""

    pairs: NDArray[np.float64]  # distinct pairs with the word on that side
    compatible: NDArray[np.float64]  # their share of label 1, 0 without pairs
    z: NDArray[np.float64]  # 0 for words that were not tested
    significant: NDArray[np.bool_]  # among all tested words
    base: float  # share of label 1 of the distinct pairs

    @property
    def strength(self) -> NDArray[np.float64]:
        """Distance of each share from the base towards 0 or 1, divided by the largest possible distance."""
        apart = self.compatible - self.base
        possible = np.where(apart > 0, 1 - self.base, self.base)
        return np.divide(np.abs(apart), possible, out=np.zeros_like(apart), where=possible > 0)


def label_correlated_words(file: AuditFile) -> AuditOutcome:
    """Share of pairs with a word whose share of label 1 lies more than 60 % of the way from the file's to 0 or 1."""
    labels = file.pairs.labels
    if labels.min() == labels.max():
        return AuditOutcome(None, wording.ONE_LABEL, len(labels))
    words = word_correlations(file.table, labels, ~repeats(file.keys))
    if not words.pairs.max(initial=0) >= MIN_WORD_PAIRS:
        return AuditOutcome(None, wording.no_frequent_word(MIN_WORD_PAIRS), len(labels))
    strong = words.significant & (words.strength > STRONG_CORRELATION)
    matrix = word_matrix(file.table)
    hold = [matrix @ strong[side].astype(np.float32) > 0 for side in (0, 1)]
    mask = hold[0][file.table.side_1] | hold[1][file.table.side_2]
    tested = int(np.count_nonzero(words.pairs >= MIN_WORD_PAIRS))
    held, correlated = float(mask.mean()), int(words.significant.sum())
    observed = wording.words(correlated, tested, int(strong.sum()), held, _strongest(file.table, words))
    return AuditOutcome(held, observed, len(labels), rows_of(mask))


def _strongest(table: TextTable, words: WordCorrelations) -> str:
    order = np.argsort(-np.abs(np.where(words.significant, words.z, 0)), axis=None, kind="stable")[:MAX_NAMED]
    sides, places = np.unravel_index(order, words.z.shape)
    shown = [
        wording.word(
            side + 1,
            quote(table.words[place]),
            words.compatible[side, place],
            words.pairs[side, place],
            words.z[side, place],
        )
        for side, place in zip(sides, places, strict=True)
        if words.significant[side, place]
    ]
    return wording.strongest(shown)


def word_correlations(table: TextTable, labels: NDArray[np.int8], counted: Mask) -> WordCorrelations:
    """z-score of each word's share of label 1 (Gardner et al. 2021), with Benjamini-Hochberg control at 5 %.

    Args:
        table: Texts of the N pairs.
        labels: 0 or 1, shape (N,), both present.
        counted: Pairs to count, shape (N,). Leave out repeated pairs, which would inflate the z-scores.
    """
    from scipy.special import erfc  # noqa: PLC0415 - keeps `--help` fast
    from scipy.stats import false_discovery_control  # noqa: PLC0415 - the same

    matrix = word_matrix(table)
    base = float(labels[counted].mean())
    kept = [(side[counted], side[counted & (labels == 1)]) for side in (table.side_1, table.side_2)]
    counts = [[matrix.T @ np.bincount(side, minlength=matrix.shape[0]) for side in sides] for sides in kept]
    pairs, ones = np.array(counts, dtype=np.float64).transpose(1, 0, 2)
    share = np.divide(ones, pairs, out=np.zeros_like(ones), where=pairs > 0)
    tested = (pairs >= MIN_WORD_PAIRS) & (0 < base < 1)
    spread = np.sqrt(base * (1 - base) / np.maximum(pairs, 1))
    z = np.divide(share - base, spread, out=np.zeros_like(share), where=tested)
    significant = np.zeros_like(tested)
    p_values = erfc(np.abs(z[tested]) / np.sqrt(2))
    significant[tested] = false_discovery_control(p_values) <= FALSE_DISCOVERY_RATE
    return WordCorrelations(pairs, share, z, significant, base)
