"""One sentence and a verdict, made from the numbers; the same words in the terminal, the JSON and the reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from src.data_loader import quote
from src.formats import display_name, number, signed
from src.models import Estimate, FindingStatus, Verdict, VerdictFinding, VerdictStatus
from src.paths import CHALLENGE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from src.models import (
        AuditFinding,
        Evaluation,
        GroupMetrics,
        ModelSummary,
        PairedDifference,
        TrivialBaseline,
    )

UNCHANGED = 1e-5
COLLAPSED_COSINE = 0.9
# Two bits of the entropy that the effective rank is made of. Trainings that separate the labels well keep half the base
# model's rank or more; a space of two or three directions keeps a few hundredths of it.
LEAST_RANK_SHARE = 0.25
CHANCE = 0.5
SMALLEST_NAMED_CATEGORY = 10


def judge(
    models: Sequence[ModelSummary],
    best_trivial: TrivialBaseline | None,
    audit: Sequence[AuditFinding],
) -> Verdict:
    """The verdict on a comparison.

    Args:
        models: The baseline first, then the trained models.
        best_trivial: The best of what needs no model; None when none has an AUC.
        audit: What the audit found in the data.
    """
    base, trained = models[0].evaluation, [summary.evaluation for summary in models[1:]]
    findings = [
        *_data_differs([summary.evaluation for summary in models]),
        *(finding for evaluation in trained for finding in _model_findings(evaluation, base)),
        *_data_findings(audit),
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
        texts["challenge set at chance"] = (
            f"{model}: {_auc_text(challenge)} on naturally phrased pairs is no better than chance"
        )
    return [VerdictFinding(status=VerdictStatus.WARN, name=name, text=text) for name, text in texts.items()]


def _looks_inverted(evaluation: Evaluation) -> bool:
    """Whether both intervals lie on their side of chance: a model at chance must not accuse the data."""
    on_eval = estimate(evaluation, "auc_roc").high
    on_train = evaluation.train_auc_low
    return on_eval is not None and on_train is not None and on_eval < CHANCE < on_train


def estimate(evaluation: Evaluation, metric: str) -> Estimate:
    """A metric with its interval where there is one, else its bare value.

    Args:
        evaluation: Result of one model.
        metric: Name of an estimate or of a field of `Evaluation`.
    """
    for candidate in evaluation.estimates:
        if candidate.name == metric:
            return candidate
    return Estimate(name=metric, value=getattr(evaluation, metric, None))


def challenge_slice(evaluation: Evaluation) -> GroupMetrics | None:
    """The metrics on the challenge set, if there was one."""
    return next((group for group in evaluation.slices if group.name == CHALLENGE), None)


def _data_findings(audit: Sequence[AuditFinding]) -> list[VerdictFinding]:
    """What train gives away of the other files, and what is wrong beyond use within a file."""
    return [
        VerdictFinding(
            status=VerdictStatus.WARN, name=found.name, text=f"{found.name}: {found.observed}; {found.action}"
        )
        for found in audit
        if found.status is FindingStatus.BLOCKER or (found.about_split and found.status is FindingStatus.WARN)
    ]


def _trivial_findings(trained: Sequence[ModelSummary], best: TrivialBaseline | None) -> list[VerdictFinding]:
    found = []
    for model in trained:
        evaluation, difference = model.evaluation, model.against_trivial
        if best is not None and difference is not None and difference.outcome != "better":
            needs_none = f"{best.name.replace('_', ' ')} ({number(best.auc_roc)}), which needs no model"
            text = (
                f"{display_name(evaluation.model)}: AUC {number(evaluation.auc_roc)} does not beat {needs_none}; "
                f"{_interval_text(difference)}"
            )
            found.append(VerdictFinding(status=VerdictStatus.WARN, name="trivial baseline not beaten", text=text))
    return found


def _statement(models: Sequence[ModelSummary], status: VerdictStatus) -> str:
    if status is VerdictStatus.INVALID:
        return "The numbers of this comparison must not be used; the findings below say why."
    base, trained = models[0].evaluation, [model for model in models[1:] if model.evaluation.auc_roc is not None]
    best = max(trained, key=lambda model: model.evaluation.auc_roc or 0.0)
    evaluation = best.evaluation
    name = display_name(evaluation.model)
    margin = next(d for d in best.differences if d.metric == "compatibility_margin")
    auc = next(d for d in best.differences if d.metric == "auc_roc")
    sentences = [
        (
            f"Fine-tuning ({name}) moved the margin from {signed(base.compatibility_margin)} to "
            f"{signed(evaluation.compatibility_margin)} ({_interval_text(margin)}) and the AUC-ROC from "
            f"{number(base.auc_roc)} to {number(evaluation.auc_roc)} ({_interval_text(auc)}) on "
            f"{evaluation.eval_data.n} eval pairs."
        ),
        _category_sentence(evaluation),
        _challenge_sentence(base, evaluation),
    ]
    return " ".join(filter(None, sentences))


def _category_sentence(evaluation: Evaluation) -> str:
    scored = [g for g in evaluation.by_category if g.auc_roc is not None and g.n >= SMALLEST_NAMED_CATEGORY]
    if len(scored) < 2:  # noqa: PLR2004 - a best and a hardest need two
        return ""
    scored.sort(key=lambda group: (-(group.auc_roc or 0.0), group.name))
    easy, hard = scored[0], scored[-1]
    return (
        f"Its best category is {quote(easy.name)} (AUC {number(easy.auc_roc)}, N {easy.n}), "
        f"its hardest {quote(hard.name)} (AUC {number(hard.auc_roc)}, N {hard.n})."
    )


def _challenge_sentence(base: Evaluation, evaluation: Evaluation) -> str:
    group, before = challenge_slice(evaluation), challenge_slice(base)
    if group is None:
        return "There was no challenge set: nothing is known about naturally phrased pairs."
    if group.auc_roc is None:
        return f"The {group.n} naturally phrased pairs decide nothing: {group.reason}."
    start = "" if before is None else f"; the base model has {number(before.auc_roc)}"
    return f"On {group.n} naturally phrased pairs it reaches {_auc_text(group)}{start}."


def _auc_text(group: GroupMetrics) -> str:
    if group.auc_low is None or group.auc_high is None:
        return f"AUC {number(group.auc_roc)} (no interval: {group.reason})"
    return f"AUC {number(group.auc_roc)} (95 % CI {group.auc_low:.3f} to {group.auc_high:.3f})"


def _interval_text(difference: PairedDifference) -> str:
    if difference.value is None or difference.low is None or difference.high is None:
        return "difference not estimable"
    return f"difference {difference.value:+.3f}, 95 % CI {difference.low:+.3f} to {difference.high:+.3f}"
