"""Which rows may differ by at most two words from given ones: few enough to look at closely, and none too few.

Where at most two words of each row are left out and the rest is the same, at most two different words of either row are
missing in the other one. So four of the six rarest words of each are also among the six rarest of the other (prefix
filtering; Xiao et al. 2011, ACM TODS 36), and their numbers of words differ by at most two. Rows with four such words
in common and about as many words are few.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from ..data.normalisation import mix

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from ..data.text_table import TextTable
    from .framework import AuditFile

    Rows = NDArray[np.intp]
    Keys = NDArray[np.uint64]

MAX_LEFT_OUT = 2
RAREST = 6
SHARED = RAREST - MAX_LEFT_OUT
_LONGER = range(-MAX_LEFT_OUT, MAX_LEFT_OUT + 1)
_WORDS_AT_ONCE = 2_000_000
_NO_WORD = np.iinfo(np.uint64).max
_SETS = np.array(list(combinations(range(RAREST), SHARED))).T
_HALF = np.uint64(32)
_FILTER_BITS = 27
_BIT = np.array([1 << place for place in range(8)], dtype=np.uint8)


class KnownKeys:
    """Keys that others are looked up among; one look at a table rules out most of those that are not there."""

    def __init__(self, keys: Keys) -> None:
        self.keys, self.place_of = np.unique(keys, return_inverse=True)
        self._bits = np.zeros(1 << _FILTER_BITS >> 3, dtype=np.uint8)
        np.bitwise_or.at(self._bits, *self._place_of_bit(self.keys))

    def find(self, keys: Keys) -> tuple[Rows, Rows]:
        """Places in a list of keys, shape (n,), of those that are known, and their places among the known ones."""
        byte, bit = self._place_of_bit(keys)
        likely = np.flatnonzero(self._bits[byte] & bit)
        likely = likely[np.argsort(keys[likely])]  # keys in order are searched for many times as fast
        place = np.minimum(np.searchsorted(self.keys, keys[likely]), len(self.keys) - 1)
        same = self.keys[place] == keys[likely]
        return likely[same], place[same]

    @staticmethod
    def _place_of_bit(keys: Keys) -> tuple[Rows, NDArray[np.uint8]]:
        head = (keys >> np.uint64(64 - _FILTER_BITS)).view(np.int64)
        return head >> 3, _BIT[head & 7]


def rows_of_one_shape(table: TextTable, rows: Rows) -> Iterator[tuple[tuple[int, int], Rows]]:
    """These rows by how many words each of their sides has."""
    if not len(rows):
        return
    one, two = (table.lengths[side[rows]] for side in (table.side_1, table.side_2))
    shape_of = one * (two.max() + 1) + two
    order = np.argsort(shape_of, kind="stable")
    cuts = np.flatnonzero(np.diff(shape_of[order])) + 1
    for group in np.split(order, cuts):
        yield (int(one[group[0]]), int(two[group[0]])), rows[group]


def of_the_words(table: TextTable, values: Keys, rows: Rows, shape: tuple[int, int]) -> list[Keys]:
    """The values of the words of both sides of n rows of one shape, in order, shapes (n, L1) and (n, L2)."""
    return [
        values[table.tokens[table.starts[side[rows], None] + np.arange(size)]]
        for side, size in zip((table.side_1, table.side_2), shape, strict=True)
    ]


def may_be_alike(file: AuditFile, asked: Rows, other: AuditFile, rows: Rows) -> tuple[Rows, Rows]:
    """The asked rows that may be alike to another row, and the rows that may be alike to one of them.

    Args:
        file: N pairs.
        asked: Its rows to look at.
        other: M pairs, perhaps the same file.
        rows: Its rows to compare with.

    Returns:
        Asked rows that are left, in their order, and rows, in their order.
    """
    rarity = _rarity(other.table, other.table)
    own_rarity = rarity if file.table is other.table else _rarity(file.table, other.table)
    wanted = _sets_of(file.table, own_rarity, asked)
    uses, likely = _users(other.table, rarity, rows, wanted)
    itself = np.zeros(len(file.pairs), dtype=np.int64)  # a row that is compared with itself uses its own sets once
    if file is other:
        itself[rows] = 1
    alone = np.zeros(len(file.pairs), dtype=np.bool_)
    for own, n_words, sets, short in _rare_sets(file.table, own_rarity, asked):
        used = np.zeros(len(own), dtype=np.bool_)
        for longer in _LONGER:
            n_uses = uses[np.searchsorted(wanted.keys, _in_length(sets, n_words + longer))]
            used |= (n_uses > (itself[own, None] if longer == 0 else 0)).any(axis=1)
        alone[own] = ~short & ~used
    left = asked[~alone[asked]]
    return left, _users(other.table, rarity, likely, _sets_of(file.table, own_rarity, left))[1]


def _sets_of(table: TextTable, rarity: Keys, rows: Rows) -> KnownKeys:
    """The sets of these rows, each with all numbers of words that an alike row may have."""
    sets = [
        _in_length(keys, n_words + longer).ravel()
        for _, n_words, keys, _ in _rare_sets(table, rarity, rows)
        for longer in _LONGER
    ]
    return KnownKeys(np.concatenate(sets) if sets else np.zeros(0, dtype=np.uint64))


def _users(table: TextTable, rarity: Keys, rows: Rows, wanted: KnownKeys) -> tuple[NDArray[np.int64], Rows]:
    """How many of these rows have each of the wanted sets, and the rows that have one or too few words for one."""
    uses, chosen = np.zeros(len(wanted.keys), dtype=np.int64), np.zeros(len(table.side_1), dtype=np.bool_)
    for own, n_words, sets, short in _rare_sets(table, rarity, rows):
        found, place = wanted.find(_in_length(sets, n_words).ravel())
        uses += np.bincount(place, minlength=len(uses))
        chosen[own[found // sets.shape[1]]] = True
        chosen[own[short]] = True
    return uses, rows[chosen[rows]]


def _rarity(table: TextTable, of: TextTable) -> Keys:
    """A number for each word of a table, the smaller the fewer uses it has in another table, shape (V,)."""
    uses = np.bincount(of.tokens, minlength=len(of.words)).astype(np.uint64)
    if table is not of and not len(of.words):
        uses = np.zeros(len(table.words), dtype=np.uint64)
    elif table is not of:
        order = np.argsort(of.word_keys)
        place = order[np.minimum(np.searchsorted(of.word_keys, table.word_keys, sorter=order), len(order) - 1)]
        uses = np.where(of.word_keys[place] == table.word_keys, uses[place], np.uint64(0))
    # words of one number count as one word, which rules out no row
    return (uses << _HALF) | (table.word_keys >> _HALF)


def _in_length(sets: Keys, n_words: int) -> Keys:
    """Keys of sets of words in rows of so many words."""
    return mix(sets + np.uint64(max(0, n_words)))


def _rare_sets(table: TextTable, rarity: Keys, rows: Rows) -> Iterator[tuple[Rows, int, Keys, NDArray[np.bool_]]]:
    """Rows in blocks of n, how many words each has, the keys of its sets of rare words, whether it has too few for one.

    Shapes (n,), (), (n, 15) and (n,).
    """
    for shape, group in rows_of_one_shape(table, rows):
        step = max(1, _WORDS_AT_ONCE // (sum(shape) + 1))
        for start in range(0, len(group), step):
            own = group[start : start + step]
            rare = _rarest(np.hstack(of_the_words(table, rarity, own, shape)))
            sets = mix(rare)[:, _SETS].sum(axis=1, dtype=np.uint64)
            yield own, sum(shape), sets, rare[:, -1] == _NO_WORD


def _rarest(values: Keys) -> Keys:
    """The six smallest different values of each row, ascending, shape (n, 6), the largest number for a lack."""
    lacking = max(0, RAREST - values.shape[1])
    ordered = np.sort(np.pad(values, ((0, 0), (0, lacking)), constant_values=_NO_WORD), axis=1)
    repeated = np.flatnonzero((ordered[:, 1:RAREST] == ordered[:, : RAREST - 1]).any(axis=1))
    again = ordered[repeated]
    again[:, 1:][again[:, 1:] == again[:, :-1]] = _NO_WORD
    ordered[repeated] = np.sort(again, axis=1)
    return ordered[:, :RAREST]
