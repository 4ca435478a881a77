"""Results in the terminal: the views of the commands."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.text import Text

from ..core.errors import message_line, printable
from ..core.formatting import count, number
from ..models import Outcome, StageState
from ..tables.audit import audit_tables, worst_first
from ..tables.decision import decision_table
from ..tables.export import export_table
from ..tables.grades import class_table
from ..tables.groups import left_out, slice_table
from ..tables.guards import guard_table
from ..tables.learnability import learnability_table
from ..tables.learning_curve import curve_tables
from ..tables.plan import plan_table, plan_totals
from ..tables.quality import dimension_table, quality_tables
from ..tables.scores import difference_table, names_note, score_table
from ..tables.search import search_table
from ..tables.seeds import seeds_note, seeds_tables
from ..tables.selection import judged_names, model_name
from ..tables.shallow_baselines import auc_table, best_shallow, shallow_table
from ..tables.thresholds import cost_table
from ..tables.training import history_table
from .terminal_table import hanging, show_table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rich.console import Console

    from ..models import (
        AuditFinding,
        ComparisonResult,
        DataQualityReport,
        Evaluation,
        Export,
        LearningCurve,
        PairScore,
        Plan,
        Search,
        StageStatus,
        TrainingInfo,
        Verdict,
        Words,
    )
    from ..tables.table import Table

_STATE_STYLE = {StageState.FRESH: "green", StageState.DAMAGED: "red"}
_OUTCOME_STYLE = {Outcome.SHIP: "bold green", Outcome.CANNOT_TELL: "bold yellow"}
_SET_IN = 2  # columns
_MOST_FINDINGS = 7  # so that the short view has 25 lines


def show_quality(console: Console, report: DataQualityReport, summary: Path | None = None) -> None:
    """The scores, the best shallow baseline and the worst findings, in 25 lines of 80 columns.

    Args:
        console: Where to print.
        report: What was measured.
        summary: The file that has all of it, below the root.
    """
    show_table(console, dimension_table(report))
    if told := best_shallow(report.trivial_baselines, report.train.file.words):
        console.print(Text(told))
    _show_worst(console, report.audit)
    _show_left_out(console, report.train.file.words)
    if summary is not None:
        console.print(Text(f"All of it: -v, or {summary}"))
    _show_overall(console, report)


def _show_worst(console: Console, audit: Sequence[AuditFinding]) -> None:
    """One line a finding, the worst first, and how many are left."""
    bad = worst_first(audit)
    worst = bad[:_MOST_FINDINGS]
    console.print(Text(f"What the audit found: {count(len(bad))} of {count(len(audit))} checks need a look"))
    for finding in worst:
        told = f"{finding.status.upper():<7} {finding.code:<9} {finding.name}: {finding.observed}"
        console.print(Text(printable(told)), no_wrap=True, overflow="ellipsis", crop=True)
    if len(bad) > len(worst):
        console.print(Text(f"and {count(len(bad) - len(worst))} more"))


def show_whole_quality(console: Console, report: DataQualityReport) -> None:
    """The dimensions of each file, the shallow baselines, and what the audit found."""
    for quality in report.files:
        for table in quality_tables(quality):
            show_table(console, table)
    show_table(console, shallow_table(report.trivial_baselines, report.train.file.words))
    for table in audit_tables(report.audit):
        if table.folded:
            console.print(Text(f"{table.folded}; data_quality_summary.txt lists them"))
        else:
            show_table(console, table)
    _show_left_out(console, report.train.file.words)
    _show_overall(console, report)


def _show_overall(console: Console, report: DataQualityReport) -> None:
    cap = f", capped by {printable(report.capped_by)}" if report.capped_by else ""
    why_not = f": {report.train.reason}" if report.overall is None and report.train.reason else ""
    console.print(Text(f"Overall {number(report.overall, 1)} of 100 (target {number(report.target, 0)}){cap}{why_not}"))


def show_evaluation(console: Console, evaluation: Evaluation) -> None:
    """The scores of one model, its slices, and of the base model whether the labels can be learned."""
    _show_scores(console, score_table([evaluation]), [evaluation])
    if evaluation.class_pairs:
        show_table(console, class_table([evaluation]))
    caption = f"{model_name(evaluation.model)}: slices of the {count(evaluation.eval_data.n)} eval pairs"
    show_table(console, slice_table(caption, evaluation.slices, evaluation.eval_data.words))
    _show_left_out(console, evaluation.eval_data.words)
    if evaluation.learnability is not None:
        show_table(console, learnability_table(evaluation.learnability, evaluation.eval_data.words))


def show_search(console: Console, found: Search) -> None:
    """Every trial, and which one was chosen."""
    show_table(console, search_table(found))


def show_training(console: Console, info: TrainingInfo) -> None:
    """Evaluations along the training, and which one was saved."""
    show_table(console, history_table([(info.config.name, info)]))


def show_comparison(console: Console, result: ComparisonResult, report: Path | None = None) -> None:
    """The decision, its findings and tests, the models side by side, and the decision again.

    Args:
        console: Where to print.
        result: The comparison.
        report: The page that has all of it, below the root.
    """
    verdict = result.verdict
    _show_findings(console, verdict)
    evaluations = [model.evaluation for model in result.models]
    _show_scores(console, score_table(evaluations, result.models, result.seeds), evaluations)
    if evaluations[0].class_pairs:
        show_table(console, class_table(evaluations))
    show_table(console, difference_table(result.models, result.seeds))
    if any(model.guards for model in result.models):
        show_table(console, guard_table(result.models))
    show_table(console, auc_table(result.models, result.trivial_baselines))
    if result.threshold_by_cost is not None:
        show_table(console, cost_table(result.threshold_by_cost, judged_names(result)))
    for table in seeds_tables(result):
        show_table(console, table)
    if told := seeds_note(result):
        console.print(Text(told))
    _show_left_out(console, result.eval_data.words)
    console.print()
    _show_decision(console, verdict)
    if report is not None:
        console.print(Text(f"  All of it: {report}"))
    _show_line(console, verdict)


def show_verdict(console: Console, verdict: Verdict) -> None:
    """The decision, its findings and tests, and its line."""
    _show_findings(console, verdict)
    _show_line(console, verdict)


def _show_findings(console: Console, verdict: Verdict) -> None:
    _show_decision(console, verdict)
    rows = [(f"{finding.role} {finding.code}", printable(finding.text)) for finding in verdict.findings]
    console.print(Padding(hanging(rows), (0, 0, 0, 2)))
    show_table(console, decision_table(verdict.decision))


def _show_decision(console: Console, verdict: Verdict) -> None:
    """The decision and its reason; what has no room on the first line stands below it, set in."""
    outcome = verdict.decision.outcome
    text = Text(f"{outcome}: {printable(verdict.statement)}")
    text.stylize(_OUTCOME_STYLE.get(outcome, "bold red"), 0, len(outcome))
    lines = text.wrap(console, console.width)
    if len(lines) > 1:
        lines = text.wrap(console, console.width - _SET_IN)
    for place, line in enumerate(lines):
        console.print(Text(" " * _SET_IN).append(line) if place else line)


def _show_line(console: Console, verdict: Verdict) -> None:
    # not wrapped, whatever the width, because programs read it
    console.print(Text(printable(verdict.line)), soft_wrap=True)


def _show_scores(console: Console, scores: Table, evaluations: Sequence[Evaluation]) -> None:
    show_table(console, replace(scores, note=f"{scores.note} {names_note(evaluations)}"))


def _show_left_out(console: Console, words: Words) -> None:
    if told := left_out(words):
        console.print(Text(told))


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


def show_plan(console: Console, plan: Plan) -> None:
    """What a command would do, and what that is expected to cost."""
    show_table(console, plan_table(plan))
    for line in plan_totals(plan):
        console.print(Text(line))


def show_score(console: Console, score: PairScore) -> None:
    """Cosine and verdict of one pair."""
    if score.threshold is None:
        console.print(Text(f"{score.cosine:.3f}  (no threshold without --positive-at, model {score.model})"))
        return
    word = score.words.positive if score.compatible else f"not {score.words.positive}"
    console.print(Text(f"{score.cosine:.3f}  {word} (threshold {score.threshold:.3f}, model {score.model})"))


def show_export(console: Console, found: Export) -> None:
    """What an exported model scores, weighs and embeds a second, beside the model of the run."""
    show_table(console, export_table(found))


def show_curve(console: Console, found: LearningCurve) -> None:
    """The points of a learning curve, and what more pairs would give."""
    for shown in curve_tables(found):
        show_table(console, shown)
