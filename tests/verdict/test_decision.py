from __future__ import annotations

import dataclasses
import math
import time
from typing import TYPE_CHECKING, Any

import pytest

from src.audit.finding_codes import FindingCode
from src.models import CLEAN, DEDUPLICATED, TEXT_DISJOINT, DecisionRules, DecisionTestKind, Outcome
from src.verdict.decision import SPEARMAN, Evidence, Fault, Measured, decide, pairs_to_close

if TYPE_CHECKING:
    from src.models import Decision, DecisionTest

GAIN, CHANGE, AUC, SHALLOW, SLICE, GUARD, ENGLISH = DecisionTestKind
RULES = DecisionRules(candidate="mine")


def measured(low: float | None, high: float | None, slice_: str = CLEAN, **changes: Any) -> Measured:  # noqa: ANN401
    """A difference of 300 pairs whose estimate lies in the middle of its interval."""
    value = None if low is None or high is None else (low + high) / 2
    fields = {"n": 300, "n_rarer": 150, "score": 0.8, "other": 0.7, "against": "baseline"}
    return Measured(slice=slice_, value=value, low=low, high=high, **fields | changes)


# every test passes
GOOD = Evidence(
    gains=(measured(0.05, 0.15), measured(0.06, 0.14, DEDUPLICATED)),
    shallow=(measured(0.1, 0.2, against="bag_of_words"), measured(0.1, 0.2, DEDUPLICATED, against="bag_of_words")),
    challenge_change=measured(0.0, 0.1, "challenge"),
    challenge_auc=measured(0.55, 0.65, "challenge", against=""),
)


def decided(rules: DecisionRules = RULES, **changes: Any) -> Decision:  # noqa: ANN401
    return decide(dataclasses.replace(GOOD, **changes), rules, "mine")


def the_test(decision: Decision, kind: DecisionTestKind) -> DecisionTest:
    return next(test for test in decision.tests if test.kind is kind)


def of(kind: DecisionTestKind, low: float | None, high: float | None) -> dict[str, Any]:
    """Evidence in which one test has another interval."""
    return {
        GAIN: {"gains": (measured(low, high),)},
        CHANGE: {"challenge_change": measured(low, high, "challenge")},
        AUC: {"challenge_auc": measured(low, high, "challenge", against="")},
        SHALLOW: {"shallow": (measured(low, high, against="bag_of_words"),)},
        SLICE: {"must_hold": (measured(low, high, "category=values"),)},
        GUARD: {"guards": (measured(low, high, "old.csv"),)},
        ENGLISH: {"general": measured(low, high, "general English")},
    }[kind]


# --- one test -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "low", "high", "state", "code"),
    [
        (GAIN, 0.02, 0.1, "pass", None),
        (GAIN, 0.019, 0.1, "open", "GAIN-006"),
        (GAIN, -0.1, 0.02, "open", "GAIN-006"),
        (GAIN, -0.1, 0.0199, "fail", "GAIN-005"),
        (GAIN, -0.1, -0.01, "fail", "GAIN-001"),
        (GAIN, None, None, "open", "GAIN-006"),
        (CHANGE, -0.03, 0.1, "pass", None),
        (CHANGE, -0.031, 0.1, "open", "CHAL-004"),
        (CHANGE, -0.2, -0.03, "open", "CHAL-004"),
        (CHANGE, -0.2, -0.031, "fail", "CHAL-003"),
        (CHANGE, None, None, "open", "CHAL-004"),
        (AUC, 0.5, 0.6, "pass", None),
        (AUC, 0.49, 0.6, "open", "CHAL-001"),
        (AUC, 0.4, 0.5, "open", "CHAL-001"),
        (AUC, 0.4, 0.499, "fail", "CHAL-002"),
        (AUC, None, None, "open", "CHAL-001"),
        (SHALLOW, 0.001, 0.1, "pass", None),
        (SHALLOW, 0.0, 0.1, "open", "GAIN-002"),
        (SHALLOW, -0.1, 0.0, "open", "GAIN-002"),
        (SHALLOW, -0.1, -0.001, "fail", "GAIN-002"),
        (SHALLOW, None, None, "open", "GAIN-003"),
        (SLICE, -0.03, 0.1, "pass", None),
        (SLICE, -0.04, 0.1, "open", "SLICE-003"),
        (SLICE, -0.2, -0.04, "fail", "SLICE-002"),
        (SLICE, None, None, "open", "SLICE-003"),
        (GUARD, -0.03, 0.1, "pass", None),
        (GUARD, -0.04, 0.1, "open", "GUARD-002"),
        (GUARD, -0.2, -0.04, "fail", "GUARD-001"),
        (GUARD, None, None, "open", "GUARD-002"),
        (ENGLISH, -0.03, 0.1, "pass", None),
        (ENGLISH, -0.2, -0.04, "fail", "GUARD-003"),
    ],
)
def test_a_test_passes_or_fails_by_its_whole_interval_and_is_open_otherwise(
    kind: DecisionTestKind, low: float | None, high: float | None, state: str, code: str | None
) -> None:
    decision = decided(**of(kind, low, high))
    test = the_test(decision, kind)

    assert (test.state, test.findings) == (state, (code,) if code else ())
    assert (test.low, test.high) == (low, high)
    assert decision.outcome == {"pass": "SHIP", "fail": "DO NOT SHIP", "open": "CANNOT TELL"}[state]


