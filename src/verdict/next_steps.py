"""What to do next: at most three steps, made from the findings and the evidence, each with what would clear it."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from ..audit.finding_codes import FindingCode
from ..core.formatting import capitalised, count, interval, number, plain_name
from ..evaluation.metric_registry import metric_label
from ..models import DecisionTestKind, FindingStatus, Outcome
from ..wording.decision import estimate, limits, name_of_test, needed, what_closes
from .decision import MIN_OF_A_LABEL, MIN_PAIRS
from .evidence import is_invalidating

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ..models import AuditFinding, ComparisonResult, DecisionTest, Evaluation, GroupMetrics, VerdictFinding, Words

MOST_STEPS = 3
_MOST_ROWS = 3
_CHECK_LABELS = "Check the labels of the test pairs that are wrong with most confidence: {rows}."
_LABELS_CHECKED = "each of these labels is known to be right, or is corrected"


class Step(NamedTuple):
    """One thing to do.

    Attributes:
        code: Code of the finding that asks for it; empty where none does.
        do: What to do, as a sentence.
        clears: When it is done, as the end of a sentence.
    """

    code: str
    do: str
    clears: str


class _Text(NamedTuple):
    do: str
    clears: str


# Findings of a test of the decision. What stands in braces is filled in: {collect} asks for pairs, with their number.
_TESTS: Mapping[FindingCode, _Text] = MappingProxyType(
    {
        FindingCode.WORSE_THAN_BASE: _Text(
            "Do not use this training. Check the labels of train{weakest}, or lower the learning rate.", "{reaches}"
        ),
        FindingCode.GAIN_TOO_SMALL: _Text(
            "Train with more or cleaner pairs{weakest}; more test pairs would not change the answer.", "{reaches}"
        ),
        FindingCode.GAIN_NOT_SHOWN: _Text("{collect}{weakest}.", "{reaches}"),
        FindingCode.SHALLOW_BASELINE_NOT_BEATEN: _Text(
            "Add pairs that {against} gets wrong: the same words with the other label.", "{reaches}"
        ),
        FindingCode.SHALLOW_BASELINE_NOT_COMPARABLE: _Text("{collect}.", "the gain over {against} has an interval"),
        FindingCode.NO_SHALLOW_BASELINE: _Text(
            "Add test pairs until each label has {of_a_label}.", "a shallow baseline has a score on the test pairs"
        ),
        FindingCode.CHALLENGE_BELOW_CHANCE: _Text("Add {challenge} to train{weakest}.", "{reaches}"),
        FindingCode.CHALLENGE_NOT_ABOVE_CHANCE: _Text("Add {challenge} to train{weakest}. {collect}.", "{reaches}"),
        FindingCode.CHALLENGE_LOST: _Text("Add {challenge} to train{weakest}.", "{reaches}"),
        FindingCode.CHALLENGE_LOSS_POSSIBLE: _Text("{collect}{weakest}.", "{reaches}"),
        FindingCode.SLICE_LOST: _Text("Add pairs of {slice} to train.", "{reaches}"),
        FindingCode.SLICE_LOSS_POSSIBLE: _Text("{collect}.", "{reaches}"),
        FindingCode.GUARD_LOST: _Text(
            "Train less far (fewer epochs or a lower learning rate), or add pairs like {slice} to train.",
            "{reaches}",
        ),
        FindingCode.GUARD_LOSS_POSSIBLE: _Text("{collect}.", "{reaches}"),
        FindingCode.ENGLISH_LOST: _Text("Train less far: fewer epochs or a lower learning rate.", "{reaches}"),
        FindingCode.ENGLISH_LOSS_POSSIBLE: _Text(
            "Measure forgetting on more pairs of general text: name a file with --guard.", "{reaches}"
        ),
    }
)
# Findings about a model, or about the data as a whole.
_OTHERS: Mapping[FindingCode, _Text] = MappingProxyType(
    {
        FindingCode.DIFFERENT_DATA: _Text(
            "Evaluate the model and the base model on the same files.", "both results name the same files"
        ),
        FindingCode.WEIGHTS_UNCHANGED: _Text(
            "Raise the learning rate or the number of epochs, and check which step was kept.",
            "the embeddings differ from those of the base model",
        ),
        FindingCode.AUC_UNDEFINED: _Text(
            "Add test pairs of the missing label.", "the test pairs have both labels, at least {of_a_label} of each"
        ),
        FindingCode.NOT_FINITE: _Text(
            "Train again with a lower learning rate, in full precision (--precision fp32).", "every number is finite"
        ),
        FindingCode.LABELS_INVERTED: _Text(
            "Check that label 1 means {positive} in every file.", "the AUC-ROC on test is above 0.5, as on train"
        ),
        FindingCode.SPACE_COLLAPSED: _Text(
            "Train less far: fewer epochs or a lower learning rate.",
            "random texts are about as far apart as in the base model",
        ),
        FindingCode.DIRECTIONS_LOST: _Text(
            "Train less far: fewer epochs or a lower learning rate.",
            "the effective rank is at least a quarter of the base model's",
        ),
        FindingCode.NEW_TEXTS_NOT_MEASURED: _Text(
            "Collect test pairs of texts that are not in train: at least {pairs}, {of_a_label} of each label.",
            "the gain is measured on texts that train does not have",
        ),
        FindingCode.NO_CHALLENGE: _Text(
            "Write at least {pairs} pairs as people really phrase them, as a challenge file.",
            "the comparison has a challenge set",
        ),
        FindingCode.LABELS_PREDICTED: _Text(
            "Balance the data: give pairs with the same words, length or category both labels.",
            "no shallow baseline predicts the labels any more; the audit has their AUCs",
        ),
    }
)


def next_steps(result: ComparisonResult, wrong: Sequence[str] = ()) -> tuple[Step, ...]:
    """At most three steps, those that the decision rests on first; empty where there is nothing to do.

    Args:
        result: The comparison.
        wrong: Where the test pairs stand that the candidate calls wrong with most confidence, as FILE:LINE.
    """
    decision = result.verdict.decision
    own = [finding for finding in result.verdict.findings if finding.model in {"", decision.candidate}]
    if decision.outcome is Outcome.SHIP and not own:
        return ()
    if decision.outcome is Outcome.INVALID:
        # what a test says of numbers that are not valid is nothing to act on
        own = [finding for finding in own if finding.code in decision.faults] or own
    known: dict[str, Step] = {}
    blockers = frozenset(finding.code for finding in result.audit if finding.status is FindingStatus.BLOCKER)
    for finding in sorted(own, key=lambda one: _urgency(one, blockers)):
        for step in steps_of(finding, result):
            known.setdefault(step.do, step)
    steps = list(known.values())
    if decision.outcome is not Outcome.INVALID:
        steps += [Step("", _CHECK_LABELS.format(rows=", ".join(wrong)), _LABELS_CHECKED)] if wrong else []
        steps += _weakest_step(_candidate(result), result.eval_data.words)
    return tuple(steps[:MOST_STEPS])


def _urgency(finding: VerdictFinding, blockers: frozenset[str]) -> int:
    """Reasons, then notes about the data, its blockers first, then notes about the model."""
    if finding.role == "reason":
        return 0
    if finding.code in blockers:
        return 1
    return 3 if finding.model else 2


def steps_of(finding: VerdictFinding, result: ComparisonResult) -> list[Step]:
    """What to do about one finding of the verdict: a step for each test that has it, else one."""
    code = FindingCode(finding.code)
    if code in _TESTS:
        tests = [test for test in result.verdict.decision.tests if finding.code in test.findings]
        return [_filled(code, _TESTS[code], _of_test(test, result)) for test in tests]
    if code in _OTHERS:
        words = result.eval_data.words
        values = {"of_a_label": str(MIN_OF_A_LABEL), "pairs": str(MIN_PAIRS), "positive": words.positive}
        return [_filled(code, _OTHERS[code], values)]
    return [_of_audit(finding, result)]


def _filled(code: FindingCode, text: _Text, values: Mapping[str, str]) -> Step:
    return Step(code, text.do.format_map(values), text.clears.format_map(values))


# --- a test of the decision -----------------------------------------------------------------------------


def _of_test(test: DecisionTest, result: ComparisonResult) -> dict[str, str]:
    words = result.eval_data.words
    kind = {
        DecisionTestKind.CHALLENGE_CHANGE: words.challenge,
        DecisionTestKind.CHALLENGE_AUC: words.challenge,
        DecisionTestKind.SLICE: f"test pairs of {test.slice}",
        DecisionTestKind.GUARD: f"pairs of {test.slice}",
    }.get(test.kind, "test pairs")
    return {
        "against": f"the shallow baseline {plain_name(test.against)}",
        "slice": test.slice,
        "challenge": words.challenge,
        "of_a_label": str(MIN_OF_A_LABEL),
        "collect": _collect(test, kind),
        "reaches": _reaches(test),
        "weakest": _weakest_of(test, _candidate(result), words),
    }


def _collect(test: DecisionTest, kind: str) -> str:
    if not limits(test):
        return f"Collect {kind}: there are {count(test.n)}; {MIN_PAIRS} are the least, {MIN_OF_A_LABEL} of each label"
    if test.pairs_to_close is None:
        return f"More {kind} may never tell: {estimate(test)} lies too close to {number(test.limit)}"
    return f"Collect more {kind}: {what_closes(test)}, there are {count(test.n)}"


def _reaches(test: DecisionTest) -> str:
    found = " ".join(filter(None, (estimate(test), limits(test))))
    return f"the {name_of_test(test)} is {needed(test)} with its whole 95 % interval; now it is {found}"


# --- the weakest group ----------------------------------------------------------------------------------


def _weakest_of(test: DecisionTest, evaluation: Evaluation, words: Words) -> str:
    of_challenge = test.kind in (DecisionTestKind.CHALLENGE_CHANGE, DecisionTestKind.CHALLENGE_AUC)
    group = weakest_group(evaluation.challenge_groups if of_challenge else _groups(evaluation))
    return f", most of all {_kind_of_pairs(group, words)} of “{group.name}”, the weakest group" if group else ""


def _weakest_step(evaluation: Evaluation, words: Words) -> Iterator[Step]:
    group = weakest_group(_groups(evaluation))
    if group is None:
        return
    found = group.ranking
    label = metric_label(found.name)
    yield Step(
        "",
        f"Look at “{group.name}”, the weakest group, and collect {_kind_of_pairs(group, words)} of it.",
        f"its {label} comes near that of the others; now it is {number(found.value)} "
        f"{interval(found.low, found.high)} on {count(group.n)} pairs, which is low in part by chance",
    )


def _groups(evaluation: Evaluation) -> Sequence[GroupMetrics]:
    return evaluation.by_category or evaluation.by_pair_type


def weakest_group(groups: Sequence[GroupMetrics]) -> GroupMetrics | None:
    """The group with the lowest AUC, or Spearman of grades, that has an interval; None for fewer than two of them."""
    known = [(group.ranking.value, group) for group in groups if group.ranking.low is not None]
    ranked = [(value, group) for value, group in known if value is not None]
    return min(ranked, key=lambda one: one[0])[1] if len(ranked) > 1 else None


def _kind_of_pairs(group: GroupMetrics, words: Words) -> str:
    """The label whose pairs are called wrong more often; both where that is not known."""
    if group.accuracy is None or group.false_positives is None:
        return "pairs"
    missed = round(group.n * (1 - group.accuracy)) - group.false_positives
    return f"{words.positive if missed > group.false_positives else words.negative} pairs"


# --- the audit ------------------------------------------------------------------------------------------


def _of_audit(finding: VerdictFinding, result: ComparisonResult) -> Step:
    """The action that the audit names, with a few rows to look at; one step where several files have the fault."""
    same = [known for known in result.audit if known.code == finding.code]
    role_of = {one.name: one.role for one in result.verdict.findings if one.code == finding.code}
    found = [known for known in same if known.name in role_of]
    if result.verdict.decision.outcome is Outcome.INVALID or not found:
        found = list(filter(is_invalidating, same)) or found
    found.sort(key=lambda one: role_of.get(one.name) != "reason")
    if not found:
        return Step(finding.code, f"Look at “{finding.name}” in the audit.", "the audit does not find it any more")
    return Step(
        finding.code,
        f"{capitalised(found[0].action)} ({_where(found)}).",
        f"the audit finds less than its limit ({found[0].limit})",
    )


def _where(found: Sequence[AuditFinding]) -> str:
    """What is wrong in which file, and a few of its rows."""
    shown = found[:_MOST_ROWS]
    most = _MOST_ROWS // len(shown)
    rows = (", ".join([*one.rows[:most], *(["..."] if len(one.rows) > most else [])]) for one in shown)
    parts = ["; ".join(filter(None, both)) for both in zip((one.name for one in shown), rows, strict=True)]
    return "; ".join([*parts, *(["..."] if len(found) > len(shown) else [])])


def _candidate(result: ComparisonResult) -> Evaluation:
    return next(model.evaluation for model in result.models if model.name == result.verdict.decision.candidate)
