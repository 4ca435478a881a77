"""Pure measures of texts: words, repetition, readability, and keys that compare texts and pairs.

Symbols: N pairs, U distinct normalised texts, T words in all of them, V distinct words.
A word is a token of `tokens.py`.
"""

from __future__ import annotations

import re
from array import array
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, count
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np

from .normalisation import codes, hash_strings, mix, normalise, pair_keys, text_keys
from .tokens import tokens as tokens_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from ..models import PairSet

_SENTENCE_ENDS = (". ", "! ", "? ", "… ")
_VOWELS = re.compile(r"[aeiouy]+")
_SILENT_END = re.compile(r"(?<![aeiouyl])e$|(?<![aeiouylsxzcgh])es$|(?<=[aeiouy]l)es?$|(?<=[^aeioutdy])ed$")
_EDGES = " .,;:!?'\"()[]{}<>*_-~`"
_BLOCK = 50_000


def count_sentences(normalised: str) -> int:
    """Sentences of a normalised text, at least 1; a stop at the very end begins no other one."""
    return 1 + sum(map(normalised.count, _SENTENCE_ENDS))


def syllables(word: str) -> int:
    """Syllables of an English word, at least 1: groups of vowels, less a silent e, es or ed at the end."""
    return max(1, len(_VOWELS.findall(_SILENT_END.sub("", word))))


def flesch_reading_ease(n_words: int, n_sentences: int, n_syllables: int) -> float:
    """Flesch (1948): 206.835 - 1.015 words per sentence - 84.6 syllables per word; 60 and above is plain English."""
    return 206.835 - 1.015 * n_words / n_sentences - 84.6 * n_syllables / n_words


def mattr(words: NDArray[np.int32], window: int) -> float | None:
    """Moving-average type-token ratio (Covington & McFall 2010), in O(T log T).

    Args:
        words: Word ids in reading order, shape (T,).
        window: Words a window, at least 1.

    Returns:
        Mean share of distinct words over all windows, in (0, 1]; None when T is below the window.
        Unlike the plain type-token ratio it does not fall with T.
    """
    total = len(words)
    if total < window:
        return None
    order = np.argsort(words, kind="stable")
    same = words[order[1:]] == words[order[:-1]]
    previous = np.full(total, -1, dtype=np.int64)
    previous[order[1:][same]] = order[:-1][same]
    position = np.arange(total)
    # A word counts in every window that holds it and not its previous occurrence.
    first_start = np.maximum(np.maximum(previous, position - window) + 1, 0)
    last_start = np.minimum(position, total - window)
    windows = np.maximum(last_start - first_start + 1, 0)
    return float(windows.sum() / ((total - window + 1) * window))


def collision_probability(counts: NDArray[np.int64]) -> float | None:
    """Chance that two draws without replacement are of the same kind: sum c(c-1) / (n(n-1)), in [0, 1].

    Args:
        counts: How often each kind was seen, shape (K,).

    Returns:
        The unbiased estimate of Simpson (1949), which does not depend on n; None below two draws.
    """
    n = float(counts.sum())
    if n < 2:  # noqa: PLR2004 - two draws make a collision
        return None
    seen = counts.astype(np.float64)
    return float((seen * (seen - 1)).sum() / (n * (n - 1)))


# --- the words of a whole file --------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class TextTable:
    """The texts of N pairs, each distinct normalised text counted once."""

    side_1: NDArray[np.int32]  # (N,), which text is text_1
    side_2: NDArray[np.int32]  # (N,), which text is text_2
    keys: NDArray[np.uint64]  # (U,), key of each text
    order: NDArray[np.uint64]  # (U,), what to sort the texts by for a draw that no order of the rows can change
    sentences: NDArray[np.int32]  # (U,)
    words: list[str]  # V
    tokens: NDArray[np.int32]  # (T,), the texts' words one after another, as places in `words`
    starts: NDArray[np.int64]  # (U + 1,), text u has tokens[starts[u]:starts[u + 1]]
    groups: NDArray[np.int32] | None = None  # (N,), number of the group that the file puts each pair in

    @cached_property
    def lengths(self) -> NDArray[np.int64]:
        """Words of each text, shape (U,)."""
        return np.diff(self.starts)

    @cached_property
    def word_keys(self) -> NDArray[np.uint64]:
        """Key of each word, shape (V,)."""
        return hash_strings(self.words)

    @property
    def pair_keys(self) -> NDArray[np.uint64]:
        """Order-free key of each pair, shape (N,)."""
        return pair_keys(self.keys[self.side_1], self.keys[self.side_2])

    @property
    def pair_order(self) -> NDArray[np.uint64]:
        """What to sort the pairs by, whatever the order of their sides, shape (N,)."""
        return pair_keys(self.order[self.side_1], self.order[self.side_2])


# The evaluator, the audit and the baselines look at the same words; a table lives as long as its pairs.
_TABLES: WeakKeyDictionary[PairSet, TextTable] = WeakKeyDictionary()


def text_table(pairs: PairSet) -> TextTable:
    """The file's words, read once and kept; then a text of ten words takes about 80 bytes."""
    if pairs not in _TABLES:
        _TABLES[pairs] = _read_texts(pairs)
    return _TABLES[pairs]


def side_keys(pairs: PairSet) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Key of each pair's first and of its second text, shapes (N,), from the table where there is one."""
    table = _TABLES.get(pairs)
    if table is not None:
        return table.keys[table.side_1], table.keys[table.side_2]
    one, two = (text_keys(side, has_speaker=pairs.has_speakers) for side in (pairs.text_1, pairs.text_2))
    return one, two