@pytest.mark.parametrize("interval", [(-0.04, 0.1), (None, None)])
def test_the_guard_that_ships_fails_a_candidate_but_does_not_hold_it_up(interval: tuple[Any, Any]) -> None:
    decision = decided(**of(ENGLISH, *interval))

    test = the_test(decision, ENGLISH)
    assert (decision.outcome, test.state, test.findings) == ("SHIP", "open", ("GUARD-004",))
    assert not test.decides


def test_a_guard_may_have_another_metric_than_the_test_pairs() -> None:
    decision = decided(guards=(measured(0.0, 0.1, "old.csv", metric=SPEARMAN),))

    assert [test.metric for test in decision.tests] == ["auc_roc"] * 4 + [SPEARMAN]


@pytest.mark.parametrize(
    ("rules", "kind", "interval", "state"),
    [
        ({"min_gain": 0.06}, GAIN, (0.05, 0.15), "open"),
        ({"min_gain": 0.2}, GAIN, (0.05, 0.15), "fail"),
        ({"min_gain": 0.0}, GAIN, (0.0, 0.15), "pass"),
        ({"max_loss": 0.0}, CHANGE, (-0.01, 0.1), "open"),
        ({"max_loss": 0.1}, CHANGE, (-0.1, 0.1), "pass"),
        ({"max_loss": 0.1}, SLICE, (-0.1, 0.1), "pass"),
        ({"max_loss": 0.1}, GUARD, (-0.1, 0.1), "pass"),
    ],
)
def test_the_user_sets_the_least_gain_and_the_largest_loss(
    rules: dict[str, float], kind: DecisionTestKind, interval: tuple[float, float], state: str
) -> None:
    decision = decided(DecisionRules(**rules), **of(kind, *interval))

    assert the_test(decision, kind).state == state
    assert (decision.min_gain, decision.max_loss) == (rules.get("min_gain", 0.02), rules.get("max_loss", 0.03))


# --- the outcome ----------------------------------------------------------------------------------------


def test_a_test_that_fails_outweighs_one_that_is_open() -> None:
    decision = decided(**of(AUC, 0.4, 0.45), **of(GAIN, 0.0, 0.1))

    assert decision.outcome is Outcome.DO_NOT_SHIP
    assert [test.state for test in decision.tests] == ["open", "pass", "fail", "pass"]


def test_the_primary_test_comes_first_and_its_aucs_are_the_score_and_the_baseline() -> None:
    decision = decided()

    assert [test.kind for test in decision.tests] == [GAIN, CHANGE, AUC, SHALLOW]
    assert (decision.score, decision.baseline, decision.candidate, decision.reference) == (
        0.8, 0.7, "mine", "baseline",
    )  # fmt: skip


