from __future__ import annotations

import io

import pytest
from rich.console import Console

from src.report.terminal_table import render, show_table
from src.tables.table import Cell, Table, table, word_table

WIDTH = 80


def drawn(made: Table, width: int = WIDTH, *, plain: bool = False) -> list[str]:
    """The lines of a table."""
    stream = io.StringIO()
    Console(width=width, file=stream, highlight=False).print(render(made, width, plain=plain))
    return stream.getvalue().splitlines()


def test_a_table_that_fits_is_a_grid_with_numbers_to_the_right_and_notes_beside_them() -> None:
    made = table("Title", ["Model", "AUC"], [["a", Cell("0.5", note="[0.4, 0.6]")], ["b", "0.75"]], "A note.")

    assert [line.rstrip() for line in drawn(made)] == [
        "Title",
        "┏━━━━━━━┳━━━━━━━━━━━━━━━━┓",
        "┃ Model ┃            AUC ┃",
        "┡━━━━━━━╇━━━━━━━━━━━━━━━━┩",
        "│ a     │ 0.5 [0.4, 0.6] │",
        "│ b     │           0.75 │",
        "└───────┴────────────────┘",
        "A note.",
    ]


def test_a_table_of_numbers_that_is_too_wide_is_transposed() -> None:
    columns = ["Model", *(f"a long heading {i}" for i in range(6))]
    lines = drawn(table("Title", columns, [["a", *"123456"]]))

    assert [cell.strip() for cell in lines[2].split("┃")[1:-1]] == ["Model", "a"]
    assert len(lines) == 5 + 6


def test_what_is_too_wide_in_both_directions_wraps_notes_below_the_numbers() -> None:
    rows = [[f"model {i}", *(Cell("0.5", note="[0.421, 0.579]") for _ in range(4))] for i in range(4)]
    lines = drawn(table("Title", ["Model", "A", "B", "C", "D"], rows))

    assert [cell.strip() for cell in lines[4].split("│")[1:-1]] == ["model 0", *["0.5"] * 4]
    assert "[0.421," in lines[5]


def test_more_columns_than_have_room_become_a_list() -> None:
    rows = [[f"model {i}", *(Cell("0.5", note="[0.421, 0.579]") for _ in range(9))] for i in range(9)]
    lines = drawn(table("Title", ["Model", *(f"metric {i}" for i in range(9))], rows))

    assert [line.rstrip() for line in lines[:3]] == ["Title", "model 0", "  metric 0  0.5 [0.421, 0.579]"]
    assert len(lines) == 1 + 9 * (1 + 9)


def test_a_list_puts_the_mark_of_a_row_before_its_name() -> None:
    columns = ["Finding", "Status", "Seen", "Limit", "Why"]
    made = word_table("Title", columns, [["copies", Cell("warn", kind="mark warn"), "x " * 60, "5 %", "leak"]])

    assert [line.rstrip() for line in drawn(made)] == [
        "Title",
        "WARN  copies",
        f"  Seen   {'x ' * 35}x",
        f"         {'x ' * 23}x",
        "  Limit  5 %",
        "  Why    leak",
    ]


def test_a_wider_terminal_keeps_the_grid() -> None:
    rows = [["copies", "warn", "x " * 60, "5 %", "leak"]]
    made = word_table("Title", ["Finding", "Status", "Seen", "Limit", "Why"], rows)

    assert "Finding" in "".join(drawn(made, 200))
    assert "Finding" not in "".join(drawn(made))


def test_a_table_without_rows_is_its_caption_and_its_note() -> None:
    assert drawn(table("Title", ["A", "B"], [], "Nothing.")) == ["Title", "Nothing."]


@pytest.mark.parametrize("plain", [False, True])
def test_an_interval_is_not_broken_where_there_is_room_for_it(plain: bool) -> None:
    cell = Cell("0.5", note="[-0.421, -0.579] a long reason that has many words in it and goes on and on")
    made = table("Title", ["Model", "A", "B", "C"], [[f"metric {i} of some kind", cell, cell, cell] for i in range(3)])

    lines = drawn(made, plain=plain)

    assert sum(line.count("[-0.421, -0.579]") for line in lines) == 9
    assert max(map(len, lines)) <= WIDTH


def test_an_interval_is_broken_rather_than_a_grid_given_up() -> None:
    rows = [[f"model {i}", *(Cell("0.5", note="[0.421, 0.579]") for _ in range(5))] for i in range(5)]

    assert any("[0.421," in line and "0.579]" not in line for line in drawn(table("T", list("abcdef"), rows)))


def test_plain_columns_have_no_lines_between_them() -> None:
    made = table("Title", ["Model", "AUC"], [["a", Cell("0.5", note="[0.4, 0.6]")], ["b", "0.75"]], "A note.")

    assert [line.rstrip() for line in drawn(made, plain=True)] == [
        "Title",
        "Model             AUC",
        "a      0.5 [0.4, 0.6]",
        "b                0.75",
        "A note.",
    ]


@pytest.mark.parametrize(("terminal", "lines"), [(True, True), (False, False)])
def test_lines_are_drawn_in_a_terminal_alone(terminal: bool, lines: bool) -> None:
    stream = io.StringIO()
    show_table(Console(width=WIDTH, file=stream, force_terminal=terminal), table("Title", ["A", "B"], [["a", "1"]]))

    assert ("━" in stream.getvalue()) == lines
    assert stream.getvalue().isascii() != lines
