from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from src.audit import close_embeddings as module
from src.audit.close_embeddings import are_close, close_copies
from src.audit.framework import AuditFile, FilePair
from src.models import FindingStatus, Split

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from src.models import AuditFinding, PairSet
    from tests.conftest import PairSetFactory


def turned(vector: NDArray[np.float32], cosine: float) -> NDArray[np.float32]:
    """A vector of the same length with this cosine to the first one."""
    other = np.roll(vector, 1)
    other = other - (other @ vector) / (vector @ vector) * vector
    other *= np.linalg.norm(vector) / np.linalg.norm(other)
    return (cosine * vector + np.sqrt(1 - cosine**2) * other).astype(np.float32)


@pytest.fixture
def source() -> NDArray[np.float32]:
    return np.random.default_rng(0).normal(size=(40, 2, 32)).astype(np.float32)


@pytest.mark.parametrize(
    ("cosines", "swapped", "close"),
    [((0.96, 0.96), False, True), ((0.96, 0.96), True, True), ((0.96, 0.94), False, False), ((1.0, 0.0), False, False)],
)
def test_both_sides_must_be_close_to_those_of_one_pair_in_either_order(
    source: NDArray[np.float32], cosines: tuple[float, float], *, swapped: bool, close: bool
) -> None:
    pair = np.stack([turned(source[7, side], cosine) for side, cosine in enumerate(cosines)])
    target = pair[None, ::-1] if swapped else pair[None]

    assert are_close(target, source).tolist() == [close]


def test_sides_close_to_those_of_two_pairs_are_not(source: NDArray[np.float32]) -> None:
    assert are_close(np.stack([source[3, 0], source[4, 1]])[None], source).tolist() == [False]


def test_blocks_change_nothing(source: NDArray[np.float32], monkeypatch: pytest.MonkeyPatch) -> None:
    target = np.concatenate([source[::4], -source[:5]])
    whole = are_close(target, source)
    monkeypatch.setattr(module, "_TARGETS", 3)
    monkeypatch.setattr(module, "_SOURCES", 7)

    assert are_close(target, source).tolist() == whole.tolist() == [True] * 10 + [False] * 5


def _finding(
    train: PairSet, held_out: PairSet, target: NDArray[np.float32], source: NDArray[np.float32]
) -> AuditFinding:
    return close_copies(FilePair(AuditFile(Split.TRAIN, train), AuditFile(Split.TEST, held_out)), target, source)


def test_the_finding_names_the_rows_and_leaves_copies_to_another_finding(
    source: NDArray[np.float32], random_pairs: PairSetFactory
) -> None:
    train, held_out = random_pairs(40, seed=1), random_pairs(20, seed=2)
    target = np.random.default_rng(9).normal(size=(20, 2, 32)).astype(np.float32)
    target[[3, 5]] = source[[30, 31]]
    held_out.text_1[5], held_out.text_2[5] = train.text_1[31], train.text_2[31]
    found = _finding(train, held_out, target, source)

    assert (found.code, found.status, found.n) == ("LEAK-006", FindingStatus.WARN, 19)
    assert found.rows == ("pairs.jsonl:4",)
    assert found.observed.startswith(
        "1 of 19 examined pairs (5.3%) have a pair in train with base-model cosines of 0.95"
    )


def test_a_large_split_is_examined_by_drawn_rows(
    source: NDArray[np.float32], random_pairs: PairSetFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MIN_EXAMINED", 10)
    monkeypatch.setattr(module, "MAX_COUPLES", 40)
    found = _finding(random_pairs(40, seed=1), random_pairs(40, seed=2), source, source)

    assert (found.n, found.observed[:29]) == (10, "10 of 10 examined pairs (100.")


def test_where_all_pairs_are_copies_nothing_is_left_to_compare(
    source: NDArray[np.float32], random_pairs: PairSetFactory
) -> None:
    train = random_pairs(40, seed=1)
    found = _finding(train, train, source, source)

    assert (found.status, found.observed) == (FindingStatus.OK, "not applicable: no pair is left to compare")
