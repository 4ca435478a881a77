from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from src.audit import framework
from src.audit import near_duplicates as module
from src.audit.framework import AuditFile, FilePair
from src.audit.near_duplicates import near_copies, near_repeats
from src.audit.shingles import JaccardIndex
from src.data.minhash import BANDS
from src.models import Split

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from src.models import PairSet
    from tests.conftest import PairSetFactory


@pytest.fixture
def train(random_pairs: PairSetFactory) -> PairSet:
    return random_pairs(200, seed=1)


@pytest.fixture
def held_out(random_pairs: PairSetFactory) -> PairSet:
    return random_pairs(100, seed=2)


def split_of(train: PairSet, held_out: PairSet) -> FilePair:
    return FilePair(AuditFile(Split.TRAIN, train), AuditFile(Split.TEST, held_out))


def test_random_pairs_have_no_near_duplicate(train: PairSet, held_out: PairSet) -> None:
    assert near_repeats(AuditFile(Split.TRAIN, train)).value == 0.0
    assert near_copies(split_of(train, held_out)).value == 0.0


def test_a_pair_with_one_more_word_is_a_near_duplicate(train: PairSet) -> None:
    train.text_1[9], train.text_2[9] = train.text_1[4] + " really", train.text_2[4]
    outcome = near_repeats(AuditFile(Split.TRAIN, train))

    assert outcome.rows.tolist() == [9]
    assert outcome.observed == (
        "at least 1 of 200 examined pairs (0.5%) have an earlier near-duplicate: at most 2 words differ, "
        "or Jaccard index 0.8 or more"
    )


def test_a_repeat_is_not_a_near_duplicate(train: PairSet) -> None:
    train.text_1[9], train.text_2[9] = train.text_1[4], train.text_2[4]
    outcome = near_repeats(AuditFile(Split.TRAIN, train))

    assert (outcome.value, outcome.n) == (0.0, 199)


def test_a_near_copy_stands_in_the_source_with_one_more_word_a_side(train: PairSet, held_out: PairSet) -> None:
    held_out.text_1[0], held_out.text_2[0] = train.text_1[0] + " really", train.text_2[0] + " too"
    outcome = near_copies(split_of(train, held_out))

    assert outcome.rows.tolist() == [0]
    assert outcome.observed.startswith("at least 1 of 100 examined pairs (1.0%) have a near-duplicate in train")


def test_a_near_copy_is_found_in_either_order_of_the_sides(train: PairSet, held_out: PairSet) -> None:
    held_out.text_1[0], held_out.text_2[0] = train.text_2[7] + " really", train.text_1[7]

    assert near_copies(split_of(train, held_out)).rows.tolist() == [0]


def test_pairs_that_share_a_bucket_but_less_than_the_index_are_not_found(pair_set: PairSetFactory) -> None:
    common = " ".join(f"w{i}" for i in range(30))
    rest = [" ".join(f"{letter}{i}" for i in range(9)) for letter in "ab"]
    pairs = pair_set([f"boy: {common} {words}" for words in rest], ["girl: tea"] * 2)
    file = AuditFile(Split.TRAIN, pairs)

    assert any(one == two for one, two in file.buckets)
    assert near_repeats(file).value == 0.0


def _none_alike(file: AuditFile, _asked: object, other: AuditFile, _rows: object) -> NDArray[np.intp]:
    """As if no two words ever told two pairs apart, so that the Jaccard index is left."""
    return np.full(len(file.pairs), len(other.pairs))


@pytest.mark.parametrize("others", [1, 12])
def test_a_near_duplicate_is_found_behind_other_pairs_of_its_bucket(
    pair_set: PairSetFactory, monkeypatch: pytest.MonkeyPatch, others: int
) -> None:
    monkeypatch.setattr(framework, "band_keys", lambda table: np.zeros((BANDS, len(table.side_1)), dtype=np.uint64))
    monkeypatch.setattr(module, "first_alike", _none_alike)
    same = "a warm walk by the old river and back home before the rain"
    texts = [f"boy: {same}", *(f"boy: nothing{i} like{i} it" for i in range(others)), f"boy: {same} really"]
    pairs = pair_set(texts, ["girl: tea"] * len(texts))
    source = pair_set([*texts[1:-1], texts[0]], ["girl: tea"] * (others + 1))
    target = pair_set(texts[-1:], ["girl: tea"])

    assert near_repeats(AuditFile(Split.TRAIN, pairs)).rows.tolist() == [others + 1]
    assert near_copies(split_of(source, target)).rows.tolist() == [0]


def test_a_file_of_copies_leaves_nothing_to_compare(train: PairSet) -> None:
    outcome = near_copies(split_of(train, train))

    assert (outcome.value, outcome.observed, outcome.n) == (None, "no pair is left to compare", 0)


def test_in_large_buckets_the_jaccard_index_finds_most_and_together_with_the_edits_nearly_all_are_found(
    pair_set: PairSetFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three templates with slots: each pair shares its buckets with hundreds, most of them not near."""
    rng = np.random.default_rng(0)
    frames = rng.integers(0, 60, (3, 14)).astype("U9")

    def text() -> str:
        words = frames[rng.integers(3)].copy()
        words[[2, 6, 10, 13]] = [f"slot{place}x{rng.integers(4)}" for place in range(4)]
        return " ".join(words)

    file = AuditFile(Split.TRAIN, pair_set([text() for _ in range(700)], [text() for _ in range(700)]))
    index = JaccardIndex(file.table, file.table)
    near = [row for row in range(640, 700) if index.reaches(0.8, np.full(row, row), np.arange(row)).any()]

    def recall() -> float:
        found = near_repeats(file).rows.tolist()
        return sum(row in found for row in near) / len(near)

    assert len(near) >= 30
    assert recall() >= 0.95
    monkeypatch.setattr(module, "first_alike", _none_alike)
    assert recall() >= 0.85


def test_a_large_file_is_examined_by_drawn_rows(train: PairSet, monkeypatch: pytest.MonkeyPatch) -> None:
    train.text_1[100:] = [f"{text} really" for text in train.text_1[:100]]
    train.text_2[100:] = train.text_2[:100]
    whole = near_repeats(AuditFile(Split.TRAIN, train))
    monkeypatch.setattr(module, "NEAR_EXAMINED", 80)
    drawn = near_repeats(AuditFile(Split.TRAIN, train))

    assert (whole.n, drawn.n) == (200, 80)
    assert whole.value is not None
    assert drawn.value == pytest.approx(whole.value, abs=0.15)
    assert set(drawn.rows.tolist()) < set(whole.rows.tolist())
