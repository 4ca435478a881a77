from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from src.charts.slopes import SplitSlopes
from src.evaluation.estimates import auc_estimate
from src.evaluation.variance import Sample
from src.metrics import threshold_metrics
from src.models import GradeScale, Split
from src.views.on_splits import PAIRS_OF_OTHER_SPLITS, SplitView, drawn_rows, split_views
from tests.support.factories import make_cosines, make_evaluation, make_pairs
from tests.support.report_pages import made_views


def test_the_splits_stand_from_train_to_challenge_and_test_keeps_its_evaluations() -> None:
    evaluation = make_evaluation()
    views = made_views([evaluation])

    assert [view.split for view in views] == [Split.TRAIN, Split.TEST, Split.CHALLENGE]
    assert views[1].evaluations == (evaluation,)


def test_a_split_is_measured_as_an_evaluation_measures_it_at_the_models_own_threshold() -> None:
    evaluation = make_evaluation()
    train = made_views([evaluation])[0]
    [seen], scores, labels = train.evaluations, train.scores["baseline"], train.pairs.labels
    point = seen.operating_point

    assert seen.ranking == auc_estimate(scores, Sample.of(train.pairs))
    assert point is not None
    assert evaluation.operating_point is not None
    assert point == threshold_metrics(scores, labels, evaluation.operating_point.threshold)
    assert sum(seen.histogram.compatible) == np.count_nonzero(labels)
    assert seen.eval_data.n == len(train.pairs)


def test_a_split_with_one_label_has_no_curve_and_no_auc() -> None:
    pairs = make_pairs(40)
    ones = pairs.take(np.flatnonzero(pairs.labels == 1))
    sets = {Split.TEST: pairs, Split.CHALLENGE: ones}
    views = split_views([make_evaluation()], sets, {split: {"baseline": make_cosines(sets[split])} for split in sets})

    assert views[1].evaluations[0].roc is None
    assert views[1].evaluations[0].ranking.value is None


def test_graded_pairs_have_their_bins_and_spearman_and_no_thresholds() -> None:
    scale = GradeScale(low=0, high=2)
    pairs = replace(make_pairs(60), grades=np.arange(60.0) % 3, scale=scale)
    scores = {Split.TRAIN: {"baseline": make_cosines(pairs)}}
    [view] = split_views([make_evaluation(operating_point=None)], {Split.TRAIN: pairs}, scores)
    [seen] = view.evaluations

    assert [one.low for one in seen.by_grade] == [0, 1, 2]
    assert seen.ranking.name == "spearman_correlation"
    assert seen.operating_point is None
    assert figure_of(view)["layout"]["yaxis"]["title"]["text"] == "Spearman"


def figure_of(view: SplitView) -> dict[str, Any]:
    found: dict[str, Any] = SplitSlopes([view]).figure().to_plotly_json()
    return found


def test_as_many_cosines_as_pairs_are_asked_for() -> None:
    sets = {Split.TRAIN: make_pairs(40)}

    with pytest.raises(ValueError, match="40"):
        split_views([make_evaluation()], sets, {Split.TRAIN: {"baseline": np.zeros(39)}})


def test_of_a_large_split_a_seeded_sample_is_listed_and_of_a_small_one_all() -> None:
    rows = drawn_rows(10_000, seed=42)

    assert len(set(rows.tolist())) == PAIRS_OF_OTHER_SPLITS
    assert (np.diff(rows) > 0).all()
    assert (rows == drawn_rows(10_000, seed=42)).all()
    assert (rows != drawn_rows(10_000, seed=43)).any()
    assert drawn_rows(3, seed=42).tolist() == [0, 1, 2]
