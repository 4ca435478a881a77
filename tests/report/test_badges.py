from __future__ import annotations

from typing import TYPE_CHECKING

from src.models import DecisionTestKind, FindingStatus, ModelChange, Outcome
from src.report.badges import Badge, baseline_badges, comparison_badges
from tests.support.factories import make_audit, make_comparison, make_evaluation

if TYPE_CHECKING:
    from src.models import ComparisonResult

TESTS = [
    "Gain over the base model",
    "AUC-ROC on the challenge set",
    "Gain over the best shallow baseline, bag of words",
]
CONDITIONS = ["Weights changed", "Same data", "Leakage", "Threshold from train"]


def badge(result: ComparisonResult, name: str) -> Badge:
    return next(badge for badge in comparison_badges(result) if badge.name == name)


def changed(result: ComparisonResult, name: str = "finetuned", **changes: object) -> ComparisonResult:
    """The comparison with some fields of one model's evaluation replaced."""
    models = tuple(
        model.model_copy(update={"evaluation": model.evaluation.model_copy(update=changes)})
        if model.name == name
        else model
        for model in result.models
    )
    return result.model_copy(update={"models": models})


def test_the_tests_of_the_decision_come_first_and_then_what_the_numbers_depend_on() -> None:
    assert [found.name for found in comparison_badges(make_comparison())] == [*TESTS, *CONDITIONS]


def test_a_test_has_its_state_its_number_and_what_it_needs() -> None:
    found = [badge(make_comparison(), name) for name in TESTS]

    assert [(one.status, one.text) for one in found] == [
        ("PASS", "+0.400 [+0.350, +0.450], at least +0.020 is needed (120 pairs)"),
        ("FAIL", "0.400 [0.300, 0.490], at least 0.500 is needed (120 pairs)"),
        ("OPEN", "+0.100 [-0.100, +0.300], above 0 is needed, and more pairs may never tell (120 pairs)"),
    ]


def test_a_test_that_does_not_decide_is_a_note() -> None:
    result = make_comparison()
    test = result.verdict.decision.tests[2].model_copy(update={"kind": DecisionTestKind.GENERAL_ENGLISH})
    decision = result.verdict.decision.model_copy(update={"tests": (test,)})
    verdict = result.verdict.model_copy(update={"decision": decision})

    assert comparison_badges(result.model_copy(update={"verdict": verdict}))[0].status == "NOTE"


def test_good_conditions_have_good_badges() -> None:
    clean = [finding for finding in make_audit() if finding.status is FindingStatus.OK]
    result = make_comparison(audit=tuple(clean))

    assert {badge(result, name).status for name in CONDITIONS} == {"PASS"}
    assert badge(result, "Weights changed").text == "a value of the embeddings changed by up to 0.210"
    assert badge(result, "Same data").text == "evaluated with the same files as the base model"


def test_weights_that_did_not_change_fail() -> None:
    same = ModelChange(max_abs_difference=0.0, mean_cosine_to_base=1.0)
    found = badge(changed(make_comparison(), change=same), "Weights changed")

    assert (found.status, found.text) == ("FAIL", "the embeddings equal the base model's")


def test_other_data_fails_and_names_the_split() -> None:
    result = make_comparison()
    other = result.eval_data.model_copy(update={"sha256": "0" * 64})
    found = badge(changed(result, eval_data=other), "Same data")

    assert (found.status, found.text) == ("FAIL", "evaluated with other files than the base model: eval")


def test_the_conditions_are_those_of_the_candidate_alone() -> None:
    result = make_comparison()
    same = ModelChange(max_abs_difference=0.0, mean_cosine_to_base=1.0)

    assert comparison_badges(changed(result, "lora", change=same, operating_point=None)) == comparison_badges(result)


def test_leakage_is_counted_from_the_slices_and_is_a_note_where_the_audit_warns() -> None:
    found = badge(make_comparison(), "Leakage")

    assert found.status == "NOTE"
    assert found.text == (
        "0 of 120 eval pairs are copies of train pairs, 40 share a text with train; the audit warns of eval: finding 2"
    )


def test_the_outcome_changes_no_badge() -> None:
    result = make_comparison()
    decision = result.verdict.decision.model_copy(update={"outcome": Outcome.SHIP})
    verdict = result.verdict.model_copy(update={"decision": decision, "findings": ()})

    assert comparison_badges(result.model_copy(update={"verdict": verdict})) == comparison_badges(result)


def test_a_threshold_that_train_cannot_give_is_told() -> None:
    found = badge(changed(make_comparison(), operating_point=None), "Threshold from train")

    assert (found.status, found.text) == ("NOTE", "standard: none could be fitted, train has one label only")


def test_what_cannot_be_told_is_a_note_and_never_a_good_word() -> None:
    result = changed(make_comparison(), change=None, slices=())

    for name in ("Weights changed", "Leakage"):
        assert badge(result, name).status == "NOTE"


def test_the_baseline_alone_has_the_badges_that_need_no_training() -> None:
    threshold, challenge = baseline_badges(make_evaluation())

    assert (threshold.name, threshold.status) == ("Threshold from train", "PASS")
    assert challenge.text.endswith("on 60 naturally phrased pairs")
    assert baseline_badges(make_evaluation(slices=()))[1].text.startswith("there is none")


def test_a_change_that_would_round_to_zero_is_not_called_zero() -> None:
    change = ModelChange(max_abs_difference=1.3e-4, mean_cosine_to_base=1.0)

    assert badge(changed(make_comparison(), change=change), "Weights changed").text.endswith("up to 1.3e-4")


def test_a_threshold_of_validation_pairs_is_named() -> None:
    found = badge(changed(make_comparison(), threshold_fitted_on="validation"), "Threshold from validation")

    assert (found.status, found.text) == ("PASS", "fitted on the validation pairs, applied to the eval pairs")
