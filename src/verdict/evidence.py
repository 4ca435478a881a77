"""The evidence for a decision, taken from the results of a comparison; and which model is the candidate."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from ..audit.finding_codes import FindingCode
from ..core.errors import UserInputError, printable
from ..core.paths import BASELINE, CHALLENGE, artifact_name
from ..evaluation.metric_registry import AUC
from ..models import CLEAN, UNCHANGED, FindingStatus, Split
from .decision import SPEARMAN, TOO_FEW, Evidence, Fault, Measured
from .slices import CLEANED, group_sizes, refuse_unknown_slices

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ..models import AuditFinding, DataFile, DecisionRules, Evaluation, ModelSummary, SliceDifference

_DEFAULT = "standard"
_NAME_LIMIT = 60
# Which slices hold none of the pairs that a blocker is about. Where many pairs are copies, the split was made without
# looking at texts, and the others are memorised in part.
_ABSENT_FROM: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        FindingCode.COPIED_PAIRS: frozenset({CLEAN}),
        FindingCode.RELABELLED_PAIRS: frozenset(CLEANED),
        FindingCode.CONTRADICTED_LABELS: frozenset(CLEANED),
    }
)


def candidate_name(wanted: str | None, models: Sequence[str], reference: str = BASELINE) -> str:
    """Name of the model that the decision is about; it is chosen by its name, never by its numbers.

    Args:
        wanted: What `--candidate` names; None takes the training called `standard`, or the only model.
        models: Names of the trainings and judged models, or of their artifacts.
        reference: Artifact name of what it is compared with, which cannot be the candidate.

    Returns:
        The name that its artifacts carry.

    Raises:
        UserInputError: There is no such model, or it is not clear which one is meant.
    """
    others = [name for name in models if artifact_name(name) != reference]
    names = [artifact_name(name) for name in others]
    listed = ", ".join(others) or "nothing"
    if wanted is not None:
        shown = printable(wanted, _NAME_LIMIT)
        if artifact_name(wanted) == reference != BASELINE:
            raise UserInputError(f"--candidate {shown}: --against names it too; name two models")
        if artifact_name(wanted) not in names:
            raise UserInputError(f"--candidate {shown}: no such model; there is {listed}")
        return artifact_name(wanted)
    if artifact_name(_DEFAULT) in names:
        return artifact_name(_DEFAULT)
    if len(names) != 1:
        raise UserInputError(f"which model may be shipped is not clear: there is {listed}; name one with --candidate")
    return names[0]


def reference_name(wanted: str | None, models: Sequence[str]) -> str:
    """Artifact name of the model that every other one is compared with.

    Args:
        wanted: What `--against` names; None takes the base model.
        models: Names of the trainings and judged models, or of their artifacts.

    Raises:
        UserInputError: There is no such model.
    """
    if wanted is None or wanted == BASELINE:
        return BASELINE
    if artifact_name(wanted) not in map(artifact_name, models):
        raise UserInputError(
            f"--against {printable(wanted, _NAME_LIMIT)}: no such model; there is {', '.join([BASELINE, *models])}"
        )
    return artifact_name(wanted)


def evidence_of(
    candidate: ModelSummary,
    base: Evaluation,
    audit: Sequence[AuditFinding],
    rules: DecisionRules,
    reference: str = BASELINE,
) -> Evidence:
    """What a comparison knows of one model.

    Args:
        candidate: The model that may be shipped.
        base: Evaluation of the base model.
        audit: Findings of the audit.
        rules: Slices that the user named.
        reference: Artifact name of the model that it was compared with.

    Raises:
        UserInputError: A named slice is not there.
    """
    evaluation = candidate.evaluation
    differences = candidate.slice_differences
    changes = {found.slice: _measured(found) for found in differences if found.difference.against == reference}
    shallow = [_measured(found) for found in differences if found.difference.against != reference]
    named = {found.slice for found in candidate.guards if not found.shipped} | {*rules.must_hold}
    return Evidence(
        gains=tuple(changes[name] for name in CLEANED if name in changes),
        shallow=tuple(shallow),
        challenge_change=changes.get(CHALLENGE),
        challenge_auc=_challenge_auc(evaluation),
        must_hold=tuple(_must_hold(rules.must_hold, changes, candidate, reference)),
        guards=tuple(_measured(found) for found in candidate.guards if found.slice in named),
        general=next((_measured(found) for found in candidate.guards if found.slice not in named), None),
        faults=(*_own_faults(evaluation, base), *_data_faults(audit)),
        metric="auc_roc" if evaluation.eval_data.scale is None else SPEARMAN,
    )


def different_splits(evaluation: Evaluation, base: Evaluation) -> list[str]:
    """Splits of which two models have seen different files. Train counts, because thresholds are fitted on it."""
    theirs = base.data_files
    return [split.value for split, file in evaluation.data_files.items() if _hash(file) != _hash(theirs[split])]


def _hash(file: DataFile | None) -> str:
    return "none" if file is None else file.sha256


def is_unchanged(evaluation: Evaluation) -> bool:
    """Whether a trained model's embeddings equal the base model's."""
    return evaluation.change is not None and evaluation.change.max_abs_difference <= UNCHANGED


def _measured(found: SliceDifference) -> Measured:
    difference = found.difference
    return Measured(
        slice=found.slice,
        n=found.n,
        n_rarer=min(found.n_compatible, found.n - found.n_compatible),
        value=difference.value,
        low=difference.low,
        high=difference.high,
        score=found.auc_roc if found.spearman is None else found.spearman,
        other=found.other_auc_roc if found.other_spearman is None else found.other_spearman,
        against=difference.against,
        reason=difference.outcome if difference.low is None else "",
        metric=difference.metric if difference.metric == AUC.name else SPEARMAN,
    )


def _challenge_auc(evaluation: Evaluation) -> Measured | None:
    group = evaluation.challenge
    if group is None:
        return None
    found = group.ranking
    return Measured(
        slice=CHALLENGE,
        n=group.n,
        n_rarer=min(group.n_compatible, group.n - group.n_compatible),
        value=found.value,
        low=found.low,
        high=found.high,
        score=found.value,
        reason=found.reason,
    )


def _must_hold(
    names: Sequence[str], changes: dict[str, Measured], candidate: ModelSummary, reference: str
) -> Iterator[Measured]:
    sizes, guards = group_sizes(candidate.evaluation), {found.slice for found in candidate.guards}
    refuse_unknown_slices(names, dict.fromkeys([*sizes, *guards]))
    for name in dict.fromkeys(name for name in names if name not in guards):
        n, ones = sizes[name]
        yield changes.get(name, Measured(name, n, min(ones, n - ones), None, against=reference, reason=TOO_FEW))


def _own_faults(evaluation: Evaluation, base: Evaluation) -> Iterator[Fault]:
    if different_splits(evaluation, base):
        yield Fault(FindingCode.DIFFERENT_DATA)
    if is_unchanged(evaluation):
        yield Fault(FindingCode.WEIGHTS_UNCHANGED)
    if getattr(evaluation, evaluation.ranking.name) is None:
        yield Fault(FindingCode.AUC_UNDEFINED)


def _data_faults(audit: Sequence[AuditFinding]) -> Iterator[Fault]:
    """The blockers about the pairs that are measured on.

    A fault of train or validation alone makes a model worse, and the test pairs show it.
    """
    nowhere = frozenset[str]()
    for finding in audit:
        if is_invalidating(finding):
            # the challenge set has no slices
            yield Fault(
                finding.code, _ABSENT_FROM.get(finding.code, nowhere) if finding.role is Split.TEST else nowhere
            )


def is_invalidating(finding: AuditFinding) -> bool:
    """Whether a finding of the audit can make the numbers invalid."""
    return finding.status is FindingStatus.BLOCKER and finding.role in (Split.TEST, Split.CHALLENGE)