def test_without_a_challenge_set_the_decision_rests_on_the_other_tests() -> None:
    decision = decided(challenge_change=None, challenge_auc=None)

    assert decision.outcome is Outcome.SHIP
    assert [test.kind for test in decision.tests] == [GAIN, SHALLOW]


def test_a_shallow_baseline_that_is_not_known_leaves_its_test_open() -> None:
    decision = decided(shallow=())

    assert decision.outcome is Outcome.CANNOT_TELL
    assert the_test(decision, SHALLOW).findings == ("GAIN-004",)


def test_every_slice_that_must_hold_is_a_test() -> None:
    slices = (measured(-0.2, -0.1, "category=values"), measured(0.0, 0.1, "category=lifestyle"))
    decision = decided(must_hold=slices)

    assert [(test.slice, test.state) for test in decision.tests if test.kind is SLICE] == [
        ("category=values", "fail"), ("category=lifestyle", "pass"),
    ]  # fmt: skip
    assert decision.outcome is Outcome.DO_NOT_SHIP


# --- which slice ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "too_small",
    [
        {"n": 29, "n_rarer": 14},
        {"n": 300, "n_rarer": 9},
        {"low": None, "high": None},
    ],
)
def test_the_primary_test_is_made_on_the_cleanest_slice_that_is_large_enough(too_small: dict[str, Any]) -> None:
    gains = (
        GOOD.gains[0]._replace(**too_small),
        measured(0.01, 0.03, TEXT_DISJOINT, n=30, n_rarer=10),
        measured(0.3, 0.4, DEDUPLICATED),
    )
    shallow = tuple(measured(0.1, 0.2, gain.slice, n=gain.n, against="bag_of_words") for gain in gains)
    decision = decided(gains=gains, shallow=shallow)

    assert (decision.tests[0].slice, decision.tests[0].n, decision.tests[0].state) == (TEXT_DISJOINT, 30, "open")
    assert (the_test(decision, SHALLOW).slice, the_test(decision, SHALLOW).n) == (TEXT_DISJOINT, 30)


def test_where_no_slice_is_large_enough_the_gain_is_open_whatever_its_interval() -> None:
    gains = (measured(0.3, 0.4, n=12, n_rarer=6), measured(0.3, 0.4, DEDUPLICATED, n=24, n_rarer=12))
    decision = decided(gains=gains)
    gain = decision.tests[0]

    assert decision.outcome is Outcome.CANNOT_TELL
    assert (gain.slice, gain.n, gain.low, gain.high, gain.pairs_to_close) == (DEDUPLICATED, 24, None, None, None)
    assert gain.reason == "fewer than 30 pairs, or fewer than 10 of a label"


def test_no_slice_at_all_is_no_gain() -> None:
    assert decided(gains=()).outcome is Outcome.CANNOT_TELL


# --- INVALID --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("absent_from", "first", "outcome"),
    [
        ((), CLEAN, Outcome.INVALID),
        ((CLEAN,), CLEAN, Outcome.SHIP),
        ((CLEAN,), DEDUPLICATED, Outcome.INVALID),
        ((CLEAN, DEDUPLICATED), DEDUPLICATED, Outcome.SHIP),
    ],
)
def test_a_fault_makes_the_numbers_invalid_unless_the_slice_that_decides_is_without_it(
    absent_from: tuple[str, ...], first: str, outcome: Outcome
) -> None:
    fault = Fault("LEAK-001", frozenset(absent_from))
    gains = tuple(gain for gain in GOOD.gains if first in {CLEAN, gain.slice})
    decision = decided(gains=gains, faults=(fault,))

    assert decision.outcome is outcome
    assert decision.faults == (("LEAK-001",) if outcome is Outcome.INVALID else ())


def test_a_fault_counts_where_no_slice_is_large_enough() -> None:
    fault = Fault("LEAK-001", frozenset({CLEAN, DEDUPLICATED}))

    assert decided(gains=(measured(0.3, 0.4, n=20, n_rarer=10),), faults=(fault,)).outcome is Outcome.INVALID


