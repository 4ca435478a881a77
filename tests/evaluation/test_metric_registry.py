from __future__ import annotations

import numpy as np
import pytest

from src.evaluation.metric_registry import HEADLINES, METRICS, measured, metric_label, resampled
from src.evaluation.resamples import Resamples, at, ranked_scores, resample_weights
from src.models import Evaluation
from src.verdict.targets import TARGETS
from tests.support.known_scores import METRIC_NAMES, draw_scores

NAMES = [metric.name for metric in METRICS]


def test_each_name_and_each_label_stands_for_one_metric() -> None:
    assert len(set(NAMES)) == len({metric.text.label for metric in METRICS}) == len(METRICS)


def test_the_estimates_and_the_columns_keep_their_order() -> None:
    assert tuple(metric.name for metric in METRICS if metric.resample) == METRIC_NAMES
    assert [metric_label(name) for name in HEADLINES] == [
        "Margin", "Cohen's d", "AUC-ROC", "Average precision", "Spearman", "Cluster purity", "FP rate at 95 % recall",
    ]  # fmt: skip


def test_every_metric_that_is_resampled_has_a_value_of_all_pairs_to_belong_to() -> None:
    assert all(metric.compute for metric in METRICS if metric.resample)


def test_every_headline_without_an_interval_and_every_target_is_a_field_of_an_evaluation() -> None:
    without = {metric.name for metric in METRICS if metric.headline and not metric.resample}

    assert without | set(TARGETS) <= set(Evaluation.model_fields) & set(NAMES)


@pytest.mark.parametrize("seed", range(20))
def test_values_of_all_pairs_and_of_resamples_lie_in_the_range_of_the_metric(seed: int) -> None:
    scores, labels = draw_scores(40, shift=seed / 4 - 2, seed=seed, decimals=1 + seed % 4)
    compatible = labels == 1
    ranked = ranked_scores(scores, compatible, 0.1)
    positive, negative = next(resample_weights(compatible, seed))
    block = Resamples(at(positive, ranked.positive_order), at(negative, ranked.negative_order), ranked)
    ranges = {metric.name: metric.range for metric in METRICS}

    for name, value in measured(scores, compatible, 0.1).items():
        assert value is not None
        assert ranges[name][0] <= value <= ranges[name][1]
    for name, values in resampled(block).items():
        defined = values[np.isfinite(values)]
        assert defined.size
        assert ranges[name][0] - 1e-12 <= defined.min() <= defined.max() <= ranges[name][1] + 1e-12


def test_without_a_threshold_the_f1_is_undefined_and_the_auc_is_not() -> None:
    scores, labels = draw_scores(40)
    found = measured(scores, labels == 1, None)

    assert found["f1"] is None
    assert found["auc_roc"] is not None


def test_a_metric_has_a_label_for_readers_and_an_unknown_one_its_name_in_words() -> None:
    assert metric_label("auc_roc") == "AUC-ROC"
    assert metric_label("some_new_metric") == "some new metric"
