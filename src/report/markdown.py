"""`eval/summary.md`: the comparison on one page of Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..core.formatting import display_name, interval, number, plain_name, signed, with_interval
from ..evaluation.intervals import DELONG
from ..evaluation.metric_names import HEADLINES
from ..tables.selection import differences, selection_note

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..models import ComparisonResult, Evaluation, GroupMetrics, PairedDifference, ShallowBaseline


def summary_markdown(result: ComparisonResult) -> str:
    """Verdict, findings, scores beside shallow baselines, paired differences, slices, targets."""
    evaluations = [model.evaluation for model in result.models]
    sections = [
        "# What the fine-tune did",
        f"**{result.verdict.status}.** {_plain(result.verdict.statement)}",
        "\n".join(f"- {finding.status}: {_plain(finding.text)}" for finding in result.verdict.findings),
        f"## Scores on {result.eval_data.n} eval pairs, 95 % intervals",
        _interval_note(evaluations),
        _table(
            ("Model", *HEADLINES.values(), "AUC-ROC, challenge set"),
            (*map(_score_row, evaluations), *map(_trivial_row, result.trivial_baselines)),
        ),
        selection_note(evaluations),
        "## Differences, paired on the same pairs",
        _table(("Model", "Against", "Metric", "Difference", "Outcome"), map(_difference_row, differences(result))),
        "## AUC-ROC by slice, 95 % intervals",
        _table(("Slice", "N", *(display_name(e.model) for e in evaluations)), _slice_rows(evaluations)),
        "## Targets set before training",
        _table(
            ("Model", "Metric", "Target", "Observed", "Outcome", "Note"),
            (
                (
                    display_name(h.model),
                    h.metric,
                    number(h.target, 2),
                    with_interval(h.observed, h.low, h.high),
                    h.outcome,
                    h.note,
                )
                for h in result.hypotheses
            ),
        ),
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def _interval_note(evaluations: list[Evaluation]) -> str:
    """How every interval on the page was made, the exact ones included."""
    methods = dict.fromkeys(e.method for evaluation in evaluations for e in evaluation.estimates if e.method)
    made = [f"Intervals of the scores: {'; or '.join(methods)}."] if methods else []
    return " ".join([*made, f"Those of the slices, the challenge set and the shallow baselines are {DELONG}."])


def _score_row(evaluation: Evaluation) -> tuple[str, ...]:
    estimates = [evaluation.estimate(name) for name in HEADLINES]
    cells = [with_interval(e.value, e.low, e.high, e.reason) for e in estimates]
    return (display_name(evaluation.model), *cells, _auc(evaluation.challenge))


def _trivial_row(baseline: ShallowBaseline) -> tuple[str, ...]:
    auc = with_interval(baseline.auc_roc, baseline.auc_low, baseline.auc_high, baseline.reason)
    cells = (auc if name == "auc_roc" else "" for name in HEADLINES)
    return (f"{plain_name(baseline.name)}, no model", *cells, number(baseline.challenge_auc_roc))


def _difference_row(found: PairedDifference) -> tuple[str, ...]:
    against = plain_name(display_name(found.against))
    value = f"{signed(found.value)} {interval(found.low, found.high)}".rstrip()
    return display_name(found.model), against, found.metric, value, found.outcome


def _slice_rows(evaluations: list[Evaluation]) -> Iterator[tuple[str, ...]]:
    for first in evaluations[0].slices:
        groups = (next((g for g in e.slices if g.name == first.name), None) for e in evaluations)
        yield first.name, str(first.n), *map(_auc, groups)


def _auc(group: GroupMetrics | None) -> str:
    """AUC of a slice; n/a where the model was not evaluated on it."""
    return number(None) if group is None else with_interval(group.auc_roc, group.auc_low, group.auc_high, group.reason)


def _table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [header, tuple("---" for _ in header), *rows]
    return "\n".join("| " + " | ".join(_plain(text) for text in line) + " |" for line in lines)


def _plain(text: str) -> str:
    """Text that stays on its line and in its cell and is not read as HTML, a link or a table."""
    for char, safe in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\\", "\\\\"), ("|", "\\|"), ("](", "]\\(")):
        text = text.replace(char, safe)
    return " ".join(text.split())
