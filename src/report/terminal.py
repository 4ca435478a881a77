"""Results in the terminal: tables, and the views of the commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.console import Group
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text

from ..core.errors import message_line, printable
from ..core.formatting import count, number
from ..models import StageState
from ..tables.audit import audit_tables
from ..tables.decision import decision_table
from ..tables.export import export_table
from ..tables.grades import class_table
from ..tables.groups import left_out, slice_table
from ..tables.guards import guard_table
from ..tables.learnability import learnability_table
from ..tables.quality import quality_tables
from ..tables.scores import difference_table, score_table
from ..tables.seeds import seeds_note, seeds_tables
from ..tables.selection import judged_names, model_name
from ..tables.shallow_baselines import auc_table, shallow_table
from ..tables.thresholds import cost_table
from ..tables.training import history_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console, RenderableType

    from ..models import (
        ComparisonResult,
        DataQualityReport,
        Evaluation,
        Export,
        PairScore,
        StageStatus,
        TrainingInfo,
        Verdict,
        Words,
    )
    from ..tables.table import Cell, Table

WIDTH = 80
_STATE_STYLE = {StageState.FRESH: "green", StageState.DAMAGED: "red"}
_MOST_WORD_COLUMNS = 4
_AROUND_A_COLUMN = 3  # a space at both sides and a line


# --- a table --------------------------------------------------------------------------------------------


def render(table: Table, width: int = WIDTH) -> RenderableType:
    """A table in the first of these forms that is readable: grid, transposed grid, list of rows.

    A grid is readable if no word is broken. Words need columns of some width, so a grid of words has at most four.

    Args:
        table: To be drawn.
        width: Columns of the terminal.
    """
    body = _body(table, width) if table.rows else Text(printable(table.caption))
    return Group(body, Text(printable(table.note))) if table.note else body


def _body(table: Table, width: int) -> RenderableType:
    forms = (table,) if table.words else (table, table.transposed())
    for form in forms:
        if _width(form) <= width:
            return _grid(form, " ")
    for form in forms:
        if _width(form, wrapped=True) <= width and not (form.words and len(form.columns) > _MOST_WORD_COLUMNS):
            return _grid(form, "\n")
    return _list(table)


def _width(table: Table, *, wrapped: bool = False) -> int:
    """How wide a grid is: as wide as its cells, or if they are wrapped as wide as their longest words."""
    columns = zip(table.columns, *(map(_line, row) for row in table.rows), strict=True)
    widths = (max(map(cell_len, " ".join(texts).split() if wrapped else texts), default=0) for texts in columns)
    return sum(width + _AROUND_A_COLUMN for width in widths) + 1


def _line(cell: Cell, apart: str = " ") -> str:
    # data may hold control characters, which a terminal would obey
    return apart.join(printable(part) for part in cell.parts)


def _grid(table: Table, apart: str) -> Grid:
    # Text, because Rich would read data in square brackets as markup
    grid = Grid(title=Text(printable(table.caption)), title_justify="left", header_style="bold")
    for position, column in enumerate(table.columns):
        right = table.aligned_right(position)
        grid.add_column(Text(printable(column)), overflow="fold", justify="right" if right else "left")
    for row in table.rows:
        grid.add_row(*(Text(_line(cell, apart)) for cell in row))
    return grid


def _list(table: Table) -> Group:
    """The name of each row, and below it the other cells: one a line, or if the table is folded, in one sentence."""
    below = _sentence if table.folded else _fields
    parts: list[RenderableType] = [Text(printable(table.caption), style="table.title")]
    for row in table.rows:
        marks = [cell for cell in row if "mark" in cell.kind.split()]
        parts.append(Text("  ".join([*(_line(mark).upper() for mark in marks), _line(row[0])]), style="bold"))
        others = zip(table.columns[1:], row[1:], strict=True)
        told = [(name, cell) for name, cell in others if cell.parts and cell not in marks]
        parts.append(Padding(below(told), (0, 0, 0, 2)))
    return Group(*parts)


def _fields(cells: Sequence[tuple[str, Cell]]) -> Grid:
    fields = Grid.grid(padding=(0, 2, 0, 0))
    for name, cell in cells:
        fields.add_row(Text(printable(name), overflow="fold"), Text(_line(cell), overflow="fold"))
    return fields


def _sentence(cells: Sequence[tuple[str, Cell]]) -> Text:
    return Text("; ".join(f"{printable(name)}: {_line(cell)}" for name, cell in cells), overflow="fold")


# --- views ----------------------------------------------------------------------------------------------


def show_quality(console: Console, report: DataQualityReport) -> None:
    """The dimensions of each file, the shallow baselines, and what the audit found."""
    for quality in report.files:
        for table in quality_tables(quality):
            _show(console, table)
    _show(console, shallow_table(report.trivial_baselines, report.train.file.words))
    for table in audit_tables(report.audit):
        if table.folded:
            console.print(Text(f"{table.folded}; data_quality_summary.txt lists them"))
        else:
            _show(console, table)
    _show_left_out(console, report.train.file.words)
    cap = f", capped by {printable(report.capped_by)}" if report.capped_by else ""
    why_not = f": {report.train.reason}" if report.overall is None and report.train.reason else ""
    console.print(Text(f"Overall {number(report.overall, 1)} of 100 (target {number(report.target, 0)}){cap}{why_not}"))


def show_evaluation(console: Console, evaluation: Evaluation) -> None:
    """The scores of one model, its slices, and of the base model whether the labels can be learned."""
    _show(console, score_table([evaluation]))
    if evaluation.class_pairs:
        _show(console, class_table([evaluation]))
    caption = f"{model_name(evaluation.model)}: slices of the {count(evaluation.eval_data.n)} eval pairs"
    _show(console, slice_table(caption, evaluation.slices, evaluation.eval_data.words))
    _show_left_out(console, evaluation.eval_data.words)
    if evaluation.learnability is not None:
        _show(console, learnability_table(evaluation.learnability, evaluation.eval_data.words))


def show_training(console: Console, info: TrainingInfo) -> None:
    """Evaluations along the training, and which one was saved."""
    _show(console, history_table([(info.config.name, info)]))


def show_comparison(console: Console, result: ComparisonResult) -> None:
    """The decision and its reasons first, then the models side by side, and the decision's line last."""
    _show_decision(console, result.verdict)
    _show(console, score_table([model.evaluation for model in result.models], result.models, result.seeds))
    if result.models[0].evaluation.class_pairs:
        _show(console, class_table([model.evaluation for model in result.models]))
    _show(console, difference_table(result.models, result.seeds))
    if any(model.guards for model in result.models):
        _show(console, guard_table(result.models))
    _show(console, auc_table(result.models, result.trivial_baselines))
    if result.threshold_by_cost is not None:
        _show(console, cost_table(result.threshold_by_cost, judged_names(result)))
    for table in seeds_tables(result):
        _show(console, table)
    if told := seeds_note(result):
        console.print(Text(told))
    _show_left_out(console, result.eval_data.words)
    _show_line(console, result.verdict)


