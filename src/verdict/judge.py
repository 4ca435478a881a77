"""One sentence and a verdict, made from the numbers; the same words in the terminal, the JSON and the reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..audit.shortcuts import GUESSED
from ..core.formatting import display_name, number
from ..models import FindingStatus, Verdict, VerdictFinding, VerdictStatus, challenge_slice, estimate
from .statement import _auc_text, _interval_text, _statement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..models import (
        AuditFinding,
        Evaluation,
        GroupMetrics,
        ModelSummary,
        TrivialBaseline,
    )

UNCHANGED = 1e-5
COLLAPSED_COSINE = 0.9
# Two bits of the entropy that the effective rank is made of. Trainings that separate the labels well keep half the base
# model's rank or more; a space of two or three directions keeps a few hundredths of it.
LEAST_RANK_SHARE = 0.25
CHANCE = 0.5
NOT_ABOVE_CHANCE = "challenge set not above chance"
# pairs of eval that say nothing new make every interval too narrow
REPEATS_IN_EVAL = (
    "eval: repeated pairs",
    "eval: swapped pairs",
    "eval: pairs repeated after normalisation",
    "eval: near-duplicates",
)


def judge(
    models: Sequence[ModelSummary],
    best_trivial: TrivialBaseline | None,
    audit: Sequence[AuditFinding],
) -> Verdict:
    """The verdict on a comparison.

    Args:
        models: The baseline first, then the trained models.
        best_trivial: The best of what needs no model; None when none has an AUC.
        audit: What the audit found in the data, and what gives the labels away.
    """
    base, trained = models[0].evaluation, [summary.evaluation for summary in models[1:]]
    findings = [
        *_data_differs([summary.evaluation for summary in models]),
        *(finding for evaluation in trained for finding in _model_findings(evaluation, base)),
        *_data_findings(audit),
        *_base_findings(models[0].evaluation, models[1:]),
        *_trivial_findings(models[1:], best_trivial),
    ]
    order = list(VerdictStatus)
    status = max((finding.status for finding in findings), key=order.index, default=VerdictStatus.OK)
    return Verdict(status=status, statement=_statement(models, status), findings=tuple(findings))


def _data_differs(evaluations: Sequence[Evaluation]) -> list[VerdictFinding]:
    """Thresholds come from train, so that another train file makes other numbers too."""
    files: dict[str, set[str]] = {
        "train": {e.train_data.sha256 for e in evaluations},
        "eval": {e.eval_data.sha256 for e in evaluations},
        "challenge": {e.challenge_data.sha256 if e.challenge_data else "none" for e in evaluations},
    }
    return [
        VerdictFinding(
            status=VerdictStatus.INVALID,
            name="different data",
            text=f"the models were evaluated with {len(hashes)} different {split} files",
        )
        for split, hashes in files.items()
        if len(hashes) > 1
    ]


def _model_findings(evaluation: Evaluation, base: Evaluation) -> list[VerdictFinding]:
    """What one model's numbers say against themselves."""
    model = display_name(evaluation.model)
    found = []
    if evaluation.change is not None and evaluation.change.max_abs_difference <= UNCHANGED:
        text = f"{model}: its embeddings equal the base model's; the trained weights were not applied"
        found.append(VerdictFinding(status=VerdictStatus.INVALID, name="weights unchanged", text=text))
    if evaluation.auc_roc is None:
        text = f"{model}: AUC-ROC is not defined on these eval pairs"
        found.append(VerdictFinding(status=VerdictStatus.INVALID, name="AUC not defined", text=text))
    found.extend(_warnings(evaluation, base))
    return found


