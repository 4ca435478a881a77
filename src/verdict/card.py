"""The decision on each model in a few words: its outcome and its one reason."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from ..audit.finding_codes import FindingCode
from ..core.formatting import count, plain_name
from ..evaluation.metric_registry import metric_label
from ..models import GENERAL_ENGLISH, DecisionRules, DecisionTestKind, Outcome
from ..wording.decision import name_of
from .decision import decide
from .evidence import evidence_of, is_invalidating
from .findings import WORDINGS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..models import ComparisonResult, Decision, DecisionTest, ModelSummary

# What follows the name of a model in a sentence: where a test fails or stays open, or where a fault is found.
REASONS: Mapping[FindingCode, str] = MappingProxyType(
    {
        FindingCode.DIFFERENT_DATA: "was evaluated with other files than the base model",
        FindingCode.WEIGHTS_UNCHANGED: "changed nothing: its embeddings equal those of the base model",
        FindingCode.AUC_UNDEFINED: "has no {metric} on these pairs",
        FindingCode.NOT_FINITE: "has a number that is not finite",
        FindingCode.WORSE_THAN_BASE: "is worse than {reference}",
        FindingCode.GAIN_TOO_SMALL: "gains too little over {reference}",
        FindingCode.GAIN_NOT_SHOWN: "is not shown to gain enough over {reference}",
        FindingCode.SHALLOW_BASELINE_NOT_BEATEN: "is not shown to beat a shallow baseline, {against}",
        FindingCode.SHALLOW_BASELINE_NOT_COMPARABLE: "could not be compared with the shallow baseline, {against}",
        FindingCode.NO_SHALLOW_BASELINE: "has no shallow baseline to beat",
        FindingCode.CHALLENGE_BELOW_CHANCE: "ranks {challenge} worse than chance",
        FindingCode.CHALLENGE_NOT_ABOVE_CHANCE: "is not shown to rank {challenge} better than chance",
        FindingCode.CHALLENGE_LOST: "gets worse on {challenge}",
        FindingCode.CHALLENGE_LOSS_POSSIBLE: "may get worse on {challenge}",
        FindingCode.SLICE_LOST: "gets worse on {slice}",
        FindingCode.SLICE_LOSS_POSSIBLE: "may get worse on {slice}",
        FindingCode.GUARD_LOST: "gets worse on {slice}",
        FindingCode.GUARD_LOSS_POSSIBLE: "may get worse on {slice}",
        FindingCode.ENGLISH_LOST: "forgets general English",
    }
)
# the same where the test fails
_FAILS = MappingProxyType({FindingCode.SHALLOW_BASELINE_NOT_BEATEN: "does worse than a shallow baseline, {against}"})
_NO_INTERVAL = "cannot be judged: {n} pairs give no interval for the {test}"
_BLOCKED = "cannot be judged: the audit blocks “{name}” ({code})"
_PASSES = "beats {reference} and passes all {n} tests"
_NAMES = MappingProxyType(
    {
        DecisionTestKind.GAIN: "gain",
        DecisionTestKind.CHALLENGE_CHANGE: "challenge set",
        DecisionTestKind.CHALLENGE_AUC: "challenge set",
        DecisionTestKind.SLICE: "slice",
        DecisionTestKind.GUARD: "guard",
    }
)
_MOST_LINES = 3
_MOST_NAMES = 3


class ModelDecision(NamedTuple):
    """The decision on one model.

    Attributes:
        model: What the model is called where a user names it.
        outcome: What to do with it.
        why: The one reason, which follows the name of the model in a sentence.
        short: The same in a few words; empty where all tests pass.
    """

    model: str
    outcome: Outcome
    why: str
    short: str


def model_decisions(result: ComparisonResult) -> tuple[ModelDecision, ...]:
    """The decision on each model but the reference, the candidate first.

    The other models are judged by the same rules, as if each had been the candidate. The comparison rests on the
    candidate alone: whoever ships the best of several models has tested several times.
    """
    decision = result.verdict.decision
    known = {model.name: model for model in result.models[1:] if model.name != decision.reference}
    candidate = known.pop(decision.candidate)
    return (
        _decided(decision, candidate, result),
        *(_decided(_decision_on(model, result), model, result) for model in known.values()),
    )


def _decision_on(model: ModelSummary, result: ComparisonResult) -> Decision:
    reference = result.verdict.decision.reference
    rules = _rules(result)
    evidence = evidence_of(model, result.models[0].evaluation, result.audit, rules, reference)
    return decide(evidence, rules, model.name, reference)


def _rules(result: ComparisonResult) -> DecisionRules:
    """The rules of the decision, as its tests show them."""
    decision = result.verdict.decision
    held = [test.slice for test in decision.tests if test.kind is DecisionTestKind.SLICE]
    held += [
        test.slice for test in decision.tests if test.kind is DecisionTestKind.GUARD and test.slice == GENERAL_ENGLISH
    ]
    return DecisionRules(min_gain=decision.min_gain, max_loss=decision.max_loss, must_hold=tuple(held))


def _decided(decision: Decision, model: ModelSummary, result: ComparisonResult) -> ModelDecision:
    name = model.training.config.name if model.training else model.name
    if decision.outcome is Outcome.SHIP:
        n = count(sum(test.decides for test in decision.tests))
        return ModelDecision(name, decision.outcome, _PASSES.format(reference=name_of(decision.reference), n=n), "")
    why, short = _fault(decision, result) if decision.outcome is Outcome.INVALID else _reason(decision, result)
    return ModelDecision(name, decision.outcome, why, short)


def _fault(decision: Decision, result: ComparisonResult) -> tuple[str, str]:
    """What makes the numbers invalid; a blocker of the audit comes before a fault of the model."""
    blockers = [finding for finding in result.audit if is_invalidating(finding) and finding.code in decision.faults]
    if blockers:
        return _BLOCKED.format(name=blockers[0].name, code=blockers[0].code), blockers[0].code
    code = FindingCode(decision.faults[0])
    metric = metric_label(result.models[0].evaluation.ranking.name)
    return REASONS[code].format(metric=metric), WORDINGS[code].name


def _reason(decision: Decision, result: ComparisonResult) -> tuple[str, str]:
    """The first test that fails; where none does, the first that is open."""
    test = deciding(decision)[0]
    why = _why(test, decision, result)
    beats = decision.tests[0].state == "pass"
    reference = name_of(decision.reference)
    short = WORDINGS[FindingCode(test.findings[0])].name.format(reference=reference)
    return (f"beats {reference}, but {why}" if beats else why), short


def _why(test: DecisionTest, decision: Decision, result: ComparisonResult) -> str:
    code = FindingCode(test.findings[0])
    if test.low is None and test.kind in _NAMES:
        return _NO_INTERVAL.format(n=count(test.n), test=_NAMES[test.kind])
    text = _FAILS.get(code, REASONS[code]) if test.state == "fail" else REASONS[code]
    return text.format(
        reference=name_of(decision.reference),
        against=plain_name(test.against),
        slice=test.slice,
        challenge=result.eval_data.words.challenge,
    )


def deciding(decision: Decision) -> tuple[DecisionTest, ...]:
    """The tests that stand in the way of SHIP: those that fail, then those that are open."""
    tests = [test for test in decision.tests if test.decides]
    return tuple(test for state in ("fail", "open") for test in tests if test.state == state)


def others_told(decisions: Sequence[ModelDecision]) -> tuple[str, ...]:
    """The models that are not the candidate, those with one decision and one reason on one line; at most three lines.

    Args:
        decisions: Those of a comparison, the candidate first.
    """
    groups: dict[tuple[Outcome, str], list[str]] = {}
    for one in decisions[1:]:
        groups.setdefault((one.outcome, one.short), []).append(one.model)
    lines = [
        f"{', '.join(_some(names))}: {', '.join(filter(None, (outcome, short)))}"
        for (outcome, short), names in groups.items()
    ]
    more = [f"and {len(lines) - _MOST_LINES} more"] if len(lines) > _MOST_LINES else []
    return (*lines[:_MOST_LINES], *more)


def _some(names: Sequence[str]) -> list[str]:
    more = [f"{len(names) - _MOST_NAMES} more"] if len(names) > _MOST_NAMES else []
    return [*names[:_MOST_NAMES], *more]
