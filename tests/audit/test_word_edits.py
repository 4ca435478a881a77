from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from src.audit import word_edits as module
from src.audit.framework import AuditFile
from src.audit.near_duplicates import near_repeats
from src.audit.word_edits import AGREEING, MAX_LEFT_OUT, first_alike
from src.models import Split

if TYPE_CHECKING:
    from collections.abc import Callable

    from src.models import PairSet
    from tests.conftest import PairSetFactory

    Words = list[str]


def of(pairs: PairSet) -> AuditFile:
    return AuditFile(Split.TRAIN, pairs)


def alike(pairs: PairSet) -> list[int]:
    """For each row the first that is alike; the row itself where no earlier one is."""
    rows = np.arange(len(pairs))
    return first_alike(of(pairs), rows, of(pairs), rows).tolist()


def replaced(words: Words, places: list[int]) -> Words:
    return [f"new{place}" if place in places else word for place, word in enumerate(words)]


def dropped(words: Words, places: list[int]) -> Words:
    return [word for place, word in enumerate(words) if place not in places]


def swapped(words: Words, places: list[int]) -> Words:
    changed = list(words)
    one, other = places[0], places[-1] if len(places) > 1 else (places[0] + 1) % len(words)
    changed[one], changed[other] = changed[other], changed[one]
    return changed


@pytest.mark.parametrize("edit", [replaced, dropped, swapped])
@pytest.mark.parametrize("n_words", [1, 2])
def test_one_or_two_edited_words_in_a_text_of_eight_are_found(
    edit: Callable[[Words, list[int]], Words], n_words: int, pair_set: PairSetFactory
) -> None:
    rng = np.random.default_rng(n_words)
    texts = [[f"word{i}" for i in rng.integers(0, 3000, 8)] for _ in range(200)]
    edited = [edit(words, sorted(rng.choice(8, n_words, replace=False).tolist())) for words in texts[:100]]
    other = [f"girl: {' '.join(f'word{i}' for i in rng.integers(0, 3000, 8))}" for _ in range(200)]
    pairs = pair_set([f"boy: {' '.join(words)}" for words in [*texts, *edited]], [*other, *other[:100]])

    assert set(near_repeats(of(pairs)).rows.tolist()) == set(range(200, 300))


def test_one_word_of_each_side_may_differ_and_the_sides_may_be_swapped(pair_set: PairSetFactory) -> None:
    pairs = pair_set(
        ["boy: a quiet walk by the old river", "girl: we often cook slow meals at home", "boy: something else"],
        ["girl: we often cook warm meals at home", "boy: a quiet walk by the cold river", "girl: quite apart"],
    )

    assert alike(pairs) == [0, 0, 2]


def test_three_words_are_too_many(pair_set: PairSetFactory) -> None:
    words = [f"word{i}" for i in range(16)]
    pairs = pair_set([f"boy: {' '.join(words)}", f"boy: {' '.join(replaced(words, [1, 7, 12]))}"], ["girl: tea"] * 2)

    assert alike(pairs) == [0, 1]


@pytest.mark.parametrize(("n_words", "n_edits", "found"), [(4, 1, True), (3, 1, False), (8, 2, True), (7, 2, False)])
def test_three_times_as_many_words_must_agree(
    pair_set: PairSetFactory, n_words: int, n_edits: int, *, found: bool
) -> None:
    words = [f"word{i}" for i in range(n_words - 1)]
    edited = replaced(words, list(range(n_edits)))
    pairs = pair_set([f"boy: {' '.join(words)}", f"boy: {' '.join(edited)}"], ["girl: tea"] * 2)

    assert alike(pairs) == [0, 0 if found else 1]


def _common(one: Words, other: Words) -> int:
    """Length of the longest common subsequence."""
    best = np.zeros((len(one) + 1, len(other) + 1), dtype=int)
    for i, word in enumerate(one):
        for j, others in enumerate(other):
            best[i + 1, j + 1] = best[i, j] + 1 if word == others else max(best[i, j + 1], best[i + 1, j])
    return int(best[-1, -1])


def test_exactly_those_pairs_are_alike_that_a_comparison_of_all_with_all_finds(pair_set: PairSetFactory) -> None:
    rng = np.random.default_rng(5)
    sides = [[[f"w{i}" for i in rng.integers(0, 3, rng.integers(0, 6))] for _ in range(60)] for _ in range(2)]
    pairs = pair_set([f"boy: {' '.join(words)}" for words in sides[0]], [f"girl: {' '.join(x)}" for x in sides[1]])

    def are_alike(row: int, other: int) -> bool:
        a, b, c, d = sides[0][row], sides[1][row], sides[0][other], sides[1][other]
        return any(
            max(len(a) + len(b), len(c) + len(d)) - common <= MAX_LEFT_OUT
            and common >= AGREEING * max(len(a) + len(b) - common, len(c) + len(d) - common)
            for common in (_common(a, c) + _common(b, d), _common(a, d) + _common(b, c))
        )

    expected = [next(other for other in range(row + 1) if other == row or are_alike(row, other)) for row in range(60)]
    assert alike(pairs) == expected
    assert sum(row != first for row, first in enumerate(expected)) > 10


def test_small_blocks_find_the_same(random_pairs: PairSetFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    pairs = random_pairs(60)
    pairs.text_1[30:] = [f"{text} really" for text in pairs.text_1[:30]]
    pairs.text_2[30:] = pairs.text_2[:30]
    whole = alike(pairs)
    monkeypatch.setattr(module, "_KEYS_AT_ONCE", 1)

    assert alike(pairs) == whole
    assert whole[30:] != list(range(30, 60))


def test_long_pairs_are_left_to_the_jaccard_index(pair_set: PairSetFactory) -> None:
    words = [f"word{i}" for i in range(60)]
    pairs = pair_set([f"boy: {' '.join(words)}", f"boy: {' '.join(replaced(words, [3]))}"], ["girl: tea"] * 2)

    assert alike(pairs) == [2, 2]
    assert near_repeats(of(pairs)).rows.tolist() == [1]
