from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

import pytest
import yaml
from huggingface_hub import ModelCard
from huggingface_hub.repocard_data import ModelCardData, model_index_to_eval_results

from src.evaluation.metric_registry import metric_label
from src.models import Estimate, FolderKind, GradeScale, GuardDifference, RecipeSeeds, SeedsResult
from src.report.markdown import judged_card, summary_markdown
from src.report.model_card import card_markdown
from src.wording.model_card import LIMITS, NO_CHALLENGE, NO_GUARD, ONE_SEED
from tests.support.factories import make_comparison, make_judged

if TYPE_CHECKING:
    from src.models import ComparisonResult

TRAINED = "---\nlibrary_name: sentence-transformers\npipeline_tag: sentence-similarity\n---\n\n# mine\n\nA fine-tune.\n"


@cache
def compared() -> ComparisonResult:
    return make_comparison()


def header(card: str) -> dict[str, object]:
    found: dict[str, object] = yaml.safe_load(card.split("---\n", maxsplit=2)[1])
    return found


def with_evaluation(**changes: object) -> ComparisonResult:
    base, candidate, *others = compared().models
    changed = candidate.model_copy(update={"evaluation": candidate.evaluation.model_copy(update=changes)})
    return compared().model_copy(update={"models": (base, changed, *others)})


def test_it_begins_with_the_card_of_the_training_and_ends_with_the_decision() -> None:
    card, verdict = card_markdown(TRAINED, compared()), compared().verdict
    decision = "## Decision on standard"

    assert (
        ModelCard(card).text.lstrip().startswith("# mine\n\nA fine-tune.\n\n## May it be shipped?\n\n**DO NOT SHIP.** ")
    )
    assert verdict.statement in card
    assert decision in card
    assert card.endswith(f"\n\n`{verdict.line}`\n")
    assert (
        card.split(decision)[1].split("\n## ")[0] == summary_markdown(compared()).split(decision)[1].split("\n## ")[0]
    )


def test_its_header_is_what_the_hub_reads() -> None:
    candidate = compared().models[1].evaluation
    read = header(card_markdown(TRAINED, compared()))
    name, results = model_index_to_eval_results(read["model-index"])  # type: ignore[arg-type]
    test = {found.metric_type: found for found in results if found.dataset_split == "test"}
    auc = candidate.estimate("auc_roc")

    assert (read["library_name"], read["pipeline_tag"], name) == (
        "sentence-transformers",
        "sentence-similarity",
        "standard",
    )
    assert {name: found.metric_value for name, found in test.items()} == {
        found.name: found.value for found in candidate.estimates if found.value is not None
    }
    assert test["auc_roc"].metric_args == {"low": auc.low, "high": auc.high, "confidence": 0.95}
    assert test["auc_roc"].metric_name == metric_label("auc_roc")
    assert test["auc_roc"].dataset_args == {"sha256": candidate.eval_data.sha256}
    ModelCardData(**read)


def test_the_deciding_metric_on_the_challenge_set_stands_in_the_header() -> None:
    candidate = compared().models[1].evaluation
    _, results = model_index_to_eval_results(header(card_markdown(TRAINED, compared()))["model-index"])  # type: ignore[arg-type]
    [found] = [found for found in results if found.dataset_split == "challenge"]

    assert candidate.challenge is not None
    assert (found.metric_type, found.metric_value) == ("auc_roc", candidate.challenge.auc_roc)


def test_a_metric_that_is_not_defined_is_left_out_of_the_header() -> None:
    result = with_evaluation(estimates=(Estimate(name="auc_roc", value=None, reason="one label only"),))
    _, results = model_index_to_eval_results(header(card_markdown(TRAINED, result))["model-index"])  # type: ignore[arg-type]

    assert [found.dataset_split for found in results] == ["challenge"]


def test_data_stands_with_its_hash_and_the_threshold_with_its_errors() -> None:
    card, candidate = card_markdown(TRAINED, compared()), compared().models[1].evaluation
    point = candidate.operating_point

    assert point is not None
    assert re.search(rf"\| test \| {re.escape(candidate.eval_data.name)} \|.* {candidate.eval_data.sha256} \|", card)
    assert f"| standard | {point.threshold:.3f} | {point.true_positives} |" in card


@pytest.mark.parametrize("there", [True, False])
def test_it_tells_its_limits_and_a_missing_challenge_set_is_one(there: bool) -> None:
    slices = compared().models[1].evaluation.slices
    result = compared() if there else with_evaluation(slices=slices[:-1], challenge_data=None)
    card = card_markdown(TRAINED, result)

    assert all(f"- {limit}" in card for limit in LIMITS)
    assert (NO_CHALLENGE in card) is not there


def test_one_seed_and_no_guard_are_limits_until_more_is_measured() -> None:
    result = compared()
    model = result.models[1]
    guard = GuardDifference(**dict(model.slice_differences[0]), shipped=True)
    seeds = SeedsResult(recipes=(RecipeSeeds(model=model.name, seeds=(42, 43), estimates=(), differences=()),))
    more = result.model_copy(
        update={"models": (result.models[0], model.model_copy(update={"guards": (guard,)})), "seeds": seeds}
    )

    assert {limit for limit in (ONE_SEED, NO_GUARD) if limit in card_markdown(TRAINED, result)} == {ONE_SEED, NO_GUARD}
    assert {limit for limit in (ONE_SEED, NO_GUARD) if limit in card_markdown(TRAINED, more)} == set()


def test_grades_without_a_cut_have_no_threshold_in_it() -> None:
    graded = compared().eval_data.model_copy(update={"scale": GradeScale(low=0, high=5)})

    assert "Decisions at the threshold" not in card_markdown(
        TRAINED, compared().model_copy(update={"eval_data": graded})
    )


def test_no_text_of_a_pair_stands_in_it() -> None:
    assert not re.search(r"\b(boy|girl):", card_markdown(TRAINED, compared()))


@pytest.mark.parametrize(
    ("kind", "library"), [(FolderKind.FULL, "sentence-transformers"), (FolderKind.ADAPTER, "peft")]
)
def test_a_model_that_was_trained_elsewhere_has_a_card_too(kind: FolderKind, library: str) -> None:
    card = card_markdown(judged_card(make_judged(kind=kind)), compared())

    assert header(card)["library_name"] == library
    assert ModelCard(card).text.lstrip().startswith("# vendor\n")
