from __future__ import annotations

from src.models import ModelChange
from src.tables.space import geometry_table, separation_table
from tests.support.factories import make_evaluation
from tests.support.table_reading import column


def test_a_small_p_is_written_as_such() -> None:
    [cell] = column(separation_table([make_evaluation("finetuned")]), "p")

    assert cell.text == "< 0.0001"


def test_the_base_model_did_not_move() -> None:
    baseline, trained = column(geometry_table([make_evaluation(), make_evaluation("lora")]), "Mean cosine to the base")

    assert (baseline.text, baseline.title) == ("n/a", "this is the base model")
    assert trained.text == "0.640"


def test_a_change_that_would_round_to_zero_is_not_written_as_zero() -> None:
    change = ModelChange(max_abs_difference=1.3e-4, mean_cosine_to_base=1.0)
    [cell] = column(geometry_table([make_evaluation("lora", change=change)]), "Largest change of a coordinate")

    assert cell.text == "1.3e-4"
