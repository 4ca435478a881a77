"""Results as Rich tables for stdout, readable at 80 columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from ..core.errors import printable
from ..core.formatting import count, display_name, interval, number, percent, plain_name, signed
from ..evaluation.metric_names import HEADLINES, metric_name
from ..models import FindingStatus, StageState
from ..tables.selection import selection_note
from .quality_text import finding_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import Console

    from ..models import (
        ComparisonResult,
        DataQualityReport,
        DimensionResult,
        Evaluation,
        GroupMetrics,
        PairedDifference,
        PairScore,
        StageStatus,
        TrainingInfo,
    )

_STATE_STYLE = {StageState.FRESH: "green", StageState.DAMAGED: "red"}


def _table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    table = Table(title=Text(title), title_justify="left", header_style="bold")
    for position, column in enumerate(columns):
        table.add_column(Text(column), overflow="fold", justify="left" if position == 0 else "right")
    for row in rows:
        # Text, because data in square brackets would be read as markup
        table.add_row(*(Text(cell) for cell in row))
    return table


def show_quality(console: Console, report: DataQualityReport) -> None:
    """The dimensions of both files, the trivial baselines, and what the audit found."""
    for quality in (report.train, report.eval):
        for dimension in quality.dimensions:
            console.print(_dimension(quality.file.name, dimension))
    rows = [
        (
            plain_name(b.name),
            number(b.auc_roc),
            interval(b.auc_low, b.auc_high) or b.reason,
            number(b.challenge_auc_roc),
        )
        for b in report.trivial_baselines
    ]
    columns = ("baseline", "AUC on eval", "95 % CI", "AUC on challenge")
    console.print(_table("What needs no model, fitted on train", columns, rows))
    console.print(Text("Audit, the worst first"))
    fine = sum(finding.status is FindingStatus.OK for finding in report.audit)
    for line in finding_lines(finding for finding in report.audit if finding.status is not FindingStatus.OK):
        console.print(Text(line))
    console.print(Text(f"{count(fine)} checks in order; data_quality_summary.txt lists them"))
    cap = f", capped by {report.capped_by}" if report.capped_by else ""
    console.print(Text(f"Overall {number(report.overall, 1)} of 100 (target {number(report.target, 0)}){cap}"))


def _dimension(file: str, dimension: DimensionResult) -> Table:
    title = f"{file}: {dimension.name.replace('_', ' ')} {number(dimension.score, 1)}"
    rows = [(check.name, number(check.score, 1), check.reason or check.observed) for check in dimension.checks]
    table = _table(title, ("check", "score", "observed"), rows)
    table.columns[2].justify = "left"
    return table


def show_evaluation(console: Console, evaluation: Evaluation) -> None:
    """Headline metrics of one model with intervals."""
    rows = [(e.name, number(e.value), interval(e.low, e.high) or e.reason) for e in evaluation.estimates]
    rows.append(("cluster_purity", number(evaluation.cluster_purity), ""))
    rows.append(("  under shuffled labels", number(evaluation.clusters.shuffled_purity), ""))
    rows.append(("noise_ratio", percent(evaluation.noise_ratio), ""))
    rows.append(("false_positive_rate_at_95_recall", number(evaluation.false_positive_rate_at_95_recall), ""))
    title = f"{evaluation.model} on {evaluation.eval_data.n} eval pairs"
    console.print(_table(title, ("metric", "value", "95 % CI"), rows))
    slices = [
        (g.name, str(g.n), number(g.auc_roc), signed(g.compatibility_margin), g.reason) for g in evaluation.slices
    ]
    console.print(_table("Slices", ("slice", "N", "AUC", "margin", "note"), slices))


def show_training(console: Console, info: TrainingInfo) -> None:
    """Evaluations along the training, and which one was kept."""
    rows = [
        (
            str(point.step) + (" *" if point.step == info.best_step else ""),
            f"{point.epoch:.1f}",
            number(point.train_loss, 4),
            number(point.spearman),
            number(point.auc_roc),
        )
        for point in info.history
    ]
    title = f"{info.config.name}: {info.trainable_parameters:,} of {info.total_parameters:,} weights trained"
    console.print(_table(title, ("step (* saved)", "epoch", "train loss", "Spearman", "AUC"), rows))


def show_comparison(console: Console, result: ComparisonResult) -> None:
    """Verdict and statement first, then the models side by side."""
    console.print(Text(f"{result.verdict.status}: {result.verdict.statement}"))
    for finding in result.verdict.findings:
        console.print(Text(f"  {finding.status} {finding.text}"))
    evaluations = [model.evaluation for model in result.models]
    columns = ("metric", *(display_name(evaluation.model) for evaluation in evaluations))
    names = dict.fromkeys([*HEADLINES, *(estimate.name for estimate in evaluations[0].estimates)])
    rows = [(metric_name(name), *(_estimate(evaluation, name) for evaluation in evaluations)) for name in names]
    console.print(_table(f"On {result.eval_data.n} eval pairs, 95 % CI", columns, rows))
    console.print(_auc_table(result))
    console.print(Text(selection_note(evaluations)))


def _estimate(evaluation: Evaluation, name: str) -> str:
    found = evaluation.estimate(name)
    return _two_lines(found.value, found.low, found.high, found.reason)


def _auc_table(result: ComparisonResult) -> Table:
    """The models beside what needs no model; the one number that both have."""
    rows = [
        (
            display_name(model.evaluation.model),
            _estimate(model.evaluation, "auc_roc"),
            _slice_auc(model.evaluation.challenge),
            _difference(model.against_trivial),
        )
        for model in result.models
    ]
    rows += [
        (
            f"{plain_name(b.name)}, no model",
            _two_lines(b.auc_roc, b.auc_low, b.auc_high, b.reason),
            number(b.challenge_auc_roc),
            "",
        )
        for b in result.trivial_baselines
    ]
    columns = ("AUC-ROC", "eval", "challenge", "minus the best, no model")
    return _table("Models beside what needs no model, 95 % CI", columns, rows)


def _slice_auc(group: GroupMetrics | None) -> str:
    if group is None:
        return number(None)
    return _two_lines(group.auc_roc, group.auc_low, group.auc_high, group.reason)


def _difference(found: PairedDifference | None) -> str:
    if found is None:
        return ""
    limits = interval(found.low, found.high)
    return "\n".join(filter(None, (signed(found.value), limits, found.outcome)))


def _two_lines(value: float | None, low: float | None, high: float | None, reason: str) -> str:
    return f"{number(value)}\n{interval(low, high) or reason}".strip()


def show_status(console: Console, lines: Sequence[StageStatus]) -> None:
    """One line a stage: its state, and the command that makes it where it does not stand."""
    for line in lines:
        text = Text(f"{line.stage:<22} ")
        text.append(line.state.value, style=_STATE_STYLE.get(line.state, "yellow"))
        if line.state is not StageState.FRESH:
            text.append(f"  {printable(line.reason)}" if line.state is not StageState.MISSING else "")
        console.print(text)
        if line.state is not StageState.FRESH:
            # in one piece, whatever the width, so that it can be copied
            console.print(Text(f"  run: {line.command}"), soft_wrap=True)


def show_score(console: Console, score: PairScore) -> None:
    """Cosine and verdict of one pair."""
    word = "compatible" if score.compatible else "not compatible"
    console.print(Text(f"{score.cosine:.3f}  {word} (threshold {score.threshold:.3f}, model {score.model})"))
