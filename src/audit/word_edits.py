"""Pairs that agree once a word or two of each is left out: found exactly, in time that grows with the number of pairs.

Every pair gives a key for itself and for each way to leave out one or two of its words (deletion neighbourhoods, Mor &
Fraenkel 1982). Pairs with a common key differ by at most two words that were replaced, added, dropped or swapped.
One look at the keys says whether a pair has such a neighbour, however many neighbours there are. A pair of 24 words has
300 keys, so `rare_words.py` chooses the pairs that are worth them.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from ..data.normalisation import is_in, mix
from .rare_words import MAX_LEFT_OUT, KnownKeys, may_be_alike, of_the_words, rows_of_one_shape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from .framework import AuditFile

    Rows = NDArray[np.intp]
    Keys = NDArray[np.uint64]

# so many words must agree for each that is left out; short pairs with little in common would be alike otherwise
AGREEING = 3
# longer pairs are left to the Jaccard index, which two words hardly change there
MAX_WORDS = 40
_KEYS_AT_ONCE = 4_000_000
_BASE = np.uint64(0x9E3779B97F4A7C15)


def first_alike(file: AuditFile, asked: Rows, other: AuditFile, rows: Rows) -> Rows:
    """For each row of a file the first row of another one that at most two words tell from it.

    Args:
        file: N pairs.
        asked: Its rows to look at; the result of others says nothing.
        other: M pairs, perhaps the same file; a row is always alike to itself.
        rows: Its rows to compare with.

    Returns:
        Shape (N,), M where there is none.
    """
    none = len(other.pairs)
    found = np.full(len(file.pairs), none, dtype=np.intp)
    asked, rows = _not_too_long(file, asked), _not_too_long(other, rows)
    if file is other:
        in_both = asked[is_in(asked, rows)]
        found[in_both] = in_both
    asked, rows = may_be_alike(file, asked, other, rows)
    blocks = list(_keys(file, asked))
    if not blocks:
        return found
    owners, keys = (np.concatenate(column) for column in zip(*blocks, strict=True))
    known = KnownKeys(keys)
    first = np.full(len(known.keys), none, dtype=np.intp)
    for candidates, theirs in _keys(other, rows):
        likely, place = known.find(theirs)
        np.minimum.at(first, place, candidates[likely])
    np.minimum.at(found, owners, first[known.place_of])
    return found


def _not_too_long(file: AuditFile, rows: Rows) -> Rows:
    lengths = file.table.lengths
    return rows[lengths[file.table.side_1[rows]] + lengths[file.table.side_2[rows]] <= MAX_WORDS]


def _keys(file: AuditFile, rows: Rows) -> Iterator[tuple[Rows, Keys]]:
    """Keys of these rows, each beside its row, in blocks."""
    for shape, group in rows_of_one_shape(file.table, rows):
        step = max(1, _KEYS_AT_ONCE // (sum(shape) ** 2 + 1))
        for start in range(0, len(group), step):
            own = group[start : start + step]
            one, two = map(_left_out, of_the_words(file.table, file.table.word_keys, own, shape))
            for keys in _both(one, two, sum(shape)):
                yield np.repeat(own, keys.shape[1]), keys.ravel()


def _both(one: list[Keys], two: list[Keys], n_words: int) -> Iterator[Keys]:
    """Keys of pairs, whatever the order of the sides, from those of the sides: shapes (n, number of ways)."""
    for left, right in product(range(MAX_LEFT_OUT + 1), repeat=2):
        out = left + right
        if out <= MAX_LEFT_OUT and n_words - out >= AGREEING * out:
            yield (one[left][:, :, None] + two[right][:, None, :]).reshape(len(one[left]), -1)


def _left_out(words: Keys) -> list[Keys]:
    """Keys of texts without none, one and two of their words, shapes (n, number of ways).

    Args:
        words: Keys of n texts of L words, shape (n, L).
    """
    n_texts, size = words.shape
    power: Keys = np.cumprod(np.append(np.uint64(1), np.full(size, _BASE)), dtype=np.uint64)  # wraps, as all of this
    until: Keys = np.zeros((n_texts, size + 1), dtype=np.uint64)  # hash of the first words
    for place in range(size):
        until[:, place + 1] = until[:, place] * _BASE + words[:, place]

    def joined(*places: NDArray[np.intp]) -> Keys:
        """Keys of the texts without the words at these places, each of shape (number of ways,), ascending."""
        key: Keys = np.zeros((n_texts, len(places[0]) if places else 1), dtype=np.uint64)
        begin = np.zeros(1, dtype=np.intp)
        for end in (*places, np.array([size])):
            shift = power[end - begin]
            key = (key - until[:, begin]) * shift + until[:, end]
            begin = end + 1
        return mix(key)

    return [joined(), joined(np.arange(size)), joined(*np.triu_indices(size, 1))]
