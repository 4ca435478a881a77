from __future__ import annotations

from src.models import GroupMetrics
from src.tables.selection import (
    group_names,
    group_of,
    largest,
    largest_note,
    model_label,
    model_name,
    target_of,
    trainings,
)
from tests.support.factories import make_comparison, make_evaluation


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


def test_of_many_groups_the_largest_stay_in_their_order() -> None:
    sizes = [5, 1, 9, *[3] * 50, 2]
    groups = [GroupMetrics(name=str(i), n=n, n_compatible=0) for i, n in enumerate(sizes)]
    kept = largest(groups)

    assert [group.name for group in kept] == ["0", "2", *map(str, range(3, 41))]
    assert largest_note(groups) == "The 40 largest of 54."
    assert largest(kept) == kept
    assert largest_note(kept) == ""


def test_the_baseline_is_no_training_but_counts_as_a_position() -> None:
    assert [position for position, _, _ in trainings(make_comparison())] == [1, 2, 3]


def test_a_target_is_drawn_only_when_models_share_it() -> None:
    result = make_comparison()
    first, *rest = result.hypotheses
    split = result.model_copy(update={"hypotheses": (first.model_copy(update={"target": 0.5}), *rest)})

    assert target_of(result, "cohens_d") == 0.8
    assert target_of(split, "cohens_d") is None
    assert target_of(result, "auc_roc") is None