def show_verdict(console: Console, verdict: Verdict) -> None:
    """The decision, its reasons and its line."""
    _show_decision(console, verdict)
    _show_line(console, verdict)


def _show_decision(console: Console, verdict: Verdict) -> None:
    console.print(Text(f"{verdict.decision.outcome}: {printable(verdict.statement)}"))
    for finding in verdict.findings:
        console.print(Text(f"  {finding.role} {finding.code} {printable(finding.text)}"))
    _show(console, decision_table(verdict.decision))


def _show_line(console: Console, verdict: Verdict) -> None:
    # not wrapped, whatever the width, because programs read it
    console.print(Text(printable(verdict.line)), soft_wrap=True)


def _show_left_out(console: Console, words: Words) -> None:
    if told := left_out(words):
        console.print(Text(told))


def _show(console: Console, table: Table) -> None:
    console.print(render(table, console.width))


def show_status(console: Console, lines: Sequence[StageStatus], program: str) -> None:
    """One line a stage: its state, and the command that makes it unless it is fresh.

    Args:
        console: Where to print.
        lines: The stages.
        program: What to type before a command.
    """
    for line in lines:
        text = Text(f"{line.stage:<22} ")
        text.append(line.state.value, style=_STATE_STYLE.get(line.state, "yellow"))
        if line.state is not StageState.FRESH:
            text.append(f"  {message_line(line.reason)}" if line.state is not StageState.MISSING else "")
        console.print(text)
        if line.state is not StageState.FRESH:
            # not wrapped, whatever the width, so that it can be copied
            console.print(Text(f"  run: {program} {line.command}"), soft_wrap=True)


def show_score(console: Console, score: PairScore) -> None:
    """Cosine and verdict of one pair."""
    if score.threshold is None:
        console.print(Text(f"{score.cosine:.3f}  (no threshold without --positive-at, model {score.model})"))
        return
    word = score.words.positive if score.compatible else f"not {score.words.positive}"
    console.print(Text(f"{score.cosine:.3f}  {word} (threshold {score.threshold:.3f}, model {score.model})"))


def show_export(console: Console, found: Export) -> None:
    """What an exported model scores, weighs and embeds a second, beside the model of the run."""
    _show(console, export_table(found))
