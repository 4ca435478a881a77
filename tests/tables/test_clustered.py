from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from src.tables.clustered import clustered_table, differences_note, scores_note
from src.tables.scores import difference_table, score_table
from tests.support.factories import make_comparison
from tests.support.table_reading import column

if TYPE_CHECKING:
    from src.models import ModelSummary


def models(**changes: object) -> tuple[ModelSummary, ...]:
    made = make_comparison(("baseline", "finetuned")).models
    return tuple(
        model.model_copy(update={"clustered": model.clustered and model.clustered.model_copy(update=changes)})
        for model in made
    )


def test_each_metric_has_a_row_for_the_score_and_one_for_the_difference() -> None:
    found = clustered_table(models())

    assert found.caption == "Intervals clustered by subcategory"
    assert found.columns == ("Metric", "baseline", "standard")
    assert [cell.text for cell in column(found, "Metric")][:2] == ["Margin", "Margin, minus base model"]
    score, change = (cell.note for cell in column(found, "standard")[:2])
    assert score.startswith("[0.")
    assert change.startswith("[0.9")
    assert column(found, "baseline")[1].text == ""
    assert "40 clusters, which count as 21 of equal size" in found.note


def test_the_tables_of_scores_and_differences_say_the_intervals_of_the_auc() -> None:
    made = models()
    scores = score_table([model.evaluation for model in made], made).note
    differences = difference_table(made).note

    assert "Clustered by subcategory, the intervals of AUC-ROC are: baseline [0.250, 0.330], standard [" in scores
    assert "the intervals of AUC-ROC are: standard [" in differences


def test_too_few_clusters_leave_the_reason() -> None:
    made = models(
        reason="3 clusters count as 2.1 of equal size; 10 are needed: no interval", estimates=(), differences=()
    )

    assert scores_note(made) == differences_note(made) == clustered_table(made).note
    assert scores_note(made) == (
        "No intervals are clustered by subcategory: 3 clusters count as 2.1 of equal size; 10 are needed."
    )


@pytest.mark.parametrize("told", [scores_note, differences_note])
def test_a_comparison_that_was_not_clustered_says_nothing(told) -> None:
    assert told([model.model_copy(update={"clustered": None}) for model in models()]) == ""
