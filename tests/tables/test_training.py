from __future__ import annotations

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
    assert table.note == ("a: 22,713,216 of 22,786,944 weights trained. b: 73,728 of 22,786,944 weights trained.")
