"""The rules of the verdict: which findings a comparison has, and the status that follows from the worst of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..audit.finding_codes import FindingCode
from ..audit.shortcuts import BASELINE_OF
from ..core.formatting import display_name, number
from ..models import FindingStatus, Split, Verdict, VerdictStatus
from .findings import audit_warning, verdict_finding
from .statement import auc_text, difference_text, statement

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..models import (
        AuditFinding,
        Evaluation,
        Geometry,
        GroupMetrics,
        ModelSummary,
        PairedDifference,
        ShallowBaseline,
        VerdictFinding,
    )

UNCHANGED = 1e-5
COLLAPSED_COSINE = 0.9
# Two bits of the entropy that the effective rank is made of. Trainings that separate the labels well keep half the base
# model's rank or more; a space of two or three directions keeps a few hundredths of it.
LEAST_RANK_SHARE = 0.25
CHANCE = 0.5
# repeated eval pairs carry no new information, so every interval is too narrow
REPEATS = frozenset(
    {
        FindingCode.REPEATED_PAIRS,
        FindingCode.SWAPPED_PAIRS,
        FindingCode.NORMALISED_REPEATS,
        FindingCode.NEAR_DUPLICATES,
    }
)


def judge(
    models: Sequence[ModelSummary],
    best_baseline: ShallowBaseline | None,
    audit: Sequence[AuditFinding],
) -> Verdict:
    """The verdict on a comparison.

    Args:
        models: The base model first, then the trained models.
        best_baseline: The best shallow baseline; None if none has an AUC.
        audit: Findings of the audit and of the shortcuts.
    """
    base, trained = models[0].evaluation, models[1:]
    findings = (
        *_different_data([model.evaluation for model in models]),
        *(finding for model in trained for finding in _model_findings(model.evaluation, base)),
        *_data_findings(audit),
        *_worse_than_base(base, trained),
        *_against_shallow_baseline(trained, best_baseline),
    )
    order = list(VerdictStatus)
    status = max((finding.status for finding in findings), key=order.index, default=VerdictStatus.OK)
    return Verdict(status=status, statement=statement(models, status), findings=findings)


def _different_data(evaluations: Sequence[Evaluation]) -> Iterator[VerdictFinding]:
    """Splits of which the models have seen different files. Train counts, because thresholds are fitted on it."""
    files: dict[str, set[str]] = {
        "train": {e.train_data.sha256 for e in evaluations},
        "eval": {e.eval_data.sha256 for e in evaluations},
        "challenge": {e.challenge_data.sha256 if e.challenge_data else "none" for e in evaluations},
    }
    for split, hashes in files.items():
        if len(hashes) > 1:
            yield verdict_finding(FindingCode.DIFFERENT_DATA, n_files=len(hashes), split=split)


def _model_findings(evaluation: Evaluation, base: Evaluation) -> Iterator[VerdictFinding]:
    """Faults that one model's own numbers show."""
    model, change = display_name(evaluation.model), evaluation.change
    if change is not None and change.max_abs_difference <= UNCHANGED:
        yield verdict_finding(FindingCode.WEIGHTS_UNCHANGED, model=model)
    if evaluation.auc_roc is None:
        yield verdict_finding(FindingCode.AUC_UNDEFINED, model=model)
    if _looks_inverted(evaluation):
        eval_auc, train_auc = number(evaluation.auc_roc, 2), number(evaluation.train_auc_roc, 2)
        yield verdict_finding(FindingCode.LABELS_INVERTED, model=model, eval_auc=eval_auc, train_auc=train_auc)
    yield from _space_findings(model, evaluation.geometry, base.geometry)
    if evaluation.challenge is not None:
        yield from _challenge_findings(model, evaluation.challenge)


def _looks_inverted(evaluation: Evaluation) -> bool:
    """Whether eval lies below chance and train above it, both with their whole intervals."""
    eval_high, train_low = evaluation.estimate("auc_roc").high, evaluation.train_auc_low
    return eval_high is not None and train_low is not None and eval_high < CHANCE < train_low


def _space_findings(model: str, geometry: Geometry, base: Geometry) -> Iterator[VerdictFinding]:
    cosine, rank, base_rank = geometry.random_pair_cosine, geometry.effective_rank, base.effective_rank
    if cosine is not None and cosine >= COLLAPSED_COSINE:
        yield verdict_finding(FindingCode.SPACE_COLLAPSED, model=model, cosine=cosine)
    if rank is not None and base_rank is not None and rank < LEAST_RANK_SHARE * base_rank:
        yield verdict_finding(FindingCode.DIRECTIONS_LOST, model=model, rank=rank, base_rank=base_rank)


def _challenge_findings(model: str, challenge: GroupMetrics) -> Iterator[VerdictFinding]:
    low, high = challenge.auc_low, challenge.auc_high
    if low is None or low > CHANCE:
        return
    is_below = high is not None and high < CHANCE
    code = FindingCode.CHALLENGE_BELOW_CHANCE if is_below else FindingCode.CHALLENGE_NOT_ABOVE_CHANCE
    yield verdict_finding(code, model=model, auc=auc_text(challenge))


def _data_findings(audit: Sequence[AuditFinding]) -> Iterator[VerdictFinding]:
    """Faults of the data that flatter the numbers on eval or narrow their intervals, and every blocker."""
    yield from (audit_warning(finding) for finding in audit if _affects_verdict(finding))
    predicting = [
        BASELINE_OF[finding.code].replace("_", " ")
        for finding in audit
        if finding.status is FindingStatus.WARN and finding.code in BASELINE_OF
    ]
    if predicting:
        yield verdict_finding(FindingCode.LABELS_PREDICTED, baselines=", ".join(predicting))


def _affects_verdict(finding: AuditFinding) -> bool:
    if finding.status is not FindingStatus.WARN:
        return finding.status is FindingStatus.BLOCKER
    return finding.about_split or (finding.role is Split.TEST and finding.code in REPEATS)


def _worse_than_base(base: Evaluation, trained: Sequence[ModelSummary]) -> Iterator[VerdictFinding]:
    """Models that rank the eval pairs worse than the base model does."""
    for model in trained:
        for difference in model.differences:
            if difference.metric == "auc_roc" and difference.outcome == "worse":
                yield verdict_finding(
                    FindingCode.WORSE_THAN_BASE, **_compared(model, difference), base_auc=number(base.auc_roc)
                )


def _against_shallow_baseline(
    trained: Sequence[ModelSummary], best: ShallowBaseline | None
) -> Iterator[VerdictFinding]:
    """Models that are not better than the best shallow baseline."""
    if best is None:
        yield verdict_finding(FindingCode.NO_SHALLOW_BASELINE)
        return
    baseline = {"baseline": best.name.replace("_", " "), "baseline_auc": number(best.auc_roc)}
    for model in trained:
        difference = model.against_trivial
        if difference is not None and difference.outcome != "better":
            unknown = difference.outcome == "not estimable"
            code = FindingCode.SHALLOW_BASELINE_NOT_COMPARABLE if unknown else FindingCode.SHALLOW_BASELINE_NOT_BEATEN
            yield verdict_finding(code, **_compared(model, difference), **baseline)


def _compared(model: ModelSummary, difference: PairedDifference) -> dict[str, str]:
    return {
        "model": display_name(model.evaluation.model),
        "auc": number(model.evaluation.auc_roc),
        "difference": difference_text(difference),
    }
