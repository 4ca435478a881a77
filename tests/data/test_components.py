from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from src.data.components import FOLDS, component_folds, component_sample, connected, largest_component
from src.data.text_table import text_table

if TYPE_CHECKING:
    from tests.conftest import PairSetFactory


def test_pairs_are_connected_through_a_chain_of_texts() -> None:
    component = connected(np.array([0, 1, 3, 5], dtype=np.int32), np.array([1, 2, 4, 5], dtype=np.int32))

    assert component[0] == component[1]
    assert len({component[0], component[2], component[3]}) == 3


def test_pairs_of_one_group_are_connected() -> None:
    texts = np.arange(4, dtype=np.int32)

    component = connected(texts, texts + 4, np.array([0, 1, 0, 2], dtype=np.int32))

    assert component[0] == component[2]
    assert len(set(component.tolist())) == 3


def test_no_group_stands_in_two_folds_or_on_both_sides_of_a_sample(random_pairs: PairSetFactory) -> None:
    groups = [f"g{i // 4}" for i in range(200)]
    pairs = random_pairs(200, groups=groups)

    fold = component_folds(text_table(pairs), pairs.labels)
    drawn = component_sample(text_table(pairs), pairs.labels, (20, 20), seed=3)

    assert len(set(zip(groups, fold.tolist(), strict=True))) == 50
    assert len(set(zip(groups, drawn.tolist(), strict=True))) == 50
    assert 20 < drawn.sum() <= 40
    assert largest_component(text_table(pairs)) == 4


def test_no_text_stands_in_two_folds(pair_set: PairSetFactory) -> None:
    rng = np.random.default_rng(0)
    pairs = pair_set([f"boy: a{i // 3}" for i in range(300)], [f"girl: b{i}" for i in rng.integers(0, 400, 300)])
    fold = component_folds(text_table(pairs), pairs.labels)
    of_text: dict[str, set[int]] = {}
    for one, two, place in zip(pairs.text_1, pairs.text_2, fold.tolist(), strict=True):
        of_text.setdefault(one, set()).add(place)
        of_text.setdefault(two, set()).add(place)

    assert set(fold.tolist()) == set(range(FOLDS))
    assert {len(places) for places in of_text.values()} == {1}


def test_each_fold_has_its_share_of_each_label(random_pairs: PairSetFactory) -> None:
    pairs = random_pairs(200)
    pairs.labels[:] = [int(i % 5 == 0) for i in range(200)]
    fold = component_folds(text_table(pairs), pairs.labels)

    assert np.bincount(fold, weights=pairs.labels).tolist() == [8.0] * FOLDS
    assert np.bincount(fold).tolist() == [40] * FOLDS


def test_the_order_of_the_rows_moves_no_pair_to_another_fold(random_pairs: PairSetFactory) -> None:
    pairs = random_pairs(60)
    order = np.random.default_rng(1).permutation(60)
    shuffled = pairs.take(order)

    fold = component_folds(text_table(pairs), pairs.labels)
    assert component_folds(text_table(shuffled), shuffled.labels).tolist() == fold[order].tolist()


def test_a_sample_of_components_holds_no_more_of_a_label_than_is_wanted(random_pairs: PairSetFactory) -> None:
    pairs = random_pairs(200)
    pairs.labels[:] = [int(i % 5 == 0) for i in range(200)]

    drawn = component_sample(text_table(pairs), pairs.labels, (30, 10), seed=3)

    assert np.bincount(pairs.labels[drawn]).tolist() == [30, 10]


def test_a_component_that_does_not_fit_is_left_out_of_a_sample(pair_set: PairSetFactory) -> None:
    pairs = pair_set(["boy: hub"] * 80 + [f"boy: a{i}" for i in range(20)], [f"girl: b{i}" for i in range(100)])

    drawn = component_sample(text_table(pairs), pairs.labels, (8, 8), seed=0)

    assert drawn.tolist() == [False] * 80 + drawn[80:].tolist()
    assert np.bincount(pairs.labels[drawn]).tolist() == [8, 8]
    assert largest_component(text_table(pairs)) == 80


def test_each_component_goes_to_the_fold_with_the_fewest_pairs_of_its_labels(pair_set: PairSetFactory) -> None:
    pairs = pair_set([f"boy: a{i // 4 if i < 8 else i}" for i in range(13)], [f"girl: b{i}" for i in range(13)])
    pairs.labels[:] = [1, 0, 1, 1, 0, 0, 0, 0, 1, 1, 0, 0, 1]
    fold = component_folds(text_table(pairs), pairs.labels)

    assert sorted(fold[[0, 4]].tolist()) == [0, 1]
    assert len(set(fold[:4].tolist())) == len(set(fold[4:8].tolist())) == 1
    # folds 0 and 1 have pairs of both labels or of one; every single goes where its label is rarest
    assert not set(fold[[8, 9, 12]].tolist()) & {int(fold[0])}
    assert np.bincount(fold, weights=pairs.labels, minlength=FOLDS).max() == 3
