from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.data.normalisation import codes, pair_keys, text_keys
from src.data.text_table import (
    collision_probability,
    count_sentences,
    flesch_reading_ease,
    kind_counts,
    lexical_overlap,
    mattr,
    ngram_keys,
    opening_keys,
    shuffled_tokens,
    syllables,
    text_table,
    word_matrix,
)

if TYPE_CHECKING:
    from tests.conftest import PairSetFactory


@given(st.text(max_size=60))
def test_any_text_has_a_key(text: str) -> None:
    assert len(text_keys([text])) == 1


@pytest.mark.parametrize(
    ("word", "expected"),
    [("tea", 1), ("the", 1), ("hiking", 2), ("loved", 1), ("wanted", 2), ("table", 2), ("family", 3), ("boxes", 2)],
)
def test_syllables_of_known_words(word: str, expected: int) -> None:
    assert syllables(word) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", 1), ("one", 1), ("one. two", 2), ("at 3.5 km... yes! ok", 3), ("a?!… b..c. .. d", 4), ("...", 1)],
)
def test_sentences_are_counted_at_stops_before_a_space(text: str, expected: int) -> None:
    assert count_sentences(text) == expected


def test_flesch_of_a_known_sentence() -> None:
    """'The cat sat on the mat': six words, one sentence, six syllables, ease 116."""
    assert flesch_reading_ease(6, 1, 6) == pytest.approx(116.145)


@pytest.mark.parametrize("window", [1, 3, 10])
def test_mattr_is_the_mean_over_all_windows(window: int) -> None:
    words = np.random.default_rng(0).integers(0, 6, 40).astype(np.int32)
    ratios = [len(set(words[i : i + window].tolist())) / window for i in range(len(words) - window + 1)]

    assert mattr(words, window) == pytest.approx(np.mean(ratios))


def test_mattr_does_not_fall_with_the_length_of_the_text() -> None:
    rng = np.random.default_rng(1)
    short, long = (mattr(rng.integers(0, 500, n).astype(np.int32), 100) for n in (2_000, 200_000))

    assert short == pytest.approx(long, abs=0.02)


def test_mattr_below_one_window_is_not_defined() -> None:
    assert mattr(np.zeros(9, dtype=np.int32), 10) is None


def test_collision_probability_is_the_share_of_equal_pairs() -> None:
    assert collision_probability(np.array([2, 1])) == pytest.approx(1 / 3)
    assert collision_probability(np.array([1, 1, 1])) == 0
    assert collision_probability(np.array([1])) is None


def test_pair_keys_do_not_know_the_order_of_the_sides() -> None:
    one, two = text_keys(["boy: tea", "boy: tea"]), text_keys(["girl: coffee", "girl: milk"])

    assert pair_keys(one, two).tolist() == pair_keys(two, one).tolist()
    assert pair_keys(one, two)[0] != pair_keys(one, two)[1]


def test_codes_number_the_names_as_they_appear() -> None:
    coded, names = codes(["b", "a", "b"])

    assert coded.tolist() == [0, 1, 0]
    assert names == ["b", "a"]


def test_the_table_counts_each_normalised_text_once(pair_set: PairSetFactory) -> None:
    table = text_table(pair_set(["boy: I like tea", "boy: Milk"], ["girl: i like TEA.", "girl: tea I like"]))

    assert table.side_1.tolist() == [0, 1]
    assert table.side_2.tolist() == [0, 2]
    assert table.lengths.tolist() == [3, 1, 3]
    assert [table.words[token] for token in table.tokens] == ["i", "like", "tea", "milk", "tea", "i", "like"]


def test_a_text_without_words_is_an_empty_row(pair_set: PairSetFactory) -> None:
    table = text_table(pair_set(["boy: ...", "boy: ..."], ["girl: ?!", "girl: tea"]))

    assert table.lengths.tolist() == [0, 0, 1]
    assert lexical_overlap(table).tolist() == [0, 0]


def test_the_table_of_a_file_is_made_once(pair_set: PairSetFactory) -> None:
    pairs = pair_set(["boy: tea"], ["girl: milk"])

    assert text_table(pairs) is text_table(pairs)
    assert text_table(pairs) is not text_table(pair_set(["boy: tea"], ["girl: milk"]))


def test_ngrams_do_not_run_over_the_end_of_a_text(pair_set: PairSetFactory) -> None:
    table = text_table(pair_set(["boy: a b c", "boy: b c"], ["girl: c", "girl: a b c d"]))

    assert len(ngram_keys(table, 2)) == 2 + 1 + 0 + 3
    assert sorted(kind_counts(ngram_keys(table, 2)).tolist()) == [1, 2, 3]
    assert kind_counts(opening_keys(table, 3)).tolist() == [2]


def test_lexical_overlap_is_the_jaccard_index_of_the_words(pair_set: PairSetFactory) -> None:
    pairs = pair_set(["boy: a b b", "boy: a", "boy: a b"], ["girl: b c", "girl: d", "girl: b a"])

    assert lexical_overlap(text_table(pairs)).tolist() == pytest.approx([1 / 3, 0, 1])


def test_the_word_matrix_holds_each_word_of_a_text_once(pair_set: PairSetFactory) -> None:
    matrix = word_matrix(text_table(pair_set(["boy: a b a"], ["girl: b"])))

    assert matrix.toarray().tolist() == [[1, 1], [0, 1]]


def test_a_sign_at_the_end_of_a_text_draws_nothing_else(pair_set: PairSetFactory) -> None:
    plain = text_table(pair_set(["boy: tea", "boy: 茶"], ["girl: milk", "girl: (water)"]))
    signs = text_table(pair_set(["boy: tea?", "boy: 茶"], ["girl: milk!", "girl: water"]))

    assert plain.order.tolist() == signs.order.tolist()
    assert plain.pair_order.tolist() == signs.pair_order.tolist()
    assert not set(plain.pair_keys.tolist()) & set(signs.pair_keys.tolist())


def test_the_draw_of_words_does_not_know_the_order_of_the_rows(random_pairs: PairSetFactory) -> None:
    pairs = random_pairs(60)
    reverse = random_pairs(60)
    reverse.text_1.reverse()
    reverse.text_2.reverse()
    drawn = [
        [table.words[token] for token in shuffled_tokens(table, 200)] for table in map(text_table, (pairs, reverse))
    ]

    assert drawn[0] == drawn[1]
    assert 200 <= len(drawn[0]) < 220
