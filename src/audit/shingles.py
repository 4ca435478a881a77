"""The Jaccard index of the words and word pairs of two rows, for many couples of rows at once.

Two rows with n words together take O(n log n): their words and word pairs are numbers, which are sorted and counted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..data.normalisation import mix

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from ..data.text_table import TextTable

    Rows = NDArray[np.intp]
    Keys = NDArray[np.uint64]

_UNREAD = -1
_WORDS_AT_ONCE = 1_000_000
_ROW_BITS = np.uint64(20)  # enough for as many rows as words are read at once
_KEY_BITS = np.uint64(64) - _ROW_BITS


class JaccardIndex:
    """Compares rows of two files, perhaps of one; how much a row holds is counted once, because a row may be long."""

    def __init__(self, table: TextTable, others: TextTable) -> None:
        self._tables = (table, others)
        sizes = np.full(len(table.side_1), _UNREAD, dtype=np.int64)
        self._sizes = (sizes, sizes if others is table else np.full(len(others.side_1), _UNREAD, dtype=np.int64))

    def reaches(self, least: float, rows: Rows, others: Rows) -> NDArray[np.bool_]:
        """Which couples have an index of at least `least`, shape (n,); rows without a word are alike.

        Args:
            least: Above 0, at most 1.
            rows: Of the first file, shape (n,).
            others: Of the second one, shape (n,).
        """
        reached = np.zeros(len(rows), dtype=np.bool_)
        sizes, other_sizes = self._size(0, rows), self._size(1, others)
        possible = np.flatnonzero(np.minimum(sizes, other_sizes) >= least * np.maximum(sizes, other_sizes))
        n_words = _n_words(self._tables[0], rows[possible]) + _n_words(self._tables[1], others[possible])
        for block in _blocks(n_words):
            couples = possible[block]
            both = [_shingles(self._tables[0], rows[couples]), _shingles(self._tables[1], others[couples])]
            union = _n_different(np.concatenate(both), len(couples))
            reached[couples] = sizes[couples] + other_sizes[couples] - union >= least * union
        return reached

    def _size(self, file: int, rows: Rows) -> NDArray[np.int64]:
        """Different words and word pairs of each row, shape (n,)."""
        sizes, table = self._sizes[file], self._tables[file]
        unread = np.unique(rows[sizes[rows] == _UNREAD])
        for block in _blocks(_n_words(table, unread)):
            sizes[unread[block]] = _n_different(_shingles(table, unread[block]), len(block))
        return sizes[rows]


def _n_words(table: TextTable, rows: Rows) -> NDArray[np.int64]:
    return table.lengths[table.side_1[rows]] + table.lengths[table.side_2[rows]]


def _blocks(n_words: NDArray[np.int64]) -> Iterator[Rows]:
    """Places of rows in blocks of about a million words, or of more where a row is longer."""
    ends = np.cumsum(n_words + 1)
    cuts = np.flatnonzero(np.diff(ends // _WORDS_AT_ONCE)) + 1
    return (block for block in np.split(np.arange(len(n_words)), cuts) if len(block))


def _shingles(table: TextTable, rows: Rows) -> Keys:
    """Words and word pairs of both texts of n rows as numbers that begin with the row's place among them."""
    found = []
    for side in (table.side_1[rows], table.side_2[rows]):
        sizes = table.lengths[side]
        owner = np.repeat(np.arange(len(rows), dtype=np.uint64), sizes)
        place = np.arange(len(owner)) + np.repeat(table.starts[side] - (np.cumsum(sizes) - sizes), sizes)
        words = table.word_keys[table.tokens[place]]
        two = owner[1:] == owner[:-1]
        pairs = mix(mix(words[:-1][two]) + words[1:][two])
        for owners, keys in ((owner, words), (owner[:-1][two], pairs)):
            found.append((owners << _KEY_BITS) | (keys >> _ROW_BITS))
    return np.concatenate(found)


def _n_different(shingles: Keys, n_rows: int) -> NDArray[np.int64]:
    """How many different ones each of n rows has, shape (n,)."""
    ordered = np.sort(shingles)
    first = np.ones(len(ordered), dtype=np.bool_)
    first[1:] = ordered[1:] != ordered[:-1]
    return np.bincount((ordered[first] >> _KEY_BITS).view(np.int64), minlength=n_rows)
