from __future__ import annotations

import pytest

from src.tables.notes import interval_note, measured_on, selection_note
from tests.support.factories import make_evaluation, make_judged, make_selection, make_training


def test_what_was_chosen_on_which_pairs_is_told() -> None:
    note = selection_note([make_evaluation(), make_evaluation("finetuned")])

    assert "so the scores on them are optimistic" in note
    assert "the AUC is expected to be too high: standard 0.006 (best of 4 evaluations)." in note
    assert "No step, threshold or learning rate was chosen on the challenge set" in note


def test_of_a_model_that_was_trained_elsewhere_it_is_not_known_how_it_was_chosen() -> None:
    vendor = make_evaluation("vendor", judged=make_judged(), selection=None)

    alone, beside = selection_note([make_evaluation(), vendor]), selection_note([make_evaluation("finetuned"), vendor])

    unknown = "vendor: how the checkpoint was chosen is not known: trained elsewhere."
    assert alone.startswith(unknown)
    assert "standard 0.006 (best of 4 evaluations). No step, threshold or learning rate" in beside
    assert unknown in beside


@pytest.mark.parametrize(("name", "told"), [("lora-tuned", True), ("lora", False)])
def test_the_learning_rate_of_lora_tuned_is_told_of_where_that_model_is(name: str, told: bool) -> None:
    assert ("learning rate of lora-tuned was chosen" in selection_note([make_evaluation(name)])) == told


def test_of_models_that_validation_chose_no_optimism_is_told() -> None:
    chosen = make_selection(select_on="validation", n=200, optimism=None)

    note = selection_note(
        [make_evaluation(), *(make_evaluation(name, selection=chosen) for name in ("finetuned", "lora"))]
    )

    assert note.startswith(
        "standard, lora: the kept step is the best of 4 evaluations on 200 train pairs that were set aside"
    )
    assert "optimistic" not in note


def test_of_a_searched_model_it_is_told_among_how_many_trials_its_recipe_was_chosen() -> None:
    searched = make_evaluation("searched", selection=make_selection(select_on="validation", recipes=12))

    note = selection_note([make_evaluation(), make_evaluation("finetuned"), searched])

    assert "searched: the recipe was chosen among 12 trials on validation." in note
    assert note.count("trials on validation") == 1


@pytest.mark.parametrize(
    ("select_on", "named"),
    [
        (["test"], "eval pairs"),
        (["validation"], "validation pairs"),
        (["validation", "test"], "eval pairs or validation pairs"),
        ([], "eval pairs"),
    ],
)
def test_the_pairs_that_trainings_were_measured_on_are_named(select_on: list[str], named: str) -> None:
    trained = [make_training(select_on=kind) for kind in select_on]

    assert measured_on(trained) == named


def test_what_stands_in_brackets_is_told_and_how_much_the_pairs_say() -> None:
    evaluation = make_evaluation(n_texts=200, effective_texts=150.2)

    assert "allow for texts" in interval_note([evaluation])
    assert "120 pairs of 200 texts, which count as 150 texts" in interval_note([evaluation])


def test_without_a_model_there_is_nothing_to_count() -> None:
    assert interval_note([]).endswith("share.")


def test_of_a_validation_file_nothing_is_said_to_be_set_aside() -> None:
    chosen = make_selection(select_on="validation", from_file=True, n=200, compared=5, optimism=None)

    note = selection_note([make_evaluation("finetuned", selection=chosen)])

    assert "standard: the kept step is the best of 5 evaluations on the 200 pairs of the validation file. No" in note