def _warnings(evaluation: Evaluation, base: Evaluation) -> list[VerdictFinding]:
    model, texts = display_name(evaluation.model), {}
    if _looks_inverted(evaluation):
        on_eval, on_train = number(evaluation.auc_roc, 2), number(evaluation.train_auc_roc, 2)
        texts["labels inverted"] = f"{model}: AUC {on_eval} on eval, {on_train} on train: labels inverted?"
    cosine = evaluation.geometry.random_pair_cosine
    if cosine is not None and cosine >= COLLAPSED_COSINE:
        texts["collapsed space"] = f"{model}: random texts have a cosine of {cosine:.2f}; the space has collapsed"
    rank, base_rank = evaluation.geometry.effective_rank, base.geometry.effective_rank
    if rank is not None and base_rank is not None and rank < LEAST_RANK_SHARE * base_rank:
        texts["directions lost"] = (
            f"{model}: its texts spread over {rank:.1f} directions (effective rank), the base model's over "
            f"{base_rank:.1f}; the space has collapsed onto a few"
        )
    challenge = challenge_slice(evaluation)
    if challenge is not None and challenge.auc_low is not None and challenge.auc_low <= CHANCE:
        shown = "is worse than chance" if below_chance(challenge) else "is not shown to be better than chance"
        texts[NOT_ABOVE_CHANCE] = f"{model}: {_auc_text(challenge)} on naturally phrased pairs {shown}"
    return [VerdictFinding(status=VerdictStatus.WARN, name=name, text=text) for name, text in texts.items()]


def _looks_inverted(evaluation: Evaluation) -> bool:
    """Whether both intervals lie on their side of chance: a model at chance must not accuse the data."""
    on_eval = estimate(evaluation, "auc_roc").high
    on_train = evaluation.train_auc_low
    return on_eval is not None and on_train is not None and on_eval < CHANCE < on_train


def below_chance(group: GroupMetrics) -> bool:
    """Whether the whole interval of the group's AUC lies below chance."""
    return group.auc_high is not None and group.auc_high < CHANCE


def _data_findings(audit: Sequence[AuditFinding]) -> list[VerdictFinding]:
    """What makes numbers on eval too good or too sure, and what is wrong beyond use within a file."""
    found = [
        VerdictFinding(
            status=VerdictStatus.WARN, name=found.name, text=f"{found.name}: {found.observed}; {found.action}"
        )
        for found in audit
        if found.status is FindingStatus.BLOCKER
        or (found.status is FindingStatus.WARN and (found.about_split or found.name in REPEATS_IN_EVAL))
    ]
    guessed = [
        found.name.removeprefix(GUESSED)
        for found in audit
        if found.status is FindingStatus.WARN and found.name.startswith(GUESSED)
    ]
    if guessed:
        text = f"the labels of eval can be guessed without a model, from {', '.join(guessed)}; the audit says how well"
        found.append(VerdictFinding(status=VerdictStatus.WARN, name="labels given away", text=text))
    return found


def _base_findings(base: Evaluation, trained: Sequence[ModelSummary]) -> list[VerdictFinding]:
    """Models that rank the eval pairs worse than before the training."""
    return [
        VerdictFinding(
            status=VerdictStatus.WARN,
            name="worse than the base model",
            text=(
                f"{display_name(model.evaluation.model)}: AUC {number(model.evaluation.auc_roc)} is worse than the "
                f"base model's {number(base.auc_roc)}; {_interval_text(difference)}"
            ),
        )
        for model in trained
        for difference in model.differences
        if difference.metric == "auc_roc" and difference.outcome == "worse"
    ]


def _trivial_findings(trained: Sequence[ModelSummary], best: TrivialBaseline | None) -> list[VerdictFinding]:
    if best is None:
        text = "nothing that needs no model has an AUC on these pairs; what a model adds to that is not known"
        return [VerdictFinding(status=VerdictStatus.WARN, name="no trivial baseline", text=text)]
    needs_none = f"{best.name.replace('_', ' ')} ({number(best.auc_roc)}), which needs no model"
    found = []
    for model in trained:
        difference = model.against_trivial
        if difference is not None and difference.outcome != "better":
            says = "cannot be compared with" if difference.outcome == "not estimable" else "does not beat"
            text = (
                f"{display_name(model.evaluation.model)}: AUC {number(model.evaluation.auc_roc)} {says} {needs_none}; "
                f"{_interval_text(difference)}"
            )
            found.append(VerdictFinding(status=VerdictStatus.WARN, name="trivial baseline not beaten", text=text))
    return found
