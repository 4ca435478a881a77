from __future__ import annotations

import pytest

from src.charts.seeds import SeedDots
from src.models import OverSeeds, RecipeSeeds, SeedsResult
from src.tables.scores import difference_table, score_table
from tests.support.chart_figures import printed, words
from tests.support.factories import make_comparison
from tests.support.table_reading import column, row


def over(metric: str, *values: float) -> OverSeeds:
    mean = sum(values) / len(values)
    return OverSeeds(metric=metric, values=values, mean=mean, deviation=0.021, low=mean - 0.1, high=mean + 0.1)


RESULT = make_comparison().model_copy(
    update={
        "seeds": SeedsResult(
            recipes=(
                RecipeSeeds(
                    model="lora",
                    seeds=(42, 43, 44),
                    estimates=(over("auc_roc", 0.7, 0.75, 0.8),),
                    differences=(over("auc_roc", 0.1, 0.15, 0.2),),
                    challenge=over("auc_roc", 0.4, 0.5, 0.6),
                ),
            )
        )
    }
)


def test_each_seed_is_a_dot_beside_the_mean_with_its_interval_on_test_and_challenge_pairs() -> None:
    dots, mean, hard, _ = SeedDots(RESULT).figure().data

    assert list(dots.x) == [0.7, 0.75, 0.8]
    assert list(mean.x) == [pytest.approx(0.75)]
    assert mean.error_x.array[0] == pytest.approx(0.1)
    assert list(hard.x) == [0.4, 0.5, 0.6]
    assert set(hard.y) == {1}


def test_the_base_model_is_a_line_in_each_row() -> None:
    base = RESULT.models[0].evaluation

    assert [shape.x0 for shape in SeedDots(RESULT).figure().layout.shapes] == [
        base.ranking.value,
        base.challenge.ranking.value,
    ]


def test_it_is_printed_with_both_rows() -> None:
    found = words(printed(SeedDots(RESULT)))

    assert "lora, test\n0.750 [0.650, 0.850]" in found
    assert "lora, challenge\n0.500" in found


def test_the_spread_of_the_seeds_stands_beside_the_intervals_of_scores_and_differences() -> None:
    scores = score_table([one.evaluation for one in RESULT.models], RESULT.models, RESULT.seeds)
    areas = [cell.note for cell in column(scores, "AUC-ROC")]
    changes = row(difference_table(RESULT.models, RESULT.seeds), "AUC-ROC")

    assert ["seeds deviate by 0.021" in note for note in areas] == [False, False, True, False]
    assert "seeds deviate by 0.021" in column(scores, "AUC-ROC, challenge set")[2].note
    assert "seeds deviate by 0.021" in changes[2].note
    assert "the standard deviation of the seeds" in scores.note


def test_with_one_seed_no_spread_is_told() -> None:
    scores = score_table([one.evaluation for one in RESULT.models], RESULT.models)

    assert not any("seeds deviate" in cell.note for cell in column(scores, "AUC-ROC"))
    assert "standard deviation of the seeds" not in scores.note
