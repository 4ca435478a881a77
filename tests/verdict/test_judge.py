from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from src.audit.checks import FILE_CHECKS
from src.audit.shortcuts import GUESSED
from src.core.formatting import display_name
from src.models import (
    AuditFinding,
    DataFile,
    Estimate,
    FindingStatus,
    GroupMetrics,
    ModelChange,
    ModelSummary,
    PairedDifference,
    TrivialBaseline,
    VerdictStatus,
)
from src.verdict.judge import REPEATS_IN_EVAL, judge
from tests.support.factories import make_comparison

if TYPE_CHECKING:
    from collections.abc import Sequence

    from src.models import Evaluation, Verdict


BEST_TRIVIAL = TrivialBaseline(name="bag_of_words", auc_roc=0.977, auc_low=0.96, auc_high=0.99, n=120)
OTHER_FILE = DataFile(name="other_pairs.jsonl", sha256="e" * 64, n=120, n_compatible=60)
THIRD_FILE = DataFile(name="third_pairs.jsonl", sha256="d" * 64, n=120, n_compatible=60)


@cache
def faultless(name: str) -> ModelSummary:
    """A model with nothing wrong; values are frozen, so all tests may share it."""
    return make_comparison(("baseline", name) if name != "baseline" else ("baseline",)).models[-1]


def make_models(*names: str, **changes: dict[str, Any]) -> tuple[ModelSummary, ...]:
    """The baseline and some models, all without a fault; fields of each evaluation may be changed."""
    made = [faultless(name) for name in ("baseline", *(names or ("finetuned",)))]
    return tuple(
        model.model_copy(update={"evaluation": model.evaluation.model_copy(update=changes.get(model.name, {}))})
        for model in made
    )


def verdict(
    models: tuple[ModelSummary, ...],
    best: TrivialBaseline | None = BEST_TRIVIAL,
    beats: dict[str, PairedDifference] | None = None,
    audit: Sequence[AuditFinding] = (),
) -> Verdict:
    known = beats or {}
    held = [model.model_copy(update={"against_trivial": known.get(model.name)}) for model in models]
    return judge(held, best, audit)


def difference(
    outcome: str = "better", metric: str = "auc_roc", value: float | None = 0.1, model: str = "finetuned"
) -> PairedDifference:
    low, high = (None, None) if value is None else (value - 0.05, value + 0.05)
    return PairedDifference.model_validate(
        {"model": model, "metric": metric, "value": value, "low": low, "high": high, "outcome": outcome}
    )


def challenge(auc: float | None, low: float | None = None, high: float | None = None) -> GroupMetrics:
    return GroupMetrics(name="challenge", n=240, n_compatible=120, auc_roc=auc, auc_low=low, auc_high=high)


def geometry_of(models: tuple[ModelSummary, ...], cosine: float | None) -> object:
    return models[0].evaluation.geometry.model_copy(update={"random_pair_cosine": cosine})


def ranked(rank: float | None) -> object:
    return faultless("finetuned").evaluation.geometry.model_copy(update={"effective_rank": rank})


def auc_between(low: float | None, high: float | None) -> tuple[Estimate, ...]:
    return (Estimate(name="auc_roc", value=0.3, low=low, high=high),)


def found(result: Verdict) -> list[tuple[str, str]]:
    return [(finding.status.value, finding.name) for finding in result.findings]


def audited(status: FindingStatus, *, about_split: bool = True) -> AuditFinding:
    """A finding of the audit about the split, or about a file alone."""
    return AuditFinding(
        name="eval: pairs copied from train" if about_split else "eval: one pair, two labels",
        status=status,
        observed="42 of 295 pairs (14.2%) are in train" if about_split else "2 of 295 pairs (0.7%)",
        limit="warn above 0 %",
        n=295,
        why="memory",
        action="drop the copies" if about_split else "decide the label",
        about_split=about_split,
    )


# --- nothing wrong --------------------------------------------------------------------------------------


def test_a_comparison_with_nothing_wrong_is_ok_and_has_no_finding() -> None:
    result = verdict(
        make_models(),
        best=BEST_TRIVIAL,
        beats={"finetuned": difference()},
        audit=[audited(FindingStatus.OK), audited(FindingStatus.WARN, about_split=False)],
    )

    assert result.status is VerdictStatus.OK
    assert result.findings == ()


