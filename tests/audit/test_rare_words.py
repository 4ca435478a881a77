from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from src.audit import rare_words as module
from src.audit import word_edits
from src.audit.framework import AuditFile
from src.audit.rare_words import KnownKeys, may_be_alike
from src.audit.word_edits import first_alike
from src.models import Split

if TYPE_CHECKING:
    from src.models import PairSet
    from tests.conftest import PairSetFactory


def _file(pair_set: PairSetFactory, rng: np.random.Generator, vocabulary: int, longest: int) -> AuditFile:
    """120 pairs of random words, and 60 more with up to four words left out or replaced."""

    def text() -> list[str]:
        return [f"w{i}" for i in rng.integers(0, vocabulary, rng.integers(0, longest))]

    sides = [(text(), text()) for _ in range(120)]
    for place in range(60):
        pair = [list(side) for side in sides[place]]
        for _ in range(rng.integers(0, 5)):
            side = pair[rng.integers(2)]
            if side:
                side[rng.integers(len(side))] = rng.choice(["", f"w{rng.integers(vocabulary)}"])
        sides.append((pair[0], pair[1]))
    return AuditFile(
        Split.TRAIN,
        pair_set([f"boy: {' '.join(one)}" for one, _ in sides], [f"girl: {' '.join(two)}" for _, two in sides]),
    )


@pytest.mark.parametrize("vocabulary", [3, 20, 300])
@pytest.mark.parametrize("longest", [4, 8, 14])
@pytest.mark.parametrize("same_file", [True, False])
def test_no_row_that_is_alike_is_left_out(
    pair_set: PairSetFactory, monkeypatch: pytest.MonkeyPatch, vocabulary: int, longest: int, *, same_file: bool
) -> None:
    rng = np.random.default_rng(vocabulary + longest)
    other = _file(pair_set, rng, vocabulary, longest)
    file = other if same_file else _file(pair_set, np.random.default_rng(vocabulary + longest), vocabulary, longest)
    asked, rows = rng.permutation(180)[:90], np.sort(rng.permutation(180)[:150])
    chosen = first_alike(file, asked, other, rows)[asked].tolist()
    monkeypatch.setattr(word_edits, "may_be_alike", lambda _file, asked, _other, rows: (asked, rows))

    assert chosen == first_alike(file, asked, other, rows)[asked].tolist()
    assert min(chosen) < 180


def _distinct_words(pair_set: PairSetFactory, n: int) -> PairSet:
    rng = np.random.default_rng(0)
    texts = [[f"word{i}" for i in rng.integers(0, 3000, 10)] for _ in range(2 * n)]
    return pair_set([f"boy: {' '.join(x)}" for x in texts[:n]], [f"girl: {' '.join(x)}" for x in texts[n:]])


def test_only_rows_with_rare_words_in_common_are_compared_closely(pair_set: PairSetFactory) -> None:
    pairs = _distinct_words(pair_set, 300)
    pairs.text_1[200] = pairs.text_1[7].replace("word", "word0", 1)
    pairs.text_2[200] = pairs.text_2[7]
    file, rows = AuditFile(Split.TRAIN, pairs), np.arange(300)

    asked, others = may_be_alike(file, rows, file, rows)

    assert asked.tolist() == others.tolist() == [7, 200]


def test_a_row_that_is_asked_for_but_not_among_the_rows_is_compared_with_them(pair_set: PairSetFactory) -> None:
    pairs = _distinct_words(pair_set, 50)
    pairs.text_1[20], pairs.text_2[20] = pairs.text_1[7], pairs.text_2[7]
    file = AuditFile(Split.TRAIN, pairs)

    assert first_alike(file, np.array([7, 20]), file, np.arange(20, 50))[[7, 20]].tolist() == [20, 20]


def test_words_that_many_pairs_have_do_not_choose_rows(pair_set: PairSetFactory) -> None:
    pairs = _distinct_words(pair_set, 100)
    pairs.text_1[:] = [f"{text} and so we all do that on every day of the year" for text in pairs.text_1]
    file, rows = AuditFile(Split.TRAIN, pairs), np.arange(100)

    assert [len(left) for left in may_be_alike(file, rows, file, rows)] == [0, 0]


@pytest.mark.parametrize(("more", "chosen"), [(2, [7, 20]), (3, [])])
def test_rows_whose_numbers_of_words_differ_by_more_than_two_are_not_compared(
    pair_set: PairSetFactory, more: int, chosen: list[int]
) -> None:
    pairs = _distinct_words(pair_set, 100)
    pairs.text_1[:] = [f"{text} and so on" for text in pairs.text_1]  # frequent words, which are no rare ones
    pairs.text_1[20], pairs.text_2[20] = pairs.text_1[7] + " and" * more, pairs.text_2[7]
    file, rows = AuditFile(Split.TRAIN, pairs), np.arange(100)

    assert [left.tolist() for left in may_be_alike(file, rows, file, rows)] == [chosen, chosen]


def test_blocks_of_any_size_choose_the_same(pair_set: PairSetFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    file = _file(pair_set, np.random.default_rng(1), 300, 12)
    rows = np.arange(180)
    whole = [left.tolist() for left in may_be_alike(file, rows, file, rows)]
    monkeypatch.setattr(module, "_WORDS_AT_ONCE", 1)

    assert [left.tolist() for left in may_be_alike(file, rows, file, rows)] == whole


@pytest.mark.parametrize("wordless_first", [True, False])
def test_a_file_without_any_word_is_like_no_file_with_words(pair_set: PairSetFactory, *, wordless_first: bool) -> None:
    wordless = AuditFile(Split.TRAIN, pair_set(["boy: !", "boy: ?"], ["girl: !", "girl: ..."]))
    worded = AuditFile(Split.TEST, _distinct_words(pair_set, 4))
    file, other = (wordless, worded) if wordless_first else (worded, wordless)

    found = first_alike(file, np.arange(len(file.pairs)), other, np.arange(len(other.pairs)))

    assert (found >= len(other.pairs)).all()


def test_keys_are_found_among_known_ones() -> None:
    known = KnownKeys(np.array([5, 2**63, 5, 9], dtype=np.uint64))

    places, among = known.find(np.array([9, 4, 5, 2**63 + 1, 9], dtype=np.uint64))

    assert sorted(zip(places.tolist(), known.keys[among].tolist(), strict=True)) == [(0, 9), (2, 5), (4, 9)]
    assert known.keys[known.place_of].tolist() == [5, 2**63, 5, 9]
