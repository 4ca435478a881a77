"""Pairs that differ in a word or two: found by MinHash, confirmed by the Jaccard index of words and word pairs."""

from __future__ import annotations

from functools import lru_cache
from itertools import chain, pairwise
from typing import TYPE_CHECKING

import numpy as np

from ..data.minhash import BAND_ROWS, BANDS
from ..data.normalisation import mix, words_of
from ..wording import audit as wording
from .framework import AuditFile, AuditOutcome, FilePair, repeats, rows_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from ..models import PairSet

    Rows = NDArray[np.intp]

NEAR = 0.8
NEAR_EXAMINED = 20_000
# A row is compared with at most four neighbours in its bucket, so counts are lower bounds.
MAX_NEIGHBOURS = 4


def _band_keys(file: AuditFile, band: int, rows: Rows) -> NDArray[np.uint64]:
    """Bucket of each of these pairs in one band, shape (len(rows),); a pair's signature is its sides' minimum."""
    columns = slice(band * BAND_ROWS, (band + 1) * BAND_ROWS)
    signatures = file.signatures[:, columns]
    both = np.minimum(signatures[file.table.side_1[rows]], signatures[file.table.side_2[rows]])
    keys = np.zeros(len(rows), dtype=np.uint64)
    for column in both.T:
        keys = mix(keys + column)
    return keys


def near_repeats(file: AuditFile) -> AuditOutcome:
    """Distinct rows with an earlier one whose words and word pairs have a Jaccard index of 0.8."""
    distinct = rows_of(~repeats(file.keys))
    buckets = chain.from_iterable(_neighbours(_band_keys(file, band, distinct)) for band in range(BANDS))
    candidates = ((distinct[later], distinct[earlier]) for later, earlier in buckets)
    return _examine(file, file, distinct, candidates, wording.ARE_NEAR_REPEATS)


def near_copies(split: FilePair) -> AuditOutcome:
    """Rows that are not in the source but have a pair there with a Jaccard index of 0.8."""
    source, target = split.source, split.target
    fresh, known = rows_of(~np.isin(target.keys, source.keys)), rows_of(~repeats(source.keys))
    buckets = chain.from_iterable(
        _matches(_band_keys(target, band, fresh), _band_keys(source, band, known)) for band in range(BANDS)
    )
    candidates = ((fresh[here], known[there]) for here, there in buckets)
    return _examine(target, source, fresh, candidates, wording.are_near_copies(source.role))


def _neighbours(keys: NDArray[np.uint64]) -> Iterator[tuple[Rows, Rows]]:
    """Places whose bucket holds an earlier place, and that place: the nearest, then the next, up to four."""
    order = np.argsort(keys, kind="stable")
    for step in range(1, MAX_NEIGHBOURS + 1):
        same = keys[order[step:]] == keys[order[:-step]]
        yield order[step:][same], order[:-step][same]


def _matches(keys: NDArray[np.uint64], known: NDArray[np.uint64]) -> Iterator[tuple[Rows, Rows]]:
    """Places of `keys` whose bucket holds a place of `known`, and that place: the first, then the next, up to four."""
    order = np.argsort(known, kind="stable")
    first = np.searchsorted(known, keys, sorter=order)
    for step in range(MAX_NEIGHBOURS):
        place = order[np.minimum(first + step, len(order) - 1)]
        same = (known[place] == keys) & (first + step < len(order))
        yield rows_of(same), place[same]


def _examine(
    file: AuditFile, other: AuditFile, rows: Rows, candidates: Iterable[tuple[Rows, Rows]], what: str
) -> AuditOutcome:
    """Compare up to 20,000 sampled rows with their candidates, which may share a bucket by chance."""
    if not len(rows):
        return AuditOutcome(None, wording.NOTHING_TO_COMPARE, 0)
    sampled = np.zeros(len(file.pairs), dtype=np.bool_)
    sampled[_sample(rows)] = True
    found = np.zeros_like(sampled)
    comparison = _Comparison(file.pairs, other.pairs)
    for here, there in candidates:
        wanted = np.flatnonzero(sampled[here] & ~found[here])
        wanted = wanted[np.argsort(there[wanted], kind="stable")]  # one candidate after another is read once
        for row, candidate in zip(here[wanted].tolist(), there[wanted].tolist(), strict=True):
            found[row] = comparison.are_near(row, candidate)
    n, n_found = int(np.count_nonzero(sampled)), int(np.count_nonzero(found))
    share = n_found / n
    return AuditOutcome(share, wording.near(n_found, n, share, what, NEAR), n, rows_of(found))


def _sample(rows: Rows) -> Rows:
    if len(rows) <= NEAR_EXAMINED:
        return rows
    return np.random.default_rng(0).choice(rows, NEAR_EXAMINED, replace=False)


class _Comparison:
    """Compares rows of two files; a long row that many rows are compared with is not read again for each of them."""

    def __init__(self, pairs: PairSet, others: PairSet) -> None:
        self._pairs, self._others = pairs, others
        self._shingles = lru_cache(maxsize=2)(_shingles)  # of two rows alone, because a row may be large
        self._sizes: dict[tuple[PairSet, int], int] = {}

    def are_near(self, row: int, other: int) -> bool:
        """Whether two rows have a Jaccard index of 0.8 or more."""
        sizes = self._size(self._pairs, row), self._size(self._others, other)
        if min(sizes) < NEAR * max(sizes):
            return False
        common = len(self._shingles(self._pairs, row) & self._shingles(self._others, other))
        return common >= NEAR * (sum(sizes) - common)

    def _size(self, pairs: PairSet, row: int) -> int:
        if (pairs, row) not in self._sizes:
            self._sizes[pairs, row] = len(self._shingles(pairs, row))
        return self._sizes[pairs, row]


def _shingles(pairs: PairSet, row: int) -> set[tuple[str, ...]]:
    """Words and word pairs of both texts of a row."""
    sides = [words_of(pairs.text_1[row]), words_of(pairs.text_2[row])]
    return {(word,) for words in sides for word in words} | {two for words in sides for two in pairwise(words)}