def test_a_fault_of_the_base_model_is_no_finding() -> None:
    models = make_models()
    collapsed = make_models(
        baseline={"geometry": geometry_of(models, 0.99), "slices": (challenge(0.5, 0.4, 0.6),), "train_auc_roc": 0.9}
    )

    assert found(verdict(collapsed)) == []


# --- INVALID --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("largest", "invalid"), [(0.0, True), (1e-5, True), (1.1e-5, False), (0.2, False)])
def test_embeddings_equal_to_the_base_models_are_invalid(largest: float, invalid: bool) -> None:
    change = ModelChange(max_abs_difference=largest, mean_cosine_to_base=1.0)
    result = verdict(make_models("finetuned", "lora", lora={"change": change}))

    assert (result.status is VerdictStatus.INVALID) == invalid
    assert (("INVALID", "weights unchanged") in found(result)) == invalid
    if invalid:
        assert [finding.text for finding in result.findings if finding.name == "weights unchanged"] == [
            f"{display_name('lora')}: its embeddings equal the base model's; the trained weights were not applied"
        ]


@pytest.mark.parametrize("split", ["train", "eval", "challenge"])
@pytest.mark.parametrize("different", ["baseline", "finetuned", "lora"])
def test_models_evaluated_with_different_data_are_invalid(different: str, split: str) -> None:
    result = verdict(make_models("finetuned", "lora", **{different: {f"{split}_data": OTHER_FILE}}))

    assert result.status is VerdictStatus.INVALID
    assert [finding.text for finding in result.findings] == [
        f"the models were evaluated with 2 different {split} files"
    ]
    assert found(result) == [("INVALID", "different data")]


def test_a_challenge_set_that_not_all_models_have_seen_is_different_data() -> None:
    some = verdict(make_models("finetuned", "lora", lora={"challenge_data": None}))
    none = verdict(make_models(baseline={"challenge_data": None}, finetuned={"challenge_data": None}))

    assert [finding.text for finding in some.findings] == ["the models were evaluated with 2 different challenge files"]
    assert found(none) == []


def test_each_split_with_different_data_is_named_with_the_number_of_files() -> None:
    other = {"train_data": OTHER_FILE, "challenge_data": OTHER_FILE}
    result = verdict(make_models("finetuned", "lora", finetuned=other, lora={"train_data": THIRD_FILE}))

    assert [finding.text for finding in result.findings] == [
        "the models were evaluated with 3 different train files",
        "the models were evaluated with 2 different challenge files",
    ]


def test_a_model_without_an_auc_is_invalid() -> None:
    result = verdict(make_models(finetuned={"auc_roc": None}))

    assert found(result) == [("INVALID", "AUC not defined")]


def test_an_invalid_comparison_states_no_number() -> None:
    change = ModelChange(max_abs_difference=0, mean_cosine_to_base=1)
    statement = verdict(make_models(finetuned={"change": change})).statement

    assert statement == "The numbers of this comparison must not be used; the findings below say why."


def test_the_worst_finding_is_the_verdict_and_the_others_stay() -> None:
    change = ModelChange(max_abs_difference=0, mean_cosine_to_base=1)
    result = verdict(make_models(finetuned={"change": change}), audit=[audited(FindingStatus.WARN)])

    assert result.status is VerdictStatus.INVALID
    assert [status for status, _ in found(result)] == ["INVALID", "WARN"]


# --- WARN -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("eval_high", "train_low", "inverted"),
    [
        (0.1, 0.97, True),
        (0.499, 0.501, True),
        (0.5, 0.97, False),
        (0.55, 0.97, False),
        (0.1, 0.5, False),
        (0.1, 0.47, False),
        (0.1, None, False),
        (None, 0.97, False),
    ],
)
def test_intervals_below_chance_on_eval_and_above_it_on_train_ask_for_inverted_labels(
    eval_high: float | None, train_low: float | None, inverted: bool
) -> None:
    fields = {"auc_roc": 0.06, "train_auc_roc": 0.99, "train_auc_low": train_low}
    result = verdict(make_models(finetuned={**fields, "estimates": auc_between(0.01, eval_high)}))

    assert (("WARN", "labels inverted") in found(result)) == inverted
    if inverted:
        assert result.findings[0].text.endswith(": AUC 0.06 on eval, 0.99 on train: labels inverted?")


