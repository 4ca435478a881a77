from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from src.core.formatting import display_name
from src.models import GroupMetrics, VerdictStatus
from src.verdict.statement import auc_text, difference_text, statement
from tests.support.judged_models import challenge, difference, make_models

if TYPE_CHECKING:
    from src.models import Evaluation, ModelSummary


def known_models(challenged: bool = True, categories: int = 3) -> tuple[ModelSummary, ...]:
    """A base model and a trained one whose every stated number is given here."""
    groups = [
        GroupMetrics(name=name, n=n, n_compatible=n // 2, auc_roc=auc, auc_low=auc - 0.1, auc_high=1.0)
        for name, n, auc in (("values", 60, 0.91), ("lifestyle", 50, 0.999), ("dealbreakers", 40, 0.7))
    ][:categories]
    undecided = GroupMetrics(name="realistic_example", n=5, n_compatible=5, reason="one label only")
    base, trained = make_models(
        baseline={
            "compatibility_margin": -0.083,
            "auc_roc": 0.373,
            "slices": (challenge(0.54, 0.47, 0.61),) * challenged,
        },
        finetuned={
            "compatibility_margin": 0.94,
            "auc_roc": 0.994,
            "by_category": (*groups, undecided),
            "slices": (challenge(0.7812, 0.7203, 0.8398),) * challenged,
        },
    )
    differences = (
        difference(metric="compatibility_margin", value=1.023),
        difference(metric="auc_roc", value=0.621),
    )
    return base, trained.model_copy(update={"differences": differences})


def test_the_statement_tells_what_moved_where_and_on_how_many_pairs() -> None:
    assert statement(known_models(), VerdictStatus.OK) == (
        f"Fine-tuning ({display_name('finetuned')}) moved the margin "
        "from -0.083 to +0.940 (difference +1.023, 95 % CI +0.973 to +1.073) "
        "and the AUC-ROC from 0.373 to 0.994 (difference +0.621, 95 % CI +0.571 to +0.671) on 120 eval pairs. "
        "Its best category is lifestyle (AUC 0.999, N 50), its hardest is dealbreakers (AUC 0.700, N 40). "
        "On 240 naturally phrased pairs it reaches AUC 0.781 (95 % CI 0.720 to 0.840); the base model has 0.540."
    )


def test_the_statement_says_so_when_there_is_no_challenge_set() -> None:
    said = statement(known_models(challenged=False), VerdictStatus.OK)

    assert said.endswith("There was no challenge set: nothing is known about naturally phrased pairs.")


@pytest.mark.parametrize(("n", "reason"), [(3, "fewer than 5 pairs"), (240, "one label only")])
def test_the_statement_says_why_the_challenge_auc_is_not_defined(n: int, reason: str) -> None:
    base, trained = known_models()
    group = GroupMetrics(name="challenge", n=n, n_compatible=n, reason=reason)
    evaluation = trained.evaluation.model_copy(update={"slices": (group,)})
    said = statement((base, trained.model_copy(update={"evaluation": evaluation})), VerdictStatus.OK)

    assert said.endswith(f" On {n} naturally phrased pairs the AUC is not defined: {reason}.")


def test_the_statement_says_why_a_challenge_auc_has_no_interval() -> None:
    base, trained = known_models()
    group = GroupMetrics(name="challenge", n=6, n_compatible=3, auc_roc=1, reason="too few pairs of a label")
    evaluation = trained.evaluation.model_copy(update={"slices": (group,)})
    said = statement((base, trained.model_copy(update={"evaluation": evaluation})), VerdictStatus.OK)

    assert "it reaches AUC 1.000 (no interval: too few pairs of a label)" in said


@pytest.mark.parametrize("decided", [0, 1])
def test_fewer_than_two_decided_categories_have_no_best_and_no_hardest(decided: int) -> None:
    assert "category" not in statement(known_models(categories=decided), VerdictStatus.OK)


def with_categories(*aucs: tuple[float, float | None]) -> str:
    base, trained = known_models()
    groups = tuple(
        GroupMetrics(name=f"c{i}", n=50, n_compatible=25, auc_roc=auc, auc_low=low, auc_high=low and 1.0)
        for i, (auc, low) in enumerate(aucs)
    )
    evaluation = trained.evaluation.model_copy(update={"by_category": groups})
    return statement((base, trained.model_copy(update={"evaluation": evaluation})), VerdictStatus.OK)


def test_categories_that_are_equally_good_share_the_first_place() -> None:
    assert "Its best 2 categories have an AUC of 1.000, its hardest is c1 (AUC 0.800, N 50)." in with_categories(
        (1.0, 0.9), (0.8, 0.7), (1.0, 0.5)
    )


@pytest.mark.parametrize("second", [(1.0, 0.9), (0.7, None)], ids=["as good", "no interval"])
def test_categories_that_are_not_told_apart_are_not_named(second: tuple[float, float | None]) -> None:
    assert "categor" not in with_categories((1.0, 0.9), second)


def test_what_did_not_measurably_move_is_said_so() -> None:
    base, trained = known_models()
    changes = (difference(metric="compatibility_margin"), difference("not distinguishable", value=0.0))
    said = statement((base, trained.model_copy(update={"differences": changes})), VerdictStatus.OK)

    assert "moved the margin from -0.083 to +0.940 (" in said
    assert ") and did not measurably move the AUC-ROC from 0.373 to 0.994 (" in said


def test_a_difference_without_an_interval_is_called_not_estimable() -> None:
    base, trained = known_models()
    unknown = (
        difference("not estimable", "compatibility_margin", None),
        difference("not estimable", "auc_roc", None),
    )
    said = statement((base, trained.model_copy(update={"differences": unknown})), VerdictStatus.OK)

    assert said.count("(difference not estimable)") == 2


def test_the_statement_speaks_of_the_model_with_the_best_auc() -> None:
    models = make_models(
        "finetuned", "lora", "lora-tuned", finetuned={"auc_roc": 0.8}, **{"lora-tuned": {"auc_roc": 0.9}}
    )

    assert statement(models, VerdictStatus.OK).startswith(
        f"Fine-tuning ({display_name('lora-tuned')}) moved the margin"
    )


def test_a_category_name_of_any_kind_stays_on_the_line_of_the_statement() -> None:
    base, trained = known_models()
    hostile = GroupMetrics(name="a\n# b\x1b[2J", n=50, n_compatible=25, auc_roc=1.0, auc_low=0.9, auc_high=1.0)
    evaluation: Evaluation = trained.evaluation.model_copy(
        update={"by_category": (hostile, *trained.evaluation.by_category)}
    )
    said = statement((base, trained.model_copy(update={"evaluation": evaluation})), VerdictStatus.OK)

    assert said.isprintable()
    assert "# b" in said


def test_an_invalid_comparison_states_no_number_and_needs_none() -> None:
    models = make_models(finetuned={"auc_roc": None})

    assert statement(models, VerdictStatus.INVALID) == (
        "The numbers of this comparison must not be used; the findings below say why."
    )


@pytest.mark.parametrize(
    ("group", "text"),
    [
        (challenge(0.78, 0.72, 0.84), "AUC 0.780 (95 % CI 0.720 to 0.840)"),
        (challenge(1.0).model_copy(update={"reason": "too few"}), "AUC 1.000 (no interval: too few)"),
    ],
)
def test_an_auc_is_told_with_its_interval_or_with_the_reason_why_it_has_none(group: GroupMetrics, text: str) -> None:
    assert auc_text(group) == text


@pytest.mark.parametrize(
    ("value", "text"), [(-0.1, "difference -0.100, 95 % CI -0.150 to -0.050"), (None, "difference not estimable")]
)
def test_a_difference_is_told_with_its_sign_and_its_interval(value: float | None, text: str) -> None:
    assert difference_text(difference(value=value)) == text
