"""Terminal, Markdown and HTML draw the same `Table`: none of them may lose a cell."""

from __future__ import annotations

import html
import io
import re
from collections import Counter
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from src.charts.group_margins import group_table
from src.core.errors import printable
from src.evaluation.metric_registry import METRICS
from src.models import DATING_WORDS
from src.report import markdown, terminal_table
from src.report.explained import Explained
from src.report.page_shell import environment
from src.tables import audit, groups, guards, provenance, scores, shallow_baselines, space, targets, thresholds
from src.tables.learning_curve import curve_tables
from src.tables.quality import quality_tables
from src.tables.selection import trainings
from src.tables.shown_pairs import shown_pairs
from src.tables.table import Cell, Table
from src.tables.training import history_table
from tests.support.factories import make_comparison, make_evaluation, make_pairs, make_training
from tests.support.learning_curve import drawn_curve
from tests.tables.test_guards import guarded_models
from tests.tables.test_quality import check, quality

if TYPE_CHECKING:
    from jinja2 import Environment

    from src.models import CostThresholds

FRAME = "│┃"


def extreme_costs(found: CostThresholds) -> CostThresholds:
    """The largest and the smallest numbers that --cost-fp, --cost-fn and --base-rate can lead to."""
    costs = found.costs.model_copy(update={"false_positive": 1e9, "false_negative": 1e-300, "base_rate": 1e-300})
    models = tuple(one.model_copy(update={"cost": 123456789.123}) for one in found.models)
    return found.model_copy(update={"costs": costs, "models": models, "accept_all": 1e9, "reject_all": 1e-300})


@cache
def real_tables() -> tuple[Table, ...]:
    """Every table of `src.tables`, of made results with and without missing numbers."""
    result, evaluation, pairs = make_comparison(), make_evaluation(), make_pairs()
    poor = make_evaluation("lora", operating_point=None, slices=(), estimates=(), auc_roc=None, cluster_purity=None)
    evaluations = [*(model.evaluation for model in result.models), poor]
    drawn = shown_pairs([evaluation], pairs)
    runs = [("Evaluation", evaluation.provenance), ("Comparison", result.provenance)]
    return (
        scores.score_table([evaluation]),
        scores.score_table(evaluations),
        scores.difference_table(result.models),
        guards.guard_table(guarded_models()),
        shallow_baselines.shallow_table(result.trivial_baselines),
        shallow_baselines.auc_table(result.models, result.trivial_baselines),
        thresholds.threshold_table(evaluations),
        thresholds.oracle_table(evaluations),
        thresholds.cost_table(result.threshold_by_cost),
        thresholds.cost_table(extreme_costs(result.threshold_by_cost)),
        space.separation_table(evaluations),
        space.geometry_table(evaluations),
        targets.target_table(result.hypotheses),
        groups.slice_table("Slices", evaluation.slices),
        groups.slices_by_model(evaluations),
        group_table("By category", evaluation, "by_category", drawn),
        history_table([("standard", make_training())]),
        *curve_tables(drawn_curve()),
        *quality_tables(quality(check(40), check(None, "too few pairs"))),
        *audit.audit_tables(result.audit),
        provenance.training_table(result),
        provenance.data_table([("eval", evaluation.eval_data)]),
        provenance.weights_table(evaluation.base_sha256, result),
        provenance.recipe_table(trainings(result)),
        provenance.runs_table(runs),
        provenance.packages_table(runs),
    )


# --- reading the three forms ----------------------------------------------------------------------------


def flat(text: str) -> str:
    return "".join(text.split())


def terminal_lines(table: Table, width: int) -> list[str]:
    stream = io.StringIO()
    Console(width=width, file=stream, highlight=False).print(terminal_table.render(table, width))
    return stream.getvalue().splitlines()


def terminal_texts(table: Table) -> tuple[list[str], list[str]]:
    """The lines on a terminal of 80 columns; and without spaces all of its text, and the text of each column."""
    lines = terminal_lines(table, 80)
    rows = [re.split(f"[{FRAME}]", line)[1:-1] for line in lines if line[:1] in FRAME and line]
    return lines, [flat("".join(lines)), *(flat("".join(column)) for column in zip(*rows, strict=True))]


