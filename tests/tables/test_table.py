from __future__ import annotations

from src.evaluation.metric_names import metric_name
from src.tables.table import Cell, cell, table, word_table


def test_what_is_not_available_is_marked_and_says_why() -> None:
    assert cell("n/a", "too few pairs") == Cell("n/a", title="too few pairs", kind="missing")
    assert cell("0.5", "too few pairs") == Cell("0.5")


def test_text_becomes_a_cell_and_a_cell_stays_one() -> None:
    made = table("Title", ["A", "B"], [["x", Cell("y", note="z")]])

    assert made.rows == ((Cell("x"), Cell("y", note="z")),)
    assert not made.words
    assert word_table("Title", ["A"], [["x"]]).words


def test_a_metric_has_a_name_for_readers_and_an_unknown_one_its_own_in_words() -> None:
    assert metric_name("auc_roc") == "AUC-ROC"
    assert metric_name("some_new_metric") == "some new metric"