def _read_texts(pairs: PairSet) -> TextTable:
    ids: defaultdict[str, int] = defaultdict(count().__next__)
    both = (ids[normalise(text, has_speaker=pairs.has_speakers)] for text in chain(pairs.text_1, pairs.text_2))
    sides = np.fromiter(both, dtype=np.int32, count=2 * len(pairs))
    vocabulary: defaultdict[str, int] = defaultdict(count().__next__)
    tokens, ends, sentences = array("i"), array("q", [0]), array("i")
    for text in ids:
        tokens.extend(map(vocabulary.__getitem__, tokens_of(text)))
        ends.append(len(tokens))
        sentences.append(count_sentences(text))
    keys = hash_strings(ids)
    return TextTable(
        side_1=sides[: len(pairs)],
        side_2=sides[len(pairs) :],
        keys=keys,
        order=_order(list(ids), keys),
        sentences=np.frombuffer(sentences, dtype=np.int32) if sentences else np.zeros(0, np.int32),
        words=list(vocabulary),
        tokens=np.frombuffer(tokens, dtype=np.int32) if tokens else np.zeros(0, np.int32),
        starts=np.frombuffer(ends, dtype=np.int64),
        groups=None if pairs.groups is None else codes(pairs.groups)[0],
    )


def _order(texts: list[str], keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Keys of the texts without the signs at either end, so that an added sign draws nothing else."""
    order = keys.copy()
    bare = {place: inner for place, text in enumerate(texts) if (inner := text.strip(_EDGES)) != text}
    order[list(bare)] = hash_strings(bare.values())
    return order


def shuffled_tokens(table: TextTable, limit: int) -> NDArray[np.int32]:
    """About `limit` words from texts in the order of a hash: a draw that no order of the rows can change."""
    order = np.argsort(table.order)
    lengths = table.lengths[order]
    order = order[: np.searchsorted(np.cumsum(lengths), limit) + 1]
    pieces = [table.tokens[table.starts[text] : table.starts[text + 1]] for text in order]
    return np.concatenate(pieces) if pieces else table.tokens[:0]


def ngram_keys(table: TextTable, n: int) -> NDArray[np.uint64]:
    """Key of every run of n words inside a text, shape (at most T,), in the order of the tokens."""
    runs = [_run_keys(table, _run_starts(table, texts, n), n) for texts in _blocks(len(table.keys))]
    return np.concatenate(runs) if runs else np.zeros(0, dtype=np.uint64)


def _run_starts(table: TextTable, texts: slice, n: int) -> NDArray[np.int64]:
    bounds = table.starts[texts.start : texts.stop + 1]
    starts = np.arange(bounds[0], bounds[-1])
    return starts[starts + n <= np.repeat(bounds[1:], np.diff(bounds))]


def opening_keys(table: TextTable, n: int) -> NDArray[np.uint64]:
    """Key of the first n words of every text that has as many, shape (at most U,)."""
    return _run_keys(table, table.starts[:-1][table.lengths >= n], n)


def _run_keys(table: TextTable, starts: NDArray[np.int64], n: int) -> NDArray[np.uint64]:
    keys = np.zeros(len(starts), dtype=np.uint64)
    for offset in range(n):
        keys = mix(keys + table.tokens[starts + offset].astype(np.uint64))
    return keys


def kind_counts(keys: NDArray[np.uint64]) -> NDArray[np.int64]:
    """How often each distinct key occurs, shape (K,)."""
    return np.unique(keys, return_counts=True)[1].astype(np.int64)


def word_matrix(table: TextTable) -> Any:  # noqa: ANN401 - scipy has no types
    """Which text holds which word: a scipy CSR matrix of 0.0 and 1.0, shape (U, V), float32."""
    from scipy.sparse import csr_matrix  # noqa: PLC0415 - keeps `--help` fast

    ones = np.ones(len(table.tokens), dtype=np.float32)
    shape = (len(table.keys), len(table.words))
    matrix = csr_matrix((ones, table.tokens.copy(), table.starts), shape=shape)
    matrix.sum_duplicates()
    matrix.data[:] = 1.0
    return matrix


def row_products(matrix: Any, left: NDArray[np.int32], right: NDArray[np.int32]) -> NDArray[np.float64]:  # noqa: ANN401
    """Dot product of row left[i] with row right[i] of a sparse matrix, shape (N,), in blocks of 50,000."""
    products = np.empty(len(left))
    for rows in _blocks(len(left)):
        products[rows] = np.asarray(matrix[left[rows]].multiply(matrix[right[rows]]).sum(axis=1)).ravel()
    return products


def lexical_overlap(table: TextTable, rows: NDArray[np.intp] | None = None) -> NDArray[np.float64]:
    """Jaccard index of the two sides' sets of words, shape (N,), in [0, 1]; 0 where neither side has a word.

    Args:
        table: Texts of the pairs.
        rows: The pairs that are wanted, shape (N,); all without it.
    """
    matrix = word_matrix(table)
    one, two = (side if rows is None else side[rows] for side in (table.side_1, table.side_2))
    sizes: NDArray[np.float32] = np.asarray(matrix.sum(axis=1)).ravel()
    common = row_products(matrix, one, two)
    union = sizes[one] + sizes[two] - common
    return common / np.maximum(union, 1)


def _blocks(n: int) -> Iterator[slice]:
    return (slice(start, start + _BLOCK) for start in range(0, n, _BLOCK))
