from __future__ import annotations

import pytest

from src.evaluation.metric_registry import HEADLINES, METRICS, Scored, measured, metric_label
from src.evaluation.variance import Sample
from src.models import Evaluation
from src.verdict.targets import TARGETS
from tests.support.known_scores import METRIC_NAMES, draw_scores

NAMES = [metric.name for metric in METRICS]


def test_each_name_and_each_label_stands_for_one_metric() -> None:
    assert len(set(NAMES)) == len({metric.label for metric in METRICS}) == len(METRICS)


def test_the_estimates_and_the_columns_keep_their_order() -> None:
    assert tuple(metric.name for metric in METRICS if metric.influence) == METRIC_NAMES
    assert [metric_label(name) for name in HEADLINES] == [
        "Margin", "Cohen's d", "AUC-ROC", "Average precision", "Spearman", "Cluster purity", "FP rate at 95 % recall",
    ]  # fmt: skip


def test_every_metric_with_an_interval_has_a_value_and_a_method() -> None:
    assert all(metric.compute and metric.method for metric in METRICS if metric.influence)


def test_every_headline_without_an_interval_and_every_target_is_a_field_of_an_evaluation() -> None:
    without = {metric.name for metric in METRICS if metric.headline and not metric.influence}

    assert without | set(TARGETS) <= set(Evaluation.model_fields) & set(NAMES)


@pytest.mark.parametrize("seed", range(20))
def test_values_and_second_intervals_lie_in_the_range_of_the_metric(seed: int) -> None:
    scores, labels = draw_scores(40, shift=seed / 4 - 2, seed=seed, decimals=1 + seed % 4)
    of = Scored(scores, Sample(labels == 1), 0.1)
    values = measured(scores, labels == 1, 0.1)

    for metric in METRICS:
        value = values.get(metric.name)
        if value is None or metric.influence is None:
            continue
        influence = metric.influence(of)
        assert influence is not None
        assert metric.range[0] <= value <= metric.range[1]
        assert influence.sum() == pytest.approx(0, abs=1e-9)
        if metric.near_end is not None:
            second = metric.near_end(value, of, of.sample.spread(influence))
            assert second is None or metric.range[0] <= second.low <= value <= second.high <= metric.range[1]


def test_without_a_threshold_the_f1_is_undefined_and_the_auc_is_not() -> None:
    scores, labels = draw_scores(40)
    found = measured(scores, labels == 1, None)

    assert found["f1"] is None
    assert found["auc_roc"] is not None


def test_a_metric_has_a_label_for_readers_and_an_unknown_one_its_name_in_words() -> None:
    assert metric_label("auc_roc") == "AUC-ROC"
    assert metric_label("some_new_metric") == "some new metric"
