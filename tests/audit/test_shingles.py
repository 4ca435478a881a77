from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest

from src.audit import shingles as module
from src.audit.shingles import JaccardIndex
from src.data.text_table import text_table
from src.data.tokens import words_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from src.data.text_table import TextTable
    from src.models import PairSet
    from tests.conftest import PairSetFactory


def index_by_sets(pairs: PairSet, row: int, other: int) -> float:
    one, two = (_words_and_pairs(pairs, place) for place in (row, other))
    return len(one & two) / len(one | two) if one | two else 1.0


def _words_and_pairs(pairs: PairSet, row: int) -> set[tuple[str, ...]]:
    sides = [words_of(side[row]) for side in (pairs.text_1, pairs.text_2)]
    return {(word,) for words in sides for word in words} | {two for words in sides for two in pairwise(words)}


@pytest.fixture
def few_words(pair_set: PairSetFactory) -> PairSet:
    """Pairs of up to 30 of 6 words, so that every index between 0 and 1 occurs."""
    rng = np.random.default_rng(0)
    texts = [" ".join(rng.choice(list("abcdef"), rng.integers(0, 15))) for _ in range(120)]
    return pair_set([f"boy: {text}" for text in texts[:60]], [f"girl: {text}" for text in texts[60:]])


@pytest.mark.parametrize("at_once", [1, 50, 1_000_000])
@pytest.mark.parametrize("least", [0.3, 0.8, 1.0])
def test_couples_reach_an_index_as_sets_of_words_and_word_pairs_do(
    few_words: PairSet, monkeypatch: pytest.MonkeyPatch, least: float, at_once: int
) -> None:
    monkeypatch.setattr(module, "_WORDS_AT_ONCE", at_once)
    rows, others = (side.ravel() for side in np.meshgrid(np.arange(60), np.arange(60)))

    reached = JaccardIndex(text_table(few_words), text_table(few_words)).reaches(least, rows, others)

    couples = zip(rows.tolist(), others.tolist(), strict=True)
    wanted = [index_by_sets(few_words, row, other) >= least for row, other in couples]
    assert reached.tolist() == wanted
    assert 0 < reached.sum() < len(reached)


def test_words_of_two_files_are_compared_by_what_they_are(pair_set: PairSetFactory) -> None:
    ours = text_table(pair_set(["boy: tea for two"], ["girl: milk"]))
    theirs = text_table(pair_set(["boy: milk", "boy: no"], ["girl: tea for two", "girl: milk"]))

    reached = JaccardIndex(ours, theirs).reaches(1.0, np.array([0, 0]), np.array([0, 1]))

    assert reached.tolist() == [True, False]


def test_a_long_row_is_counted_once_however_many_rows_it_is_compared_with(
    pair_set: PairSetFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = " ".join(f"word{i}" for i in range(300))
    table = text_table(pair_set([f"boy: {long}", *(f"boy: {i}" for i in range(40))], ["girl: tea"] * 41))
    read: list[int] = []
    shingles = module._shingles

    def watched(table: TextTable, rows: NDArray[np.intp]) -> NDArray[np.uint64]:
        read.extend(rows.tolist())
        return shingles(table, rows)

    monkeypatch.setattr(module, "_shingles", watched)
    index = JaccardIndex(table, table)
    for _ in range(2):
        assert not index.reaches(0.8, np.zeros(40, dtype=np.intp), np.arange(1, 41)).any()

    assert read.count(0) == 1