@pytest.mark.parametrize(
    ("rank", "base_rank", "lost"),
    [
        (3.0, 148.9, True),
        (37.2, 148.9, True),
        (37.3, 148.9, False),
        (79.6, 148.9, False),
        (None, 148.9, 0),
        (3, None, 0),
    ],
)
def test_texts_that_spread_over_less_than_a_quarter_of_the_base_models_directions_are_a_collapsed_space(
    rank: float | None, base_rank: float | None, lost: bool
) -> None:
    result = verdict(make_models(baseline={"geometry": ranked(base_rank)}, finetuned={"geometry": ranked(rank)}))

    assert (("WARN", "directions lost") in found(result)) == bool(lost)
    if lost:
        assert f"over {rank:.1f} directions (effective rank), the base model's over {base_rank:.1f}" in (
            result.findings[0].text
        )


@pytest.mark.parametrize(("cosine", "collapsed"), [(0.95, True), (0.9, True), (0.89, False), (None, False)])
def test_random_texts_that_are_nearly_parallel_are_a_collapsed_space(cosine: float | None, collapsed: bool) -> None:
    models = make_models()
    result = verdict(make_models(finetuned={"geometry": geometry_of(models, cosine)}))

    assert (("WARN", "collapsed space") in found(result)) == collapsed
    assert result.status is (VerdictStatus.WARN if collapsed else VerdictStatus.OK)


@pytest.mark.parametrize(
    ("group", "shown"),
    [
        (challenge(0.53, 0.45, 0.61), "is not shown to be better than chance"),
        (challenge(1.0, 0.478, 1.0), "is not shown to be better than chance"),
        (challenge(0.57, 0.5, 0.64), "is not shown to be better than chance"),
        (challenge(0.43, 0.36, 0.5), "is not shown to be better than chance"),
        (challenge(0.40, 0.33, 0.47), "is worse than chance"),
        (challenge(0.58, 0.501, 0.65), ""),
        (challenge(0.78, 0.72, 0.84), ""),
        (challenge(None), ""),
    ],
)
def test_a_challenge_set_whose_interval_does_not_lie_above_one_half_is_told_as_what_it_shows(
    group: GroupMetrics, shown: str
) -> None:
    result = verdict(make_models(finetuned={"slices": (group,)}))

    assert (("WARN", "challenge set not above chance") in found(result)) == bool(shown)
    if shown:
        auc = f"AUC {group.auc_roc:.3f} (95 % CI {group.auc_low:.3f} to {group.auc_high:.3f})"
        assert result.findings[0].text == f"Standard: {auc} on naturally phrased pairs {shown}"


def test_a_model_that_ranks_worse_than_before_its_training_is_warned_of() -> None:
    models = make_models("finetuned", "lora", baseline={"auc_roc": 0.9}, finetuned={"auc_roc": 0.6})
    worse = models[1].model_copy(update={"differences": (difference("worse", value=-0.3),)})

    result = verdict((models[0], worse, models[2]))

    assert [(f.status.value, f.text) for f in result.findings] == [
        (
            "WARN",
            "Standard: AUC 0.600 is worse than the base model's 0.900; difference -0.300, 95 % CI -0.350 to -0.250",
        )
    ]


@pytest.mark.parametrize("outcome", ["better", "not distinguishable", "not estimable"])
def test_a_model_that_is_not_shown_to_rank_worse_is_not_warned_of(outcome: str) -> None:
    base, trained = make_models()
    trained = trained.model_copy(
        update={"differences": (difference(outcome), difference("worse", "compatibility_margin"))}
    )

    assert found(verdict((base, trained))) == []


@pytest.mark.parametrize(
    ("outcome", "value", "interval"),
    [
        ("worse", -0.1, "difference -0.100, 95 % CI -0.150 to -0.050"),
        ("not distinguishable", 0.01, "difference +0.010, 95 % CI -0.040 to +0.060"),
        ("not estimable", None, "difference not estimable"),
    ],
)
def test_a_model_that_is_not_better_than_what_needs_no_model_is_warned_of(
    outcome: str, value: float | None, interval: str
) -> None:
    result = verdict(
        make_models(finetuned={"auc_roc": 0.98}),
        best=BEST_TRIVIAL,
        beats={"finetuned": difference(outcome, value=value)},
    )

    assert found(result) == [("WARN", "trivial baseline not beaten")]
    text = result.findings[0].text
    says = "cannot be compared with" if outcome == "not estimable" else "does not beat"
    assert text.startswith(
        f"{display_name('finetuned')}: AUC 0.980 {says} bag of words (0.977), which needs no model; "
    )
    assert text.endswith(f"; {interval}")


