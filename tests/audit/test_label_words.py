from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from src.audit.checks import FILE_CHECKS
from src.audit.finding_codes import FindingCode
from src.audit.framework import AuditFile, finding
from src.audit.label_words import label_correlated_words, word_correlations
from src.data.text_table import text_table
from src.data.tokens import words_of
from src.models import FindingStatus, Split
from tests.support.scripts import SCRIPTS, given_away

if TYPE_CHECKING:
    from src.models import PairSet
    from tests.conftest import PairSetFactory


@pytest.fixture
def train(random_pairs: PairSetFactory) -> PairSet:
    return random_pairs(200, seed=1)


# --- the check ------------------------------------------------------------------------------------------


def test_a_label_correlated_word_is_listed_with_its_side(train: PairSet) -> None:
    train.text_2[:] = [t + " never" * int(y == 0) for t, y in zip(train.text_2, train.labels, strict=True)]
    outcome = label_correlated_words(AuditFile(Split.TRAIN, train))

    negative = np.count_nonzero(train.labels == 0)
    assert outcome.value == negative / 200
    assert outcome.rows.tolist() == np.flatnonzero(train.labels == 0).tolist()
    assert f"text_2 'never' 0% of {negative}" in outcome.observed


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_word_that_gives_the_label_away_is_warned_of_in_any_script(pair_set: PairSetFactory, name: str) -> None:
    pairs = given_away(pair_set, SCRIPTS[name])
    check = next(check for check in FILE_CHECKS if check.code is FindingCode.LABEL_CORRELATED_WORDS)

    assert finding(check, AuditFile(Split.TRAIN, pairs)).status is FindingStatus.WARN


def test_a_word_that_stands_with_both_labels_is_not_correlated(train: PairSet) -> None:
    train.text_2[:] = [text + " never" for text in train.text_2]
    outcome = label_correlated_words(AuditFile(Split.TRAIN, train))

    assert outcome.value == 0.0
    assert "0 of 1 words correlate with the label, 0 of them strongly" in outcome.observed
    assert outcome.observed.endswith("; none is significant")


def test_a_correlation_is_strong_only_beyond_60_percent_of_the_way_from_the_base_rate(
    random_pairs: PairSetFactory,
) -> None:
    pairs = random_pairs(4000)
    pairs.labels[:] = np.arange(4000) % 2
    # 75 % of the pairs with `often` are compatible, 85 % of those with `mostly`
    for word, first, chosen in (("often", 0, (300, 100)), ("mostly", 2000, (340, 60))):
        for label, n in zip((1, 0), chosen, strict=True):
            for row in [i for i in range(first, first + 2000) if pairs.labels[i] == label][:n]:
                pairs.text_1[row] += f" {word}"
    outcome = label_correlated_words(AuditFile(Split.TRAIN, pairs))

    assert "2 of" in outcome.observed
    assert "correlate with the label, 1 of them strongly; 10.0% of the pairs have a strong one" in outcome.observed
    assert outcome.value == 0.1
    assert "'often' 75% of 400" in outcome.observed


def test_a_word_can_be_strongly_correlated_with_the_label_that_most_pairs_have(random_pairs: PairSetFactory) -> None:
    pairs = random_pairs(2000)
    pairs.labels[:] = np.arange(2000) % 5 > 0
    for row in np.flatnonzero(pairs.labels)[:200]:
        pairs.text_1[row] += " always"
    outcome = label_correlated_words(AuditFile(Split.TRAIN, pairs))

    assert "'always' 100% of 200" in outcome.observed
    assert "1 of them strongly" in outcome.observed
    assert outcome.rows.tolist() == np.flatnonzero(pairs.labels)[:200].tolist()


def test_repeated_rows_do_not_move_the_base_rate_that_a_word_is_compared_with(random_pairs: PairSetFactory) -> None:
    pairs = random_pairs(2000)
    pairs.labels[:] = np.arange(2000) % 2
    for label, n in ((1, 34), (0, 6)):
        for row in range(label, 2 * n, 2):
            pairs.text_1[row] += " mostly"
    pairs.text_1[400:], pairs.text_2[400:] = [pairs.text_1[399]] * 1600, [pairs.text_2[399]] * 1600
    pairs.labels[400:] = 1
    outcome = label_correlated_words(AuditFile(Split.TRAIN, pairs))

    assert "'mostly' 85% of 40" in outcome.observed
    assert "1 of them strongly" in outcome.observed


def test_one_label_correlates_with_no_word(train: PairSet) -> None:
    train.labels[:] = 1
    outcome = label_correlated_words(AuditFile(Split.TRAIN, train))

    assert (outcome.value, outcome.observed) == (None, "there is one label only")


def test_repeated_rows_do_not_make_up_ten_pairs_with_a_word(train: PairSet) -> None:
    train.text_1[:12], train.text_2[:12] = ["boy: never tea"] * 12, ["girl: never milk"] * 12
    train.labels[:12] = 0
    outcome = label_correlated_words(AuditFile(Split.TRAIN, train))

    assert (outcome.value, outcome.observed) == (None, "no word occurs in 10 distinct pairs")


def test_words_of_fewer_than_ten_pairs_are_not_tested(pair_set: PairSetFactory) -> None:
    pairs = pair_set([f"boy: alpha{i} word" for i in range(9)], [f"girl: beta{i}" for i in range(9)])
    outcome = label_correlated_words(AuditFile(Split.TRAIN, pairs))

    assert (outcome.value, outcome.observed) == (None, "no word occurs in 10 distinct pairs")


# --- the measures ---------------------------------------------------------------------------------------


def test_random_labels_correlate_with_few_words(random_pairs: PairSetFactory) -> None:
    pairs = random_pairs(5000)
    found = word_correlations(text_table(pairs), pairs.labels, np.ones(5000, dtype=bool))

    assert found.significant.mean() < 0.01


def test_repeated_pairs_are_not_counted(random_pairs: PairSetFactory) -> None:
    pairs = random_pairs(40)
    counted = np.arange(40) < 20
    found = word_correlations(text_table(pairs), pairs.labels, counted)

    assert found.pairs.sum() == sum(len(set(words_of(t))) for t in [*pairs.text_1[:20], *pairs.text_2[:20]])
