"""`eval/summary.md`: the comparison on one page of Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from src.formats import interval, number, plain_name, signed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from src.models import ComparisonResult, Evaluation, ModelSummary

HEADLINES = {
    "compatibility_margin": "Margin",
    "cohens_d": "Cohen's d",
    "auc_roc": "AUC-ROC",
    "average_precision": "Average precision",
    "spearman_correlation": "Spearman",
    "cluster_purity": "Cluster purity",
}


def summary_markdown(result: ComparisonResult) -> str:
    """Verdict, findings, scores with 95 % intervals, paired differences, hypotheses."""
    sections = [
        "# What the fine-tune did",
        f"**{result.verdict.status}.** {_plain(result.verdict.statement)}",
        "\n".join(f"- {finding.status}: {_plain(finding.text)}" for finding in result.verdict.findings),
        f"## Scores on {result.eval_data.n} eval pairs, 95 % intervals",
        _table(("Model", *HEADLINES.values()), (_score_row(model.evaluation) for model in result.models)),
        "## Difference to the base model, paired on the same pairs",
        _table(("Model", "Metric", "Difference", "Outcome"), _difference_rows(result.models)),
        "## What needs no model",
        _table(
            ("Baseline", "AUC-ROC", "95 % interval", "AUC-ROC on the challenge set"),
            (
                (plain_name(b.name), number(b.auc_roc), interval(b.auc_low, b.auc_high), number(b.challenge_auc_roc))
                for b in result.trivial_baselines
            ),
        ),
        "## Targets set before training",
        _table(
            ("Model", "Metric", "Target", "Observed", "Outcome", "Note"),
            (
                (
                    h.model,
                    h.metric,
                    number(h.target, 2),
                    f"{number(h.observed)} {interval(h.low, h.high)}",
                    h.outcome,
                    h.note,
                )
                for h in result.hypotheses
            ),
        ),
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def _score_row(evaluation: Evaluation) -> tuple[str, ...]:
    estimates = {estimate.name: estimate for estimate in evaluation.estimates}
    cells = []
    for name in HEADLINES:
        estimate = estimates.get(name)
        text = number(getattr(evaluation, name))
        cells.append(f"{text} {interval(estimate.low, estimate.high)}".strip() if estimate else text)
    return (evaluation.model, *cells)


def _difference_rows(models: Iterable[ModelSummary]) -> Iterable[tuple[str, ...]]:
    return (
        (d.model, d.metric, f"{signed(d.value)} {interval(d.low, d.high)}", d.outcome)
        for model in models
        for d in model.differences
    )


def _table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [header, tuple("---" for _ in header), *rows]
    return "\n".join("| " + " | ".join(_plain(text) for text in line) + " |" for line in lines)


def _plain(text: str) -> str:
    """Text that stays on its line and in its cell and is not read as HTML, a link or a table."""
    for char, safe in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\\", "\\\\"), ("|", "\\|"), ("](", "]\\(")):
        text = text.replace(char, safe)
    return " ".join(text.split())