def test_every_trained_model_is_held_against_the_best_trivial_baseline() -> None:
    beats = {
        "finetuned": difference("better"),
        "lora": difference("worse", value=-0.4, model="lora"),
        "lora-tuned": difference("not distinguishable", value=0.0, model="lora-tuned"),
    }
    result = verdict(make_models("finetuned", "lora", "lora-tuned"), best=BEST_TRIVIAL, beats=beats)

    warned = [finding.text.split(":")[0] for finding in result.findings if "trivial" in finding.name]
    assert warned == [display_name("lora"), display_name("lora-tuned")]


def test_that_nothing_without_a_model_has_an_auc_is_warned_of_once() -> None:
    assert found(verdict(make_models("finetuned", "lora"), best=None)) == [("WARN", "no trivial baseline")]


@pytest.mark.parametrize(
    ("status", "about_split", "warned"),
    [
        (FindingStatus.OK, True, False),
        (FindingStatus.NOTE, True, False),
        (FindingStatus.WARN, True, True),
        (FindingStatus.BLOCKER, True, True),
        (FindingStatus.OK, False, False),
        (FindingStatus.NOTE, False, False),
        (FindingStatus.WARN, False, False),
        (FindingStatus.BLOCKER, False, True),
    ],
)
def test_a_leak_of_the_split_and_a_blocker_of_any_kind_are_warnings_with_what_to_do(
    status: FindingStatus, about_split: bool, warned: bool
) -> None:
    result = verdict(make_models(), audit=[audited(status, about_split=about_split)])

    text = (
        "eval: pairs copied from train: 42 of 295 pairs (14.2%) are in train; drop the copies"
        if about_split
        else "eval: one pair, two labels: 2 of 295 pairs (0.7%); decide the label"
    )
    assert result.status is (VerdictStatus.WARN if warned else VerdictStatus.OK)
    assert [(finding.status, finding.text) for finding in result.findings] == [(VerdictStatus.WARN, text)] * warned


@pytest.mark.parametrize("name", REPEATS_IN_EVAL)
@pytest.mark.parametrize("status", [FindingStatus.NOTE, FindingStatus.WARN])
def test_many_repeats_in_eval_are_warned_of_because_they_narrow_every_interval(
    name: str, status: FindingStatus
) -> None:
    finding = audited(status, about_split=False).model_copy(update={"name": name})

    told = found(verdict(make_models(), audit=[finding]))

    assert told == ([("WARN", name)] if status is FindingStatus.WARN else [])


def test_the_names_of_repeats_are_those_of_the_audit() -> None:
    assert set(REPEATS_IN_EVAL) <= {f"eval: {check.name}" for check in FILE_CHECKS}


def test_what_gives_the_labels_away_is_warned_of_in_one_line() -> None:
    one, two, note = (
        audited(status, about_split=False).model_copy(update={"name": f"{GUESSED}{name}"})
        for name, status in (
            ("text 1 only", FindingStatus.WARN),
            ("length", FindingStatus.WARN),
            ("bag of words", FindingStatus.NOTE),
        )
    )

    (finding,) = verdict(make_models(), audit=[one, note, two]).findings

    assert finding.text == (
        "the labels of eval can be guessed without a model, from text 1 only, length; the audit says how well"
    )


def test_every_finding_of_the_audit_that_counts_is_told() -> None:
    audit = [
        audited(FindingStatus.WARN, about_split=False),
        audited(FindingStatus.BLOCKER, about_split=False),
        audited(FindingStatus.NOTE),
        audited(FindingStatus.WARN),
    ]

    assert found(verdict(make_models(), audit=audit)) == [
        ("WARN", "eval: one pair, two labels"),
        ("WARN", "eval: pairs copied from train"),
    ]


# --- the statement --------------------------------------------------------------------------------------


