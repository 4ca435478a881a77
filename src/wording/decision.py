"""The decision in words: what each test asks, how it came out, and what would close it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..core.formatting import count, display_name, interval, number, plain_name, signed, signed_interval
from ..core.paths import BASELINE
from ..models import DEDUPLICATED, GENERAL_ENGLISH, DecisionTestKind

if TYPE_CHECKING:
    from ..models import Decision, DecisionTest, JudgedModel

MUST_NOT_BE_USED = "The numbers of this comparison must not be used"
_THE_BASE_MODEL = "the base model"


def why_unchanged(judged: JudgedModel | None) -> str:
    """Why a model's embeddings can equal the base model's."""
    if judged is not None:
        return "it is the base model, or an adapter that does nothing"
    return "the training changed nothing, its weights were not applied, or validation chose step 0"


def too_few(pairs: int, of_a_label: int) -> str:
    """A slice that is too small for a test."""
    return f"fewer than {pairs} pairs, or fewer than {of_a_label} of a label"


def name_of(model: str) -> str:
    """The reference, or another model, within a sentence."""
    return _THE_BASE_MODEL if model == BASELINE else display_name(model)


def name_of_test(test: DecisionTest) -> str:
    """What a test looks at."""
    shallow = f", {plain_name(test.against)}" if test.against else ""
    return {
        DecisionTestKind.GAIN: f"gain over {name_of(test.against)}",
        DecisionTestKind.CHALLENGE_CHANGE: "change on the challenge set",
        DecisionTestKind.CHALLENGE_AUC: f"{_metric(test)} on the challenge set",
        DecisionTestKind.SHALLOW_BASELINE: f"gain over the best shallow baseline{shallow}",
        DecisionTestKind.SLICE: f"change on {test.slice}",
        DecisionTestKind.GUARD: f"change on {test.slice} ({_metric(test)})",
        DecisionTestKind.GENERAL_ENGLISH: f"change on {test.slice} ({_metric(test)})",
    }[test.kind]


def _metric(test: DecisionTest) -> str:
    return "Spearman" if test.metric == "spearman" else "AUC-ROC"


def is_difference(test: DecisionTest) -> bool:
    """Whether the number of a test is a difference of two AUCs, which is written with its sign."""
    return test.kind is not DecisionTestKind.CHALLENGE_AUC


def estimate(test: DecisionTest) -> str:
    """The number of a test."""
    return signed(test.estimate) if is_difference(test) else number(test.estimate)


def limits(test: DecisionTest) -> str:
    """The interval of a test; empty where there is none."""
    return (signed_interval if is_difference(test) else interval)(test.low, test.high)


def needed(test: DecisionTest) -> str:
    """What the whole interval of a test has to reach."""
    if test.kind is DecisionTestKind.SHALLOW_BASELINE:
        return "above 0"
    return f"at least {signed(test.limit) if is_difference(test) else number(test.limit)}"


def what_closes(test: DecisionTest) -> str:
    """How many pairs would close an open test; empty where it is closed, or where there is no interval."""
    if test.state != "open" or not limits(test):
        return ""
    if test.pairs_to_close is None:
        return "more pairs may never tell"
    return f"about {count(_two_digits(test.pairs_to_close))} pairs in all would tell"


def beside_the_state(test: DecisionTest) -> str:
    """What would close a test, and whether it decides at all."""
    return "; ".join(filter(None, ("" if test.decides else "a note", what_closes(test))))


def outcome_of(test: DecisionTest) -> str:
    """How a test came out, as a part of a sentence."""
    what = f"{name_of_test(test)} ({count(test.n)} pairs)"
    return f"{what} is {result_of(test)}" if limits(test) else f"{what} has {result_of(test)}"


def result_of(test: DecisionTest) -> str:
    """The number of a test, what it needs, and what would close it."""
    if not limits(test):
        return f"no interval ({test.reason or 'not defined'})"
    found = f"{estimate(test)} {limits(test)}, {needed(test)} is needed"
    return ", and ".join(filter(None, (found, what_closes(test))))


def moved(score: float | None, baseline: float | None, gain: DecisionTest) -> str:
    """What the training did to the AUC on the slice of the primary test."""
    return (
        f"{_metric(gain)} {number(score)} against {number(baseline)} of {name_of(gain.against)} "
        f"({' '.join(filter(None, (estimate(gain), limits(gain))))}) on {count(gain.n)} test pairs ({_slice(gain)})"
    )


def _slice(gain: DecisionTest) -> str:
    """What the test pairs are; nothing is said of new texts where too few pairs have them."""
    return f"{gain.slice}; too few have new texts" if gain.slice == DEDUPLICATED else gain.slice


def heading(decision: Decision) -> str:
    """Heading of the tests."""
    return f"Decision on {display_name(decision.candidate)}"


def rule(decision: Decision) -> str:
    """The rule, with its limits and the slice of the primary test."""
    gain = decision.tests[0]
    return (
        f"The candidate, {display_name(decision.candidate)}, is named beforehand and compared with "
        f"{name_of(decision.reference)}; other models and notes decide nothing. Gains are measured on the test pairs "
        f"({gain.slice}). A test passes if its whole 95 % interval reaches what is needed, fails if no part of it "
        f"does, and is open otherwise. SHIP asks for all tests to pass, with a gain of at least "
        f"{number(decision.min_gain)} and no loss of more than {number(decision.max_loss)}.{_of_open_tests(decision)}"
    )


def _of_open_tests(decision: Decision) -> str:
    if all(test.decides for test in decision.tests):
        return ""
    return (
        f" The {GENERAL_ENGLISH} that ships has few pairs: it can fail the candidate, but is only a note while it is "
        f"open. --guard FILE takes more pairs, and --must-hold '{GENERAL_ENGLISH}' lets these decide."
    )


def _two_digits(pairs: int) -> int:
    """Rounded up to two digits, so that the number still suffices."""
    unit = int(10 ** max(len(str(pairs)) - 2, 0))
    return -(-pairs // unit) * unit
