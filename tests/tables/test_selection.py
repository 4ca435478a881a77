from __future__ import annotations

from src.tables.selection import group_names, group_of, model_label, model_name
from tests.support.factories import make_evaluation


def test_a_group_that_only_a_later_model_has_is_named_too() -> None:
    first, second = make_evaluation(), make_evaluation("lora")
    poor = first.model_copy(update={"slices": first.slices[:1]})

    assert group_names([poor, second], "slices") == [group.name for group in second.slices]


def test_a_model_that_was_not_evaluated_on_a_group_has_none() -> None:
    evaluation = make_evaluation()

    assert group_of(evaluation, "slices", "all") == evaluation.slices[0]
    assert group_of(evaluation, "slices", "elsewhere") is None


def test_two_long_names_stay_different_in_a_table_but_not_on_an_axis() -> None:
    one, two = "x" * 39 + "1", "x" * 39 + "2"

    assert model_name(one) != model_name(two)
    assert len(model_label(make_evaluation(one))) == 28