def test_a_fault_outweighs_a_test_that_fails() -> None:
    decision = decided(**of(AUC, 0.4, 0.45), faults=(Fault("MODEL-002"),))

    assert decision.outcome is Outcome.INVALID
    assert the_test(decision, AUC).state == "fail"


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("field", ["value", "low", "high", "score", "other"])
@pytest.mark.parametrize("place", ["gains", "challenge_change", "challenge_auc", "shallow", "must_hold"])
def test_a_number_that_is_not_finite_makes_the_numbers_invalid(place: str, field: str, number: float) -> None:
    odd = measured(0.1, 0.2)._replace(**{field: number})
    decision = decided(**{place: odd if place.startswith("challenge") else (odd,)})

    assert decision.outcome is Outcome.INVALID
    assert decision.faults == (FindingCode.NOT_FINITE,)


# --- how many pairs -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "low", "high", "limit", "pairs"),
    [
        # half the width is twice the distance: 4 times the pairs, and one more for "fails below"
        (0.06, -0.02, 0.14, 0.02, 401),
        (-0.02, -0.10, 0.06, 0.02, 401),
        # the nearer end counts, and it alone
        (0.9, 0.4, 0.95, 0.5, 157),
        (0.45, 0.0, 0.55, 0.5, 401),
        # the estimate lies on the limit, or so near that nobody has so many pairs
        (0.02, -0.02, 0.06, 0.02, None),
        (0.0200001, -0.02, 0.06, 0.02, None),
        (0.0, 0.0, 0.0, 0.0, None),
    ],
)
def test_an_open_test_says_how_many_pairs_would_close_it(
    value: float, low: float, high: float, limit: float, pairs: int | None
) -> None:
    assert pairs_to_close(value, low, high, limit, 100) == pairs


@pytest.mark.parametrize(("low", "high", "closed"), [(-0.01, 0.08, "pass"), (-0.06, 0.05, "fail")])
def test_with_so_many_pairs_the_test_is_closed_and_with_a_few_less_it_is_open(
    low: float, high: float, closed: str
) -> None:
    pairs = the_test(decided(**of(GAIN, low, high)), GAIN).pairs_to_close
    assert pairs is not None
    middle, half = (low + high) / 2, (high - low) / 2

    for n, state in ((pairs, closed), (pairs - 2, "open")):
        narrower = half * math.sqrt(300 / n)
        assert the_test(decided(**of(GAIN, middle - narrower, middle + narrower)), GAIN).state == state


@pytest.mark.parametrize("interval", [(0.05, 0.15), (-0.2, -0.1), (None, None)])
def test_a_test_that_is_closed_or_has_no_interval_names_no_number_of_pairs(
    interval: tuple[float | None, float | None],
) -> None:
    assert the_test(decided(**of(GAIN, *interval)), GAIN).pairs_to_close is None


@pytest.mark.parametrize(
    "numbers", [(1e18, -1e18, 1e18, 0.0, 0), (5e-324, -1.0, 1.0, 0.0, 0), (0.1, 0.2, 0.0, 0.05, 3)]
)
def test_numbers_that_no_comparison_has_break_nothing(numbers: tuple[float, float, float, float, int]) -> None:
    pairs = pairs_to_close(*numbers)

    assert pairs is None or pairs >= 0


def test_a_simulation_can_decide_thousands_of_times_a_second() -> None:
    started = time.perf_counter()
    for _ in range(200):
        decided()

    # usually 0.02 s
    assert time.perf_counter() - started < 1


# --- graded labels --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("low", "high", "state"), [(0.01, 0.2, "pass"), (-0.1, 0.1, "open"), (-0.3, -0.1, "fail")])
def test_of_grades_the_challenge_set_must_reach_a_spearman_of_0(low: float, high: float, state: str) -> None:
    decision = decided(metric=SPEARMAN, challenge_auc=measured(low, high, "challenge", against=""))
    test = the_test(decision, AUC)

    assert (test.limit, test.state) == (0.0, state)
    assert {one.metric for one in decision.tests} == {"spearman"}
