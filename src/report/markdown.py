"""`eval/summary.md`: the comparison on one page of Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..core.formatting import display_name, interval, number, plain_name, signed, with_interval
from ..evaluation.intervals import DELONG
from ..core.paths import TUNED_LORA
from ..verdict.judge import challenge_slice, estimate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..models import ComparisonResult, Evaluation, GroupMetrics, PairedDifference, TrivialBaseline

HEADLINES = {
    "compatibility_margin": "Margin",
    "cohens_d": "Cohen's d",
    "auc_roc": "AUC-ROC",
    "average_precision": "Average precision",
    "spearman_correlation": "Spearman",
    "cluster_purity": "Cluster purity",
    "false_positive_rate_at_95_recall": "FP rate at 95 % recall",
}
_STEP_NOTE = (
    "The kept step of each training is the one with the best Spearman on these eval pairs, so the scores on them are "
    "optimistic."
)
_RATE_NOTE = (
    "The learning rate of lora-tuned was chosen once, on the eval pairs of a template-made data set "
    "(docs/adr-001-lora-vs-standard.md)."
)
_CHALLENGE_NOTE = "No step, threshold or learning rate was chosen on the challenge set."


def summary_markdown(result: ComparisonResult) -> str:
    """Verdict, findings, scores beside what needs no model, paired differences, slices, targets."""
    evaluations = [model.evaluation for model in result.models]
    sections = [
        "# What the fine-tune did",
        f"**{result.verdict.status}.** {_plain(result.verdict.statement)}",
        "\n".join(f"- {finding.status}: {_plain(finding.text)}" for finding in result.verdict.findings),
        f"## Scores on {result.eval_data.n} eval pairs, 95 % intervals by bootstrap",
        f"The intervals of the challenge set and of what needs no model are {DELONG}.",
        _table(
            ("Model", *HEADLINES.values(), "AUC-ROC, challenge set"),
            (*map(_score_row, evaluations), *map(_trivial_row, result.trivial_baselines)),
        ),
        selection_note(evaluations),
        "## Differences, paired on the same pairs",
        _table(("Model", "Against", "Metric", "Difference", "Outcome"), map(_difference_row, differences(result))),
        "## AUC-ROC by slice, 95 % intervals by DeLong",
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


def selection_note(evaluations: Iterable[Evaluation]) -> str:
    """What was chosen on which pairs, so that the reader knows which scores are optimistic."""
    tuned = any(evaluation.model == TUNED_LORA for evaluation in evaluations)
    return " ".join([_STEP_NOTE, *([_RATE_NOTE] if tuned else []), _CHALLENGE_NOTE])


def differences(result: ComparisonResult) -> list[PairedDifference]:
    """Each trained model against the base model in every metric, then against the best that needs no model."""
    held = [(*model.differences, model.against_trivial) for model in result.models]
    return [difference for model in held for difference in model if difference is not None]


def _score_row(evaluation: Evaluation) -> tuple[str, ...]:
    estimates = [estimate(evaluation, name) for name in HEADLINES]
    cells = [with_interval(e.value, e.low, e.high, e.reason) for e in estimates]
    return (display_name(evaluation.model), *cells, _auc(challenge_slice(evaluation)))


def _trivial_row(baseline: TrivialBaseline) -> tuple[str, ...]:
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
