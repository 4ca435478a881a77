from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pytest

from src.audit.finding_codes import FindingCode
from src.models import FindingStatus, Outcome, Split
from src.verdict.card import REASONS, ModelDecision, model_decisions, others_told
from src.verdict.decision import _FINDINGS
from src.verdict.findings import WORDINGS
from tests.support.factories import make_audit, make_comparison

if TYPE_CHECKING:
    from src.models import ComparisonResult


@cache
def compared() -> ComparisonResult:
    return make_comparison(("baseline", "finetuned", "lora"))


def with_decision(**changes: object) -> ComparisonResult:
    """The comparison with some fields of its decision replaced."""
    verdict = compared().verdict
    decision = verdict.decision.model_copy(update=changes)
    return compared().model_copy(update={"verdict": verdict.model_copy(update={"decision": decision})})


def reason_of(code: str, state: str = "fail", **changes: object) -> str:
    """Why, where one test alone does not pass, which has this finding."""
    passing, failing, _ = compared().verdict.decision.tests
    test = failing.model_copy(update={"state": state, "findings": (code,), "against": "bag_of_words", **changes})
    return model_decisions(with_decision(outcome=Outcome.DO_NOT_SHIP, tests=(passing, test)))[0].why


def test_the_candidate_comes_first_under_the_name_that_a_user_types() -> None:
    found = model_decisions(compared())

    assert [one.model for one in found] == ["standard", "lora"]
    assert found[0].outcome == "DO NOT SHIP"
    assert found[0].why == "beats the base model, but ranks naturally phrased pairs worse than chance"


def test_a_test_that_fails_comes_before_one_that_is_open() -> None:
    tests = compared().verdict.decision.tests

    assert model_decisions(with_decision(tests=(tests[0], tests[2], tests[1])))[0].why.endswith("worse than chance")


def test_a_model_that_passes_everything_says_so() -> None:
    passing = compared().verdict.decision.tests[0]
    found = model_decisions(with_decision(outcome=Outcome.SHIP, tests=(passing,) * 3))[0]

    assert found == ModelDecision("standard", Outcome.SHIP, "beats the base model and passes all 3 tests", "")


def test_a_blocker_of_the_audit_decides_and_is_named() -> None:
    blocker = make_audit()[0].model_copy(
        update={"status": FindingStatus.BLOCKER, "code": "LABEL-001", "role": Split.TEST, "name": "eval: one pair"}
    )
    result = with_decision(outcome=Outcome.INVALID, faults=("MODEL-002", "LABEL-001"))
    found = model_decisions(result.model_copy(update={"audit": (blocker,)}))[0]

    assert (found.outcome, found.short) == (Outcome.INVALID, "LABEL-001")
    assert found.why == "cannot be judged: the audit blocks “eval: one pair” (LABEL-001)"


@pytest.mark.parametrize("code", ["MODEL-001", "MODEL-002", "MODEL-003", "MODEL-007"])
def test_a_fault_of_the_model_is_told(code: str) -> None:
    found = model_decisions(with_decision(outcome=Outcome.INVALID, faults=(code,)).model_copy(update={"audit": ()}))[0]

    assert found.why == REASONS[FindingCode(code)].format(metric="AUC-ROC")


@pytest.mark.parametrize("code", sorted({*_FINDINGS.values(), FindingCode.WORSE_THAN_BASE} & {*REASONS}))
def test_every_finding_of_a_test_has_a_reason_of_a_few_words(code: FindingCode) -> None:
    why = reason_of(code)

    assert "{" not in why
    assert 2 <= len(why.split()) <= 16


def test_every_finding_that_can_decide_has_a_reason() -> None:
    notes = {
        FindingCode.ENGLISH_LOSS_POSSIBLE, FindingCode.NO_CHALLENGE, FindingCode.LABELS_PREDICTED,
        FindingCode.LABELS_INVERTED, FindingCode.SPACE_COLLAPSED, FindingCode.DIRECTIONS_LOST,
        FindingCode.NEW_TEXTS_NOT_MEASURED,
    }  # fmt: skip

    assert set(WORDINGS) - notes == set(REASONS)


def test_what_a_shallow_baseline_says_depends_on_whether_the_test_fails() -> None:
    assert reason_of("GAIN-002").endswith("does worse than a shallow baseline, bag of words")
    assert reason_of("GAIN-002", "open").endswith("is not shown to beat a shallow baseline, bag of words")


def test_a_test_without_an_interval_is_called_not_judged() -> None:
    assert reason_of("CHAL-001", "open", low=None, high=None).endswith(
        "cannot be judged: 120 pairs give no interval for the challenge set"
    )


def test_models_of_one_decision_and_one_reason_share_a_line() -> None:
    found = [ModelDecision(f"m{i}", Outcome.CANNOT_TELL, "why", f"short {i // 5}") for i in range(26)]

    assert others_told(found[:3]) == ("m1, m2: CANNOT TELL, short 0",)
    assert others_told(found) == (
        "m1, m2, m3, 1 more: CANNOT TELL, short 0",
        "m5, m6, m7, 2 more: CANNOT TELL, short 1",
        "m10, m11, m12, 2 more: CANNOT TELL, short 2",
        "and 3 more",
    )
