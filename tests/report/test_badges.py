from __future__ import annotations

import pytest

from src.audit.finding_codes import FindingCode
from src.models import (
    ComparisonResult,
    FindingStatus,
    ModelChange,
    PairedDifference,
    VerdictFinding,
    VerdictStatus,
)
from src.report.badges import Badge, baseline_badges, comparison_badges
from src.verdict.judge import judge
from tests.support.factories import make_audit, make_comparison, make_evaluation, make_trivial_baselines

NAMES = ["Weights changed", "Same data", "Leakage", "Shallow baseline beaten", "Threshold from train", "Challenge set"]


def badge(result: ComparisonResult, name: str) -> Badge:
    return next(badge for badge in comparison_badges(result) if badge.name == name)


def judged(result: ComparisonResult, outcome: str = "better") -> ComparisonResult:
    """The comparison with the verdict that its numbers really get."""
    models = tuple(
        model.model_copy(
            update={"against_trivial": PairedDifference(model=model.name, metric="auc_roc", value=0.0, outcome=outcome)}
        )
        for model in result.models
    )
    verdict = judge(models, make_trivial_baselines()[1], result.audit)
    return result.model_copy(update={"verdict": verdict})


def changed(result: ComparisonResult, **changes: object) -> ComparisonResult:
    """The comparison with some fields of every trained model's evaluation replaced."""
    trained = [
        model.model_copy(update={"evaluation": model.evaluation.model_copy(update=changes)})
        for model in result.models[1:]
    ]
    return result.model_copy(update={"models": (result.models[0], *trained)})


def test_there_are_six_in_the_order_of_what_spoils_most() -> None:
    assert [found.name for found in comparison_badges(make_comparison())] == NAMES


def test_good_numbers_on_clean_data_have_good_badges() -> None:
    clean = [finding for finding in make_audit() if finding.status is FindingStatus.OK]
    result = judged(make_comparison(audit=tuple(clean)))

    assert {found.status for found in comparison_badges(result)} == {"OK"}
    assert badge(result, "Weights changed").text == "in every trained model; a coordinate moved by 0.210 or more"
    assert badge(result, "Shallow baseline beaten").text == "every trained model beats bag of words (AUC 0.977)"


def test_weights_that_did_not_change_are_what_the_verdict_says_of_them() -> None:
    same = ModelChange(max_abs_difference=0.0, mean_cosine_to_base=1.0)
    found = badge(judged(changed(make_comparison(), change=same)), "Weights changed")

    assert (found.status, found.text) == ("INVALID", "not in 3 of 3 trained models")


def test_other_data_is_what_the_verdict_says_of_it() -> None:
    result = make_comparison()
    other = result.eval_data.model_copy(update={"sha256": "0" * 64})
    found = badge(judged(changed(result, eval_data=other)), "Same data")

    assert (found.status, found.text) == ("INVALID", "the models were evaluated with 2 different eval files")


def test_leakage_is_counted_from_the_slices_and_judged_by_the_audit() -> None:
    found = badge(make_comparison(), "Leakage")

    assert found.status == "WARN"
    assert found.text == (
        "0 of 120 eval pairs are copies of train pairs, 40 share a text with train; the audit warns of eval: finding 2"
    )


def test_a_shallow_baseline_that_is_not_beaten_is_named() -> None:
    found = badge(judged(make_comparison(), "not distinguishable"), "Shallow baseline beaten")

    assert found.status == "WARN"
    assert found.text.startswith("3 of 3 trained models do not beat bag of words")


@pytest.mark.parametrize("outcome", ["worse", "not distinguishable", "not estimable"])
def test_a_shallow_baseline_that_cannot_be_compared_counts_as_not_beaten(outcome: str) -> None:
    found = badge(judged(make_comparison(), outcome), "Shallow baseline beaten")

    assert found == Badge(found.name, "WARN", "3 of 3 trained models do not beat bag of words (AUC 0.977)")


