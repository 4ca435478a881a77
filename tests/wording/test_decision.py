from __future__ import annotations

from typing import Any

import pytest

from src.models import DecisionTest, DecisionTestKind
from src.wording.decision import beside_the_state, name_of_test, needed, outcome_of, result_of, rule, what_closes
from tests.support.factories import make_verdict

GAIN, CHANGE, AUC, SHALLOW, SLICE, GUARD, ENGLISH = DecisionTestKind


def made(kind: DecisionTestKind = GAIN, **changes: Any) -> DecisionTest:  # noqa: ANN401 - any field
    first = make_verdict().decision.tests[0]
    return first.model_copy(update={"kind": kind, **changes})


@pytest.mark.parametrize(
    ("kind", "against", "name", "limit", "need"),
    [
        (GAIN, "baseline", "gain over the base model", 0.02, "at least +0.020"),
        (GAIN, "other", "gain over other", 0.02, "at least +0.020"),
        (CHANGE, "baseline", "change on the challenge set", -0.03, "at least -0.030"),
        (AUC, "", "AUC-ROC on the challenge set", 0.5, "at least 0.500"),
        (SHALLOW, "bag_of_words", "gain over the best shallow baseline, bag of words", 0.0, "above 0"),
        (SHALLOW, "", "gain over the best shallow baseline", 0.0, "above 0"),
        (SLICE, "baseline", "change on category=values", -0.03, "at least -0.030"),
        (GUARD, "baseline", "change on category=values (AUC-ROC)", -0.03, "at least -0.030"),
        (ENGLISH, "baseline", "change on category=values (AUC-ROC)", -0.03, "at least -0.030"),
    ],
)
def test_a_test_is_called_by_what_it_asks(
    kind: DecisionTestKind, against: str, name: str, limit: float, need: str
) -> None:
    test = made(kind, against=against, limit=limit, slice="category=values")

    assert (name_of_test(test), needed(test)) == (name, need)


@pytest.mark.parametrize(
    ("pairs", "told"),
    [
        (7, "about 7 pairs in all would tell"),
        (99, "about 99 pairs in all would tell"),
        (401, "about 410 pairs in all would tell"),
        (410, "about 410 pairs in all would tell"),
        (123_456, "about 130,000 pairs in all would tell"),
        (None, "more pairs may never tell"),
    ],
)
def test_the_pairs_that_would_close_a_test_are_rounded_up_to_two_digits(pairs: int | None, told: str) -> None:
    assert what_closes(made(state="open", pairs_to_close=pairs)) == told


def test_a_test_that_is_closed_needs_no_pairs() -> None:
    assert what_closes(made(state="pass")) == what_closes(made(state="fail")) == ""


def test_an_open_test_that_does_not_decide_is_called_a_note_and_the_rule_says_why() -> None:
    test = made(ENGLISH, state="open", pairs_to_close=401)
    decision = make_verdict().decision

    assert beside_the_state(test) == "a note; about 410 pairs in all would tell"
    assert "--must-hold 'general English' lets these decide" in rule(decision.model_copy(update={"tests": (test,)}))
    assert "general English" not in rule(decision)


def test_a_test_without_an_interval_says_why() -> None:
    test = made(state="open", low=None, high=None, reason="too few pairs")

    assert outcome_of(test) == "gain over the base model (120 pairs) has no interval (too few pairs)"
    assert result_of(made(state="open", low=None, high=None)) == "no interval (not defined)"


def test_the_rule_names_candidate_reference_slice_and_limits() -> None:
    told = rule(make_verdict().decision)

    for text in ("standard", "the base model", "no text shared with train", "0.020", "0.030"):
        assert text in told
