"""The verdict on a comparison: the decision on the candidate, its reasons, and notes that never decide."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..audit.finding_codes import FindingCode
from ..audit.shortcuts import BASELINE_OF
from ..core.formatting import number, plain_name
from ..evaluation.metric_registry import metric_label
from ..models import DEDUPLICATED, FindingStatus, Split, Verdict
from ..wording import decision as wording
from .decision import CHANCE, decide
from .evidence import candidate_name, different_splits, evidence_of, is_invalidating, is_unchanged, reference_name
from .findings import audit_finding, reasons_of, verdict_finding
from .statement import statement, verdict_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..models import (
        AuditFinding,
        ComparisonResult,
        Decision,
        DecisionRules,
        Evaluation,
        Geometry,
        ModelSummary,
        VerdictFinding,
    )
    from .findings import Role

# Of the base model's effective rank, and of the mean squared distance of random texts in it. Trainings that separate
# the labels well keep half of each or more; a space of two or three directions keeps a few hundredths of the rank.
LEAST_SHARE = 0.25
# repeated eval pairs carry no new information, so every interval is too narrow
REPEATS = frozenset(
    {
        FindingCode.REPEATED_PAIRS,
        FindingCode.SWAPPED_PAIRS,
        FindingCode.NORMALISED_REPEATS,
        FindingCode.NEAR_DUPLICATES,
    }
)


def judge(models: Sequence[ModelSummary], audit: Sequence[AuditFinding], rules: DecisionRules) -> Verdict:
    """The verdict on a comparison.

    Args:
        models: The base model first, then the trained models.
        audit: Findings of the audit and of the shortcuts.
        rules: What the user said about the decision.

    Raises:
        UserInputError: The candidate is not among the models, or a named slice is not there.
    """
    base, trained = models[0].evaluation, models[1:]
    names = [model.training.config.name if model.training else model.name for model in trained]
    reference = reference_name(rules.against, names)
    name = candidate_name(rules.candidate, names, reference)
    candidate = next(model for model in trained if model.name == name)
    decision = decide(evidence_of(candidate, base, audit, rules, reference), rules, name, reference)
    findings = (
        *_fault_findings(decision, candidate.evaluation, base, audit),
        *(finding for test in decision.tests for finding in reasons_of(test, name)),
        *_data_notes(decision, base, audit),
        *(note for model in trained for note in _model_notes(model.evaluation, base, candidate=name)),
    )
    return Verdict(
        decision=decision,
        statement=statement(decision, findings),
        line=verdict_line(decision, findings),
        findings=findings,
    )


def judge_again(result: ComparisonResult, rules: DecisionRules) -> Verdict:
    """The verdict on a comparison by other rules; nothing is measured, so the reference stays.

    Raises:
        UserInputError: See `judge`.
    """
    against = result.verdict.decision.reference
    return judge(result.models, result.audit, rules.model_copy(update={"against": against}))


# --- what makes the numbers invalid ---------------------------------------------------------------------


def _fault_findings(
    decision: Decision, candidate: Evaluation, base: Evaluation, audit: Sequence[AuditFinding]
) -> Iterator[VerdictFinding]:
    yield from _own_faults(candidate, base, "reason")
    if FindingCode.NOT_FINITE in decision.faults:
        yield verdict_finding(FindingCode.NOT_FINITE, "reason", candidate.model)
    for finding in audit:
        if _is_fault(finding, decision):
            yield audit_finding(finding, "reason")


def _own_faults(evaluation: Evaluation, base: Evaluation, role: Role) -> Iterator[VerdictFinding]:
    model = evaluation.model
    if splits := different_splits(evaluation, base):
        yield verdict_finding(FindingCode.DIFFERENT_DATA, role, model, splits=", ".join(splits))
    if is_unchanged(evaluation):
        yield verdict_finding(FindingCode.WEIGHTS_UNCHANGED, role, model, why=wording.why_unchanged(evaluation.judged))
    if getattr(evaluation, evaluation.ranking.name) is None:
        yield verdict_finding(FindingCode.AUC_UNDEFINED, role, model, metric=metric_label(evaluation.ranking.name))


def _is_fault(finding: AuditFinding, decision: Decision) -> bool:
    return is_invalidating(finding) and finding.code in decision.faults


# --- notes ----------------------------------------------------------------------------------------------


def _data_notes(decision: Decision, base: Evaluation, audit: Sequence[AuditFinding]) -> Iterator[VerdictFinding]:
    """Faults of the data that flatter the numbers on eval or narrow their intervals."""
    if base.challenge is None:
        yield verdict_finding(FindingCode.NO_CHALLENGE, "note", challenge=base.eval_data.words.challenge)
    if decision.tests[0].slice == DEDUPLICATED:
        yield verdict_finding(FindingCode.NEW_TEXTS_NOT_MEASURED, "note")
    for finding in audit:
        if _is_worth_a_note(finding) and not _is_fault(finding, decision):
            yield audit_finding(finding, "note")
    predicting = [
        plain_name(BASELINE_OF[finding.code])
        for finding in audit
        if finding.status is FindingStatus.WARN and finding.code in BASELINE_OF
    ]
    if predicting:
        yield verdict_finding(FindingCode.LABELS_PREDICTED, "note", baselines=", ".join(predicting))


def _is_worth_a_note(finding: AuditFinding) -> bool:
    if finding.status is not FindingStatus.WARN:
        return finding.status is FindingStatus.BLOCKER
    return finding.about_split or (finding.role is Split.TEST and finding.code in REPEATS)


def _model_notes(evaluation: Evaluation, base: Evaluation, *, candidate: str) -> Iterator[VerdictFinding]:
    """What one model's own numbers show; a fault of a model that is not the candidate decides nothing."""
    model = evaluation.model
    if model != candidate:
        yield from _own_faults(evaluation, base, "note")
    if _looks_inverted(evaluation):
        eval_auc, train_auc = number(evaluation.auc_roc, 2), number(evaluation.train_auc_roc, 2)
        yield verdict_finding(FindingCode.LABELS_INVERTED, "note", model, eval_auc=eval_auc, train_auc=train_auc)
    # embeddings of another width have no change to be told, and cannot be asked to spread as far
    same_width = evaluation.judged is None or evaluation.change is not None
    yield from _space_notes(model, evaluation.geometry, base.geometry, same_width=same_width)


def _looks_inverted(evaluation: Evaluation) -> bool:
    """Whether eval lies below chance and train above it, both with their whole intervals."""
    eval_high, train_low = evaluation.estimate("auc_roc").high, evaluation.train_auc_low
    return eval_high is not None and train_low is not None and eval_high < CHANCE < train_low


def _space_notes(model: str, geometry: Geometry, base: Geometry, *, same_width: bool) -> Iterator[VerdictFinding]:
    """Signs that the space has collapsed; relative to the base model, because base models differ in both numbers."""
    cosine, base_cosine = geometry.random_pair_cosine, base.random_pair_cosine
    # the mean squared distance of unit-length vectors is twice 1 - cosine
    if cosine is not None and base_cosine is not None and 1 - cosine < LEAST_SHARE * (1 - base_cosine):
        yield verdict_finding(FindingCode.SPACE_COLLAPSED, "note", model, cosine=cosine, base_cosine=base_cosine)
    rank, base_rank = geometry.effective_rank, base.effective_rank
    if same_width and rank is not None and base_rank is not None and rank < LEAST_SHARE * base_rank:
        yield verdict_finding(FindingCode.DIRECTIONS_LOST, "note", model, rank=rank, base_rank=base_rank)
