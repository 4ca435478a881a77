"""Near-duplicates: pairs that at most two words tell apart, or with a Jaccard index of words and word pairs of 0.8.

The first are found exactly. The others are found by MinHash, which finds nearly all of them.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from ..data.normalisation import is_in
from ..wording import audit as wording
from .framework import AuditFile, AuditOutcome, FilePair, rows_of
from .rare_words import MAX_LEFT_OUT
from .shingles import JaccardIndex
from .word_edits import first_alike

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    Rows = NDArray[np.intp]
    Keys = NDArray[np.uint64]

NEAR = 0.8
NEAR_EXAMINED = 20_000
# A row is compared with so many others of its bucket on either side, so counts are lower bounds.
MAX_NEIGHBOURS = 16
_HALF = np.uint64(32)
_BUCKET = np.uint64(0xFFFFFFFF00000000)


def _sorting_keys(file: AuditFile, rows: Rows) -> list[Keys]:
    """For each band a key that begins with the bucket and goes on with that of the next band.

    In the order of these keys the most similar pairs of a large bucket stand together.
    """
    buckets = file.buckets[:, rows]
    return list((buckets & _BUCKET) | (np.roll(buckets, -1, axis=0) >> _HALF))


def near_repeats(file: AuditFile) -> AuditOutcome:
    """Distinct rows with an earlier near-duplicate."""
    distinct = file.distinct
    sample = _sample(distinct)
    edited = first_alike(file, sample, file, distinct) < np.arange(len(file.pairs))
    is_sampled = is_in(distinct, sample)
    neighbours = chain.from_iterable(_neighbours(keys, is_sampled) for keys in _sorting_keys(file, distinct))
    candidates = ((distinct[later], distinct[earlier]) for later, earlier in neighbours)
    return _examine(file, file, sample, candidates, edited=edited, what=wording.ARE_NEAR_REPEATS)


def near_copies(split: FilePair) -> AuditOutcome:
    """Rows that are not in the source but have a near-duplicate there."""
    source, target = split.source, split.target
    fresh, known = rows_of(~is_in(target.keys, source.keys)), source.distinct
    sample = _sample(fresh)
    edited = first_alike(target, sample, source, known) < len(source.pairs)
    matches = chain.from_iterable(map(_matches, _sorting_keys(target, sample), _sorting_keys(source, known)))
    candidates = ((sample[here], known[there]) for here, there in matches)
    return _examine(target, source, sample, candidates, edited=edited, what=wording.are_near_copies(source.role))


def _neighbours(keys: Keys, asked: NDArray[np.bool_]) -> Iterator[tuple[Rows, Rows]]:
    """Asked places beside earlier ones of their buckets: next neighbours in sorted order, then those after them."""
    order = np.argsort(keys, kind="stable")
    middle = rows_of(asked[order])
    for step in range(1, MAX_NEIGHBOURS + 1):
        for place in (middle + step, middle - step):
            inside = (place >= 0) & (place < len(order))
            here, there = order[middle], order[np.where(inside, place, 0)]
            near = inside & (there < here) & _share_bucket(keys[here], keys[there])
            yield here[near], there[near]


def _matches(keys: Keys, known: Keys) -> Iterator[tuple[Rows, Rows]]:
    """Places of `keys` and places of `known` in one bucket: those next to them in sorted order, then farther ones."""
    order = np.argsort(known, kind="stable")
    middle = np.searchsorted(known, keys, sorter=order)
    for step in range(2 * MAX_NEIGHBOURS):
        place = middle + (step // 2 if step % 2 == 0 else -(step + 1) // 2)
        inside = (place >= 0) & (place < len(order))
        there = order[np.where(inside, place, 0)]
        same = inside & _share_bucket(keys, known[there])
        yield rows_of(same), there[same]


def _share_bucket(keys: Keys, others: Keys) -> NDArray[np.bool_]:
    shared: NDArray[np.bool_] = (keys & _BUCKET) == (others & _BUCKET)
    return shared


def _examine(
    file: AuditFile,
    other: AuditFile,
    sample: Rows,
    candidates: Iterable[tuple[Rows, Rows]],
    *,
    edited: NDArray[np.bool_],
    what: str,
) -> AuditOutcome:
    """Compare sampled rows with candidates that may share a bucket by chance; edited ones are found already."""
    if not len(sample):
        return AuditOutcome(None, wording.NOTHING_TO_COMPARE, 0)
    sampled = np.zeros(len(file.pairs), dtype=np.bool_)
    sampled[sample] = True
    found = sampled & edited
    index = JaccardIndex(file.table, other.table)
    for here, there in candidates:
        wanted = sampled[here] & ~found[here]
        near = index.reaches(NEAR, here[wanted], there[wanted])
        found[here[wanted][near]] = True
    n, n_found = int(np.count_nonzero(sampled)), int(np.count_nonzero(found))
    share = n_found / n
    return AuditOutcome(share, wording.near(n_found, n, share, what, words=MAX_LEFT_OUT, least=NEAR), n, rows_of(found))


def _sample(rows: Rows) -> Rows:
    """Up to 20,000 drawn rows."""
    if len(rows) <= NEAR_EXAMINED:
        return rows
    return np.random.default_rng(0).choice(rows, NEAR_EXAMINED, replace=False)