def known_models(challenged: bool = True, categories: int = 3) -> tuple[ModelSummary, ...]:
    """A baseline and a model whose every stated number is given here."""
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
    assert verdict(known_models()).statement == (
        f"Fine-tuning ({display_name('finetuned')}) moved the margin "
        "from -0.083 to +0.940 (difference +1.023, 95 % CI +0.973 to +1.073) "
        "and the AUC-ROC from 0.373 to 0.994 (difference +0.621, 95 % CI +0.571 to +0.671) on 120 eval pairs. "
        "Its best category is lifestyle (AUC 0.999, N 50), its hardest is dealbreakers (AUC 0.700, N 40). "
        "On 240 naturally phrased pairs it reaches AUC 0.781 (95 % CI 0.720 to 0.840); the base model has 0.540."
    )


def test_the_statement_says_so_when_there_is_no_challenge_set() -> None:
    statement = verdict(known_models(challenged=False)).statement

    assert statement.endswith("There was no challenge set: nothing is known about naturally phrased pairs.")


@pytest.mark.parametrize(("n", "reason"), [(3, "fewer than 5 pairs"), (240, "one label only")])
def test_the_statement_says_why_a_challenge_set_decides_nothing(n: int, reason: str) -> None:
    base, trained = known_models()
    group = GroupMetrics(name="challenge", n=n, n_compatible=n, reason=reason)
    evaluation = trained.evaluation.model_copy(update={"slices": (group,)})
    statement = verdict((base, trained.model_copy(update={"evaluation": evaluation}))).statement

    assert statement.endswith(f" The {n} naturally phrased pairs decide nothing: {reason}.")


def test_the_statement_says_why_a_challenge_auc_has_no_interval() -> None:
    base, trained = known_models()
    group = GroupMetrics(name="challenge", n=6, n_compatible=3, auc_roc=1, reason="too few pairs of a label")
    evaluation = trained.evaluation.model_copy(update={"slices": (group,)})
    statement = verdict((base, trained.model_copy(update={"evaluation": evaluation}))).statement

    assert "it reaches AUC 1.000 (no interval: too few pairs of a label)" in statement


@pytest.mark.parametrize("decided", [0, 1])
def test_fewer_than_two_decided_categories_have_no_best_and_no_hardest(decided: int) -> None:
    assert "category" not in verdict(known_models(categories=decided)).statement


def with_categories(*aucs: tuple[float, float | None]) -> str:
    base, trained = known_models()
    groups = tuple(
        GroupMetrics(name=f"c{i}", n=50, n_compatible=25, auc_roc=auc, auc_low=low, auc_high=low and 1.0)
        for i, (auc, low) in enumerate(aucs)
    )
    evaluation = trained.evaluation.model_copy(update={"by_category": groups})
    return verdict((base, trained.model_copy(update={"evaluation": evaluation}))).statement


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
    statement = verdict((base, trained.model_copy(update={"differences": changes}))).statement

    assert "moved the margin from -0.083 to +0.940 (" in statement
    assert ") and did not measurably move the AUC-ROC from 0.373 to 0.994 (" in statement


def test_a_difference_without_an_interval_is_called_not_estimable() -> None:
    base, trained = known_models()
    unknown = (
        difference("not estimable", "compatibility_margin", None),
        difference("not estimable", "auc_roc", None),
    )
    statement = verdict((base, trained.model_copy(update={"differences": unknown}))).statement

    assert statement.count("(difference not estimable)") == 2


def test_the_statement_speaks_of_the_model_with_the_best_auc() -> None:
    models = make_models(
        "finetuned", "lora", "lora-tuned", finetuned={"auc_roc": 0.8}, **{"lora-tuned": {"auc_roc": 0.9}}
    )

    assert verdict(models).statement.startswith(f"Fine-tuning ({display_name('lora-tuned')}) moved the margin")


def test_a_category_name_of_any_kind_stays_on_the_line_of_the_statement() -> None:
    base, trained = known_models()
    hostile = GroupMetrics(name="a\n# b\x1b[2J", n=50, n_compatible=25, auc_roc=1.0, auc_low=0.9, auc_high=1.0)
    evaluation: Evaluation = trained.evaluation.model_copy(
        update={"by_category": (hostile, *trained.evaluation.by_category)}
    )
    statement = verdict((base, trained.model_copy(update={"evaluation": evaluation}))).statement

    assert statement.isprintable()
    assert "# b" in statement
