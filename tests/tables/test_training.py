from __future__ import annotations

import re

from src.tables.training import history_table
from tests.support.factories import make_training
from tests.support.table_reading import column


def test_every_evaluation_is_there_and_the_saved_step_is_marked() -> None:
    training = make_training()
    table = history_table([("standard", training)])

    assert [" ".join(cell.parts) for cell in column(table, "Step")] == ["0", "75", "150", "225 (saved)", "300"]
    assert column(table, "Spearman")[3].text == f"{training.best_spearman:.3f}"
    assert column(table, "Training loss")[0].parts == ("n/a", "(at the start)")


def test_several_trainings_share_a_table() -> None:
    table = history_table([("a", make_training()), ("b", make_training("lora"))])

    assert [cell.text for cell in column(table, "Training")] == ["a"] * 5 + ["b"] * 5
    assert "a: 22,713,216 of 22,786,944 weights trained." in table.note
    assert "b: 73,728 of 22,786,944 weights trained." in table.note


def test_beside_the_evaluations_stands_by_how_much_the_best_of_them_is_expected_to_be_too_high() -> None:
    table = history_table([("a", make_training())])

    assert table.caption == "Evaluations during training, on the eval pairs"
    assert re.search(r"its AUC is expected to be too high by 0\.0\d\d \(best of 4 evaluations\)", table.note)


def test_where_validation_chose_the_evaluations_are_said_to_be_on_validation_pairs() -> None:
    table = history_table([("a", make_training(select_on="validation"))])

    assert table.caption == "Evaluations during training, on the validation pairs"
    assert "the best of 5 evaluations on 72 train pairs that were set aside" in table.note
    assert "too high" not in table.note


def test_of_a_searched_training_it_is_told_among_how_many_trials_its_recipe_was_chosen() -> None:
    training = make_training(select_on="validation")
    searched = training.model_copy(update={"config": training.config.model_copy(update={"chosen_among": 12})})

    assert history_table([("a", searched)]).note.endswith(" The recipe was chosen among 12 trials on validation.")
