"""Runs of characters counted in many texts at once, as scikit-learn's `CountVectorizer(analyzer="char")` counts them.

Each run is a number whose digits are its characters, so that sorting replaces a dictionary of millions of strings.
"""

from __future__ import annotations

import re
import sys
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

_SPACES = re.compile(r"\s\s+")
_LARGEST = int(np.iinfo(np.uint64).max)
_MOST_MARKED = 2**24


class CharacterRuns(NamedTuple):
    """The runs of M texts."""

    counts: Any  # scipy's CSR matrix, shape (M, V), float32
    names: Callable[[], list[str]]  # the V runs, sorted; made only when asked for, because they may be many


def character_runs(texts: Sequence[str], shortest: int, longest: int) -> CharacterRuns:
    """Count the runs of some lengths in each text, in lower case, spaces in a row as one.

    The entries of a row stand in the order in which the runs first appear in all texts, as those of scikit-learn do, so
    that sums over a row have the same last digit.

    Args:
        texts: M texts, one of them at least as long as the shortest run.
        shortest: Characters of the shortest runs, at least 1.
        longest: Characters of the longest runs.
    """
    from scipy.sparse import csr_matrix  # noqa: PLC0415 - keeps `--help` fast

    read = _read(texts)
    if (len(read.known) + 1) ** longest > _LARGEST:
        return _by_dictionary(texts, shortest, longest)
    numbers, bounds = _numbers(read, shortest, longest)
    distinct, first, place = np.unique(numbers, return_index=True, return_inverse=True)
    by_appearance = np.argsort(first)
    appearance = np.empty(len(distinct), dtype=np.int32)
    appearance[by_appearance] = np.arange(len(distinct))
    ones = np.ones(len(numbers), dtype=np.float32)
    counts = csr_matrix((ones, appearance[place], bounds), shape=(len(texts), len(distinct)))
    counts.sum_duplicates()
    columns = by_appearance[counts.indices].astype(np.int32)
    counts = csr_matrix((counts.data, columns, counts.indptr), shape=counts.shape)
    return CharacterRuns(counts, partial(_names, distinct, read.known, longest))


def _by_dictionary(texts: Sequence[str], shortest: int, longest: int) -> CharacterRuns:
    """Where there are too many characters for one number a run."""
    from sklearn.feature_extraction.text import CountVectorizer  # noqa: PLC0415 - keeps `--help` fast

    vectoriser = CountVectorizer(analyzer="char", ngram_range=(shortest, longest), dtype=np.float32)
    counts = vectoriser.fit_transform(texts)
    return CharacterRuns(counts, lambda: vectoriser.get_feature_names_out().tolist())


def hashed_runs(texts: Sequence[str], longest: int, bits: int) -> Any:  # noqa: ANN401 - scipy has no types
    """Runs of 1 to `longest` characters, as `HashingVectorizer` counts them: each different run is hashed once.

    Args:
        texts: M texts, in lower case afterwards, spaces in a row as one.
        longest: Characters of the longest runs.
        bits: Of the hash, which is the column.

    Returns:
        scipy's CSR matrix, shape (M, 2 ** bits), float32, rows of length 1 or 0.
    """
    from scipy.sparse import csr_matrix  # noqa: PLC0415 - keeps `--help` fast
    from sklearn.feature_extraction import FeatureHasher  # noqa: PLC0415 - the same
    from sklearn.feature_extraction.text import HashingVectorizer  # noqa: PLC0415 - the same
    from sklearn.preprocessing import normalize  # noqa: PLC0415 - the same

    read, size = _read(texts), 2**bits
    if not len(read.known) or (len(read.known) + 1) ** longest > _LARGEST:
        return HashingVectorizer(
            analyzer="char", ngram_range=(1, longest), n_features=size, dtype=np.float32
        ).transform(texts)
    numbers, bounds = _numbers(read, 1, longest)
    distinct, place = _distinct(numbers, (len(read.known) + 1) ** longest)
    hasher = FeatureHasher(size, input_type="string", dtype=np.float32)
    hashed = hasher.transform([name] for name in _names(distinct, read.known, longest))
    counts = csr_matrix((hashed.data[place], hashed.indices[place], bounds), shape=(len(texts), size))
    counts.sum_duplicates()
    return normalize(counts, copy=False)


class _Characters(NamedTuple):
    """The characters of M texts, one text after another."""

    known: NDArray[np.int64]  # the different ones, ascending
    digits: NDArray[np.uint64]  # each character as its place among them, from 1
    ends: NDArray[np.int64]  # (M + 1,), where each text begins and the last one ends


def _read(texts: Sequence[str]) -> _Characters:
    plain = [_SPACES.sub(" ", text.lower()) for text in texts]
    joined = np.frombuffer("".join(plain).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    known, place = _distinct(joined, sys.maxunicode + 1)
    return _Characters(known, place.astype(np.uint64) + np.uint64(1), np.cumsum([0, *map(len, plain)]))


def _distinct(numbers: NDArray[Any], limit: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """The different numbers, ascending, and the place of each number among them; all are below the limit."""
    if limit > _MOST_MARKED:
        distinct, place = np.unique(numbers, return_inverse=True)
        return distinct, place
    marked = np.zeros(limit, dtype=np.bool_)
    marked[numbers] = True
    return np.flatnonzero(marked), (np.cumsum(marked, dtype=np.int32) - 1)[numbers]


def _numbers(read: _Characters, shortest: int, longest: int) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Number of every run, text by text, the short runs first, and where each text begins and the last one ends.

    A short run has digits of 0 at its end.
    """
    digits, sizes, base = read.digits, np.diff(read.ends), len(read.known) + 1
    left = np.repeat(read.ends[1:], sizes) - np.arange(len(digits))
    runs_of = [np.maximum(sizes - size + 1, 0) for size in range(shortest, longest + 1)]
    bounds = np.cumsum([0, *np.sum(runs_of, axis=0).tolist()])
    numbers = np.empty(bounds[-1], dtype=np.uint64)
    begin, number = bounds[:-1].copy(), np.zeros(len(digits), dtype=np.uint64)
    for size in range(1, longest + 1):
        # beyond the end of a text stands the next one; `left` rules those runs out
        number[: max(0, len(digits) - size + 1)] += digits[size - 1 :] * np.uint64(base ** (longest - size))
        if size >= shortest:
            n = runs_of[size - shortest]
            before = np.cumsum(n) - n
            numbers[np.repeat(begin - before, n) + np.arange(n.sum())] = number[left >= size]
            begin += n
    return numbers, bounds


def _names(numbers: NDArray[Any], known: NDArray[Any], longest: int) -> list[str]:
    numbers, base = numbers.astype(np.uint64), np.uint64(len(known) + 1)
    digits = np.stack([numbers // base ** np.uint64(longest - size) % base for size in range(1, longest + 1)], axis=1)
    characters = ["", *map(chr, known.tolist())]
    return ["".join(map(characters.__getitem__, row)) for row in digits.tolist()]
