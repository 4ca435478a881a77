from __future__ import annotations

import pytest

from src.tables.table import Cell, cell, table, word_table


def test_what_is_not_available_is_marked_and_says_why() -> None:
    assert cell("n/a", "too few pairs") == Cell("n/a", title="too few pairs", kind="missing")
    assert cell("0.5", "too few pairs") == Cell("0.5")


def test_text_becomes_a_cell_and_a_cell_stays_one() -> None:
    made = table("Title", ["A", "B"], [["x", Cell("y", note="z")]])

    assert made.rows == ((Cell("x"), Cell("y", note="z")),)
    assert not made.words
    assert word_table("Title", ["A"], [["x"]]).words


@pytest.mark.parametrize(
    ("one", "parts"),
    [
        (Cell("0.5"), ("0.5",)),
        (Cell("0.5", note="[0.4, 0.6]"), ("0.5", "[0.4, 0.6]")),
        (Cell("n/a", title="too few pairs"), ("n/a", "(too few pairs)")),
        (Cell("n/a", note="(too few pairs)", title="too few pairs"), ("n/a", "(too few pairs)")),
        (Cell(""), ()),
    ],
)
def test_a_cell_says_its_text_its_note_and_once_why_there_is_no_number(one: Cell, parts: tuple[str, ...]) -> None:
    assert one.parts == parts


def test_rows_and_columns_change_places() -> None:
    made = table("Title", ["Model", "AUC", "F1"], [["a", "1", "2"], ["b", "3", "4"]], "note")
    turned = made.transposed()

    assert turned.columns == ("Model", "a", "b")
    assert [[one.text for one in row] for row in turned.rows] == [["AUC", "1", "3"], ["F1", "2", "4"]]
    assert (turned.caption, turned.note) == ("Title", "note")
    assert turned.transposed() == made


def test_the_note_of_a_rows_name_stays_when_it_becomes_a_heading() -> None:
    made = table("Title", ["Model", "AUC"], [[Cell("words", note="(shallow)"), "1"]])

    assert made.transposed().columns == ("Model", "words (shallow)")


@pytest.mark.parametrize("text", ["1", "-0.5", "+0.5", "< 0.0001", "1,195", "2e-5", "12.5 %", "n/a", ""])
def test_among_words_a_column_of_numbers_is_aligned_to_the_right(text: str) -> None:
    assert word_table("Title", ["A", "B"], [["a", text]]).aligned_right(1)


@pytest.mark.parametrize("text", ["one", "3 of 4", "note above 0 %", "2026-01-02 03:04"])
def test_a_column_of_words_is_aligned_to_the_left(text: str) -> None:
    made = word_table("Title", ["A", "B"], [["1", "0.5"], ["2", text]])

    assert not made.aligned_right(1)
    assert not made.aligned_right(0)


def test_a_table_of_numbers_is_aligned_to_the_right_but_for_the_names_of_its_rows() -> None:
    made = table("Title", ["A", "B"], [["a", "x"]])

    assert [made.aligned_right(position) for position in (0, 1)] == [False, True]