CODES_OF_BADGES = {
    FindingCode.WEIGHTS_UNCHANGED: "Weights changed",
    FindingCode.DIFFERENT_DATA: "Same data",
    FindingCode.SHALLOW_BASELINE_NOT_BEATEN: "Shallow baseline beaten",
    FindingCode.SHALLOW_BASELINE_NOT_COMPARABLE: "Shallow baseline beaten",
    FindingCode.CHALLENGE_NOT_ABOVE_CHANCE: "Challenge set",
    FindingCode.CHALLENGE_BELOW_CHANCE: "Challenge set",
}


@pytest.mark.parametrize("code", FindingCode)
def test_a_badge_follows_the_code_of_a_finding_whatever_its_words(code: FindingCode) -> None:
    good = judged(make_comparison(audit=()))
    finding = VerdictFinding(code=code, status=VerdictStatus.WARN, name="other words", text="other words")
    verdict = good.verdict.model_copy(update={"findings": (finding,)})
    result = good.model_copy(update={"verdict": verdict})

    turned = [
        one.name for one, old in zip(comparison_badges(result), comparison_badges(good), strict=True) if one != old
    ]
    assert turned == ([CODES_OF_BADGES[code]] if code in CODES_OF_BADGES else [])


def test_a_threshold_that_train_cannot_give_is_told() -> None:
    found = badge(changed(make_comparison(), operating_point=None), "Threshold from train")

    assert found.status == "WARN"
    assert found.text.startswith("Standard, LoRA, LoRA tuned: none could be fitted")


def test_a_challenge_set_at_chance_is_told_with_its_n() -> None:
    group = next(group for group in make_evaluation().slices if group.name == "challenge")
    at_chance = group.model_copy(update={"auc_roc": 0.5, "auc_low": 0.4, "auc_high": 0.6})
    found = badge(judged(changed(make_comparison(), slices=(at_chance,))), "Challenge set")

    assert found.status == "WARN"
    told = "3 of 3 trained models are not shown to be better than chance on 60 naturally phrased pairs"
    assert found.text == told

    below = group.model_copy(update={"auc_roc": 0.4, "auc_low": 0.3, "auc_high": 0.49})
    found = badge(judged(changed(make_comparison(), slices=(below,))), "Challenge set")
    assert found.text == f"{told}, 3 of them worse than chance"


def test_what_cannot_be_told_is_a_note_and_never_a_good_word() -> None:
    result = changed(make_comparison(trivial_baselines=()), change=None, slices=())
    base = result.models[0].model_copy(update={"evaluation": make_evaluation(slices=())})
    result = result.model_copy(update={"models": (base, *result.models[1:])})

    for name in ("Weights changed", "Leakage", "Shallow baseline beaten", "Challenge set"):
        assert badge(result, name).status == "NOTE"


def test_findings_that_no_badge_knows_change_none() -> None:
    result = judged(make_comparison())
    more = VerdictFinding(code="NEW-001", status=VerdictStatus.WARN, name="weights unchanged", text="x")
    verdict = result.verdict.model_copy(update={"findings": (*result.verdict.findings, more)})

    assert comparison_badges(result.model_copy(update={"verdict": verdict})) == comparison_badges(result)


def test_the_baseline_alone_has_the_badges_that_need_no_training() -> None:
    threshold, challenge = baseline_badges(make_evaluation())

    assert (threshold.name, threshold.status) == ("Threshold from train", "OK")
    assert challenge.text.endswith("on 60 naturally phrased pairs")
    assert baseline_badges(make_evaluation(slices=()))[1].text.startswith("there is none")


def test_a_change_that_would_round_to_zero_is_not_called_zero() -> None:
    change = ModelChange(max_abs_difference=1.3e-4, mean_cosine_to_base=1.0)
    result = make_comparison(("baseline", "lora"))
    found = badge(judged(changed(result, change=change)), "Weights changed")

    assert found.text == "in every trained model; a coordinate moved by 1.3e-4 or more"
