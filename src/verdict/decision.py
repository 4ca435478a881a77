"""The decision: one candidate against one reference, by tests on intervals and nothing else.

A pure function of values, so that a simulation can call it many thousand times.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, NamedTuple

from ..audit.finding_codes import FindingCode
from ..core.paths import BASELINE
from ..models import CLEAN, Decision, DecisionTest, DecisionTestKind, Outcome
from ..wording import decision as wording

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..models import DecisionRules

    State = Literal["pass", "fail", "open"]

# the smallest slice that a test of a gain or a loss is made on
MIN_PAIRS = 30
MIN_OF_A_LABEL = 10
TOO_FEW = wording.too_few(MIN_PAIRS, MIN_OF_A_LABEL)
CHANCE = 0.5
SPEARMAN = "spearman"
# nobody collects more
MOST_PAIRS = 10**9

_FINDINGS: Mapping[tuple[DecisionTestKind, str], FindingCode] = MappingProxyType(
    {
        (DecisionTestKind.GAIN, "fail"): FindingCode.GAIN_TOO_SMALL,
        (DecisionTestKind.GAIN, "open"): FindingCode.GAIN_NOT_SHOWN,
        (DecisionTestKind.CHALLENGE_CHANGE, "fail"): FindingCode.CHALLENGE_LOST,
        (DecisionTestKind.CHALLENGE_CHANGE, "open"): FindingCode.CHALLENGE_LOSS_POSSIBLE,
        (DecisionTestKind.CHALLENGE_AUC, "fail"): FindingCode.CHALLENGE_BELOW_CHANCE,
        (DecisionTestKind.CHALLENGE_AUC, "open"): FindingCode.CHALLENGE_NOT_ABOVE_CHANCE,
        (DecisionTestKind.SHALLOW_BASELINE, "fail"): FindingCode.SHALLOW_BASELINE_NOT_BEATEN,
        (DecisionTestKind.SHALLOW_BASELINE, "open"): FindingCode.SHALLOW_BASELINE_NOT_BEATEN,
        (DecisionTestKind.SLICE, "fail"): FindingCode.SLICE_LOST,
        (DecisionTestKind.SLICE, "open"): FindingCode.SLICE_LOSS_POSSIBLE,
        (DecisionTestKind.GUARD, "fail"): FindingCode.GUARD_LOST,
        (DecisionTestKind.GUARD, "open"): FindingCode.GUARD_LOSS_POSSIBLE,
        (DecisionTestKind.GENERAL_ENGLISH, "fail"): FindingCode.ENGLISH_LOST,
        (DecisionTestKind.GENERAL_ENGLISH, "open"): FindingCode.ENGLISH_LOSS_POSSIBLE,
    }
)


class Measured(NamedTuple):
    """An AUC, or a difference of two, or Spearman in its place, on one slice of the pairs, with its 95 % interval.

    Attributes:
        slice: Name of the slice.
        n: Pairs of the slice.
        n_rarer: Pairs of its rarer label.
        value: The estimate; None where it is not defined.
        low: Lower end of the interval; None where there is no interval.
        high: Upper end.
        score: AUC of the candidate, 0 to 1.
        other: AUC of what is subtracted, 0 to 1; None where nothing is.
        against: Name of what is subtracted; empty where nothing is.
        reason: Why there is no interval.
        metric: What it is, where that may be another one than on the test pairs.
    """

    slice: str
    n: int
    n_rarer: int
    value: float | None
    low: float | None = None
    high: float | None = None
    score: float | None = None
    other: float | None = None
    against: str = ""
    reason: str = ""
    metric: str = "auc_roc"


class Fault(NamedTuple):
    """A finding that makes the numbers invalid, unless the primary test is made on a slice without it.

    Attributes:
        code: Of the finding.
        absent_from: Names of the slices that hold none of the faulty pairs.
    """

    code: str
    absent_from: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Evidence:
    """What is known of the candidate.

    Attributes:
        gains: Difference to the reference by slice, the cleanest slice first.
        shallow: Difference to the best shallow baseline on the same slices; empty where none has an AUC.
        challenge_change: Difference to the reference on the challenge set; None without a challenge set.
        challenge_auc: The candidate's AUC on the challenge set.
        must_hold: Difference to the reference on each slice that the user named.
        guards: Difference to the reference on pairs of another kind that the user named.
        general: The same on the pairs of general English that ship with the project; None where they are left out.
        faults: What may make the numbers invalid.
        metric: What all but the guards are: the AUC, or Spearman's correlation with graded labels.
    """

    gains: Sequence[Measured]
    shallow: Sequence[Measured] = ()
    challenge_change: Measured | None = None
    challenge_auc: Measured | None = None
    must_hold: Sequence[Measured] = ()
    guards: Sequence[Measured] = ()
    general: Measured | None = None
    faults: Sequence[Fault] = ()
    metric: str = "auc_roc"


def decide(evidence: Evidence, rules: DecisionRules, candidate: str, reference: str = BASELINE) -> Decision:
    """Decide whether the candidate may be shipped.

    INVALID if a fault concerns the pairs of the primary test, or if a number is not finite. Else SHIP if every test
    passes, DO NOT SHIP if one fails, CANNOT TELL if one is open. The primary test asks for a gain of `min_gain` on the
    first slice of at least 30 pairs, 10 of each label, that has an interval. Its guards: no loss of more than
    `max_loss` on the challenge set, on the named slices and on pairs of another kind, an AUC of at least 0.5 on the
    challenge set, and an AUC above that of the best shallow baseline. All tests have to pass, so none needs a
    correction for their number (Berger 1982, intersection-union test). The few pairs of general English that ship
    with the project can fail a candidate, but do not hold it up while they leave the loss open.

    Args:
        evidence: The numbers of this candidate; other models play no part.
        rules: Limits and slices that the user named.
        candidate: Name of the candidate.
        reference: Name of the model that the candidate is compared with.
    """
    primary = next((gain for gain in evidence.gains if is_large_enough(gain)), None)
    shown = primary or _too_small(evidence.gains)
    tests = tuple(_tests(evidence, rules, shown))
    faults = [fault.code for fault in evidence.faults if primary is None or primary.slice not in fault.absent_from]
    if not _all_finite(evidence):
        faults.append(FindingCode.NOT_FINITE)
    return Decision(
        outcome=_outcome(faults, tests),
        candidate=candidate,
        reference=reference,
        min_gain=rules.min_gain,
        max_loss=rules.max_loss,
        score=_finite(shown.score),
        baseline=_finite(shown.other),
        faults=tuple(dict.fromkeys(faults)),
        tests=tests,
    )


def _too_small(gains: Sequence[Measured]) -> Measured:
    """The largest slice, whose interval decides nothing."""
    if not gains:
        return Measured(CLEAN, 0, 0, None, reason=TOO_FEW)
    largest = max(gains, key=lambda gain: gain.n)
    return largest._replace(low=None, high=None, reason=TOO_FEW)


def is_large_enough(found: Measured) -> bool:
    """Whether a slice can carry the primary test: at least 30 pairs, 10 of each label, and an interval."""
    return found.n >= MIN_PAIRS and found.n_rarer >= MIN_OF_A_LABEL and _ends(found) is not None


def pairs_to_close(value: float, low: float, high: float, limit: float, n: int) -> int | None:
    """Pairs with which the interval around the same estimate would no longer hold the limit.

    The half-width on the side of the limit shrinks as 1 / sqrt(n).

    Args:
        value: The estimate.
        low: Lower end of its interval.
        high: Upper end.
        limit: What the interval holds.
        n: Pairs that the interval was made from.

    Returns:
        A number above `n`; None if the estimate lies on the limit, or if more than a billion pairs would be needed.
    """
    distance = abs(value - limit)
    width = value - low if value > limit else high - value
    if distance * math.sqrt(MOST_PAIRS) <= width * math.sqrt(max(n, 1)):
        return None
    return math.floor(n * (width / distance) ** 2) + 1


def _tests(evidence: Evidence, rules: DecisionRules, gain: Measured) -> list[DecisionTest]:
    chance = 0.0 if evidence.metric == SPEARMAN else CHANCE
    tests = [_test(DecisionTestKind.GAIN, gain, rules.min_gain)]
    if evidence.challenge_change is not None:
        tests.append(_test(DecisionTestKind.CHALLENGE_CHANGE, evidence.challenge_change, -rules.max_loss))
    if evidence.challenge_auc is not None:
        tests.append(_test(DecisionTestKind.CHALLENGE_AUC, evidence.challenge_auc, chance))
    unknown = Measured(gain.slice, gain.n, gain.n_rarer, None)
    shallow = next((found for found in evidence.shallow if found.slice == gain.slice), unknown)
    tests.append(_test(DecisionTestKind.SHALLOW_BASELINE, shallow, 0.0))
    tests += [_test(DecisionTestKind.SLICE, found, -rules.max_loss) for found in evidence.must_hold]
    tests = [test.model_copy(update={"metric": evidence.metric}) for test in tests]
    guards = [(DecisionTestKind.GUARD, found) for found in evidence.guards]
    if evidence.general is not None:
        guards.append((DecisionTestKind.GENERAL_ENGLISH, evidence.general))
    return [
        *tests,
        *(_test(kind, found, -rules.max_loss).model_copy(update={"metric": found.metric}) for kind, found in guards),
    ]


def _test(kind: DecisionTestKind, found: Measured, limit: float) -> DecisionTest:
    ends = _ends(found)
    state: State = "open"
    pairs = None
    if ends is not None:
        value, low, high = ends
        state = _state(kind, low, high, limit)
        pairs = pairs_to_close(value, low, high, limit, found.n) if state == "open" else None
    return DecisionTest(
        kind=kind,
        against=found.against,
        slice=found.slice,
        n=found.n,
        estimate=_finite(found.value),
        low=ends[1] if ends else None,
        high=ends[2] if ends else None,
        limit=limit,
        state=state,
        pairs_to_close=pairs,
        findings=_findings(kind, state, found),
        reason="" if ends else found.reason,
    )


def _state(kind: DecisionTestKind, low: float, high: float, limit: float) -> State:
    # as good as a shallow baseline is not better than it
    passes = low > limit if kind is DecisionTestKind.SHALLOW_BASELINE else low >= limit
    if passes:
        return "pass"
    return "fail" if high < limit else "open"


def _findings(kind: DecisionTestKind, state: State, found: Measured) -> tuple[str, ...]:
    if state == "pass":
        return ()
    if kind is DecisionTestKind.SHALLOW_BASELINE and _ends(found) is None:
        known = FindingCode.SHALLOW_BASELINE_NOT_COMPARABLE if found.against else FindingCode.NO_SHALLOW_BASELINE
        return (known,)
    if kind is DecisionTestKind.GAIN and found.high is not None and found.high < 0:
        return (FindingCode.WORSE_THAN_BASE,)
    return (_FINDINGS[kind, state],)


def _outcome(faults: Sequence[str], tests: Sequence[DecisionTest]) -> Outcome:
    states = {test.state for test in tests if test.decides}
    if faults:
        return Outcome.INVALID
    if "fail" in states:
        return Outcome.DO_NOT_SHIP
    return Outcome.CANNOT_TELL if "open" in states else Outcome.SHIP


# --- numbers --------------------------------------------------------------------------------------------


def _ends(found: Measured) -> tuple[float, float, float] | None:
    """Estimate and both ends of its interval; None if one is missing or not finite."""
    value, low, high = _finite(found.value), _finite(found.low), _finite(found.high)
    return None if value is None or low is None or high is None else (value, low, high)


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _all_finite(evidence: Evidence) -> bool:
    known = (evidence.challenge_change, evidence.challenge_auc, evidence.general)
    one = (found for found in known if found is not None)
    every = (*evidence.gains, *evidence.shallow, *evidence.must_hold, *evidence.guards, *one)
    numbers = (number for found in every for number in (found.value, found.low, found.high, found.score, found.other))
    return all(number is None or math.isfinite(number) for number in numbers)