def markdown_rows(table: Table) -> list[list[str]]:
    """The cells of heading and body as a Markdown reader splits them and shows them."""
    lines = [line for line in markdown.render(table).splitlines() if line.startswith("| ")]
    cells = [re.findall(r"((?:\\.|[^\\|])*)\|", line[1:]) for line in lines[: len(table.rows) + 2]]
    return [[html.unescape(re.sub(r"\\(.)", r"\1", cell)).strip() for cell in row] for row in cells]


class Cells(HTMLParser):
    """Text and tooltip of each cell of a table."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("td", "th"):
            self.found.append(dict(attrs).get("title") or "")

    def handle_data(self, data: str) -> None:
        if self.found:
            self.found[-1] += data


@cache
def macros() -> Environment:
    return environment(Explained(DATING_WORDS, 42, METRICS))


def html_cells(table: Table) -> list[str]:
    reader = Cells()
    reader.feed(str(macros().get_template("parts.html.j2").module.show_table(table)))  # type: ignore[attr-defined]
    reader.close()
    return reader.found


# --- nothing is lost ------------------------------------------------------------------------------------


def assert_nothing_is_lost(table: Table) -> None:
    lines, texts = terminal_texts(table)
    assert max(map(cell_len, lines), default=0) <= 80
    for cell in (cell for row in table.rows for cell in row):
        for part in cell.parts:
            wanted = flat(printable(part))
            assert any(wanted in text or wanted.upper() in text for text in texts)

    rows = markdown_rows(table)
    assert rows[0] == [" ".join(column.split()) for column in table.columns]
    assert rows[2:] == [[" ".join(" ".join(cell.parts).split()) for cell in row] for row in table.rows]

    cells = html_cells(table)[len(table.columns) :]
    for shown, cell in zip(cells, (cell for row in table.rows for cell in row), strict=True):
        assert all(part in shown for part in (cell.text, cell.note))
        assert cell.title in shown or cell is table.rows[0][0]


@pytest.mark.parametrize("table", real_tables(), ids=lambda table: table.caption)
def test_every_table_of_the_project_is_whole_in_all_three_forms(table: Table) -> None:
    assert_nothing_is_lost(table)


@pytest.mark.parametrize("table", real_tables(), ids=lambda table: table.caption)
def test_every_table_of_the_project_keeps_all_its_letters_in_40_columns(table: Table) -> None:
    lines = terminal_lines(table, 40)

    assert max(map(cell_len, lines)) <= 40
    # counted alone, because names and values stand side by side and both may be continued on the next line
    cells = [part for row in table.rows for cell in row for part in cell.parts]
    wanted = Counter(flat(printable("".join([table.caption, *cells, table.note]))).upper())
    assert not wanted - Counter(flat("".join(lines)).upper())


@pytest.mark.parametrize("table", real_tables(), ids=lambda table: table.caption)
def test_a_column_that_is_added_to_a_table_appears_in_all_three_forms(table: Table) -> None:
    wider = replace(
        table,
        columns=(*table.columns, "A new column"),
        rows=tuple((*row, Cell(f"new {i}", note=f"note {i}")) for i, row in enumerate(table.rows)),
    )

    assert_nothing_is_lost(wider)


# a frame's own characters could not be told from the frame
LETTERS = st.characters(categories=["L", "N", "P", "S", "Zs"], exclude_characters=FRAME)
TEXTS = st.text(LETTERS, max_size=40)
LITERAL = st.sampled_from(["[b]x[/b]", "[/]", ":fire:", "a|b", "](x)", "<b>", "&amp;", "\\", "\x1b[2J", "x" * 95])
ANY = st.one_of(TEXTS, LITERAL)


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """Any table: up to nine columns and four rows, data that could be markup, notes and reasons here and there."""
    n = draw(st.integers(2, 9))
    names = [Cell(draw(ANY) or "x") for _ in range(draw(st.integers(1, 4)))]
    cells = st.builds(Cell, ANY, note=st.one_of(st.just(""), ANY), title=st.sampled_from(["", "too few pairs"]))
    return Table(
        caption=draw(ANY),
        columns=tuple(draw(st.text(LETTERS, min_size=1, max_size=8)) for _ in range(n)),
        rows=tuple((name, *(draw(cells) for _ in range(n - 1))) for name in names),
        words=draw(st.booleans()),
        folded=draw(st.sampled_from(["", "details"])),
    )


@given(tables())
@settings(max_examples=150, deadline=None)
def test_any_table_is_whole_in_all_three_forms(table: Table) -> None:
    assert_nothing_is_lost(table)
