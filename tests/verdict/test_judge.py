from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from src.audit.finding_codes import FindingCode
from src.core.formatting import display_name
from src.models import (
    AuditFinding,
    DataFile,
    Estimate,
    FindingStatus,
    ModelChange,
    ShallowBaseline,
    Split,
    VerdictStatus,
)
from src.verdict.judge import REPEATS, judge
from tests.support.judged_models import challenge, difference, faultless, make_models

if TYPE_CHECKING:
    from collections.abc import Sequence

    from src.models import GroupMetrics, ModelSummary, PairedDifference, Verdict


BEST_BASELINE = ShallowBaseline(name="bag_of_words", auc_roc=0.977, auc_low=0.96, auc_high=0.99, n=120)
OTHER_FILE = DataFile(name="other_pairs.jsonl", sha256="e" * 64, n=120, n_compatible=60)
THIRD_FILE = DataFile(name="third_pairs.jsonl", sha256="d" * 64, n=120, n_compatible=60)


def verdict(
    models: tuple[ModelSummary, ...],
    best: ShallowBaseline | None = BEST_BASELINE,
    beats: dict[str, PairedDifference] | None = None,
    audit: Sequence[AuditFinding] = (),
) -> Verdict:
    known = beats or {}
    held = [model.model_copy(update={"against_trivial": known.get(model.name)}) for model in models]
    return judge(held, best, audit)


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
        code=FindingCode.COPIED_PAIRS if about_split else FindingCode.CONTRADICTED_LABELS,
        role=Split.TEST,
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
        best=BEST_BASELINE,
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

    name = "challenge set below chance" if "worse" in shown else "challenge set not above chance"
    assert found(result) == ([("WARN", name)] if shown else [])
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
def test_a_model_that_is_not_better_than_the_best_shallow_baseline_is_warned_of(
    outcome: str, value: float | None, interval: str
) -> None:
    result = verdict(
        make_models(finetuned={"auc_roc": 0.98}),
        best=BEST_BASELINE,
        beats={"finetuned": difference(outcome, value=value)},
    )

    assert found(result) == [("WARN", "shallow baseline not beaten")]
    text = result.findings[0].text
    says = "cannot be compared with" if outcome == "not estimable" else "does not beat"
    assert text.startswith(f"{display_name('finetuned')}: AUC 0.980 {says} the shallow baseline bag of words (0.977); ")
    assert text.endswith(f"; {interval}")


def test_every_trained_model_is_compared_with_the_best_shallow_baseline() -> None:
    beats = {
        "finetuned": difference("better"),
        "lora": difference("worse", value=-0.4, model="lora"),
        "lora-tuned": difference("not distinguishable", value=0.0, model="lora-tuned"),
    }
    result = verdict(make_models("finetuned", "lora", "lora-tuned"), best=BEST_BASELINE, beats=beats)

    warned = [
        finding.text.split(":")[0]
        for finding in result.findings
        if finding.code == FindingCode.SHALLOW_BASELINE_NOT_BEATEN
    ]
    assert warned == [display_name("lora"), display_name("lora-tuned")]


def test_that_no_shallow_baseline_has_an_auc_is_warned_of_once() -> None:
    assert found(verdict(make_models("finetuned", "lora"), best=None)) == [("WARN", "no shallow baseline")]


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


@pytest.mark.parametrize("role", Split)
@pytest.mark.parametrize("code", sorted(REPEATS))
@pytest.mark.parametrize("status", [FindingStatus.NOTE, FindingStatus.WARN])
def test_many_repeats_in_eval_are_warned_of_because_they_narrow_every_interval(
    code: FindingCode, status: FindingStatus, role: Split
) -> None:
    changes = {"code": code, "role": role, "name": "train: any words"}
    finding = audited(status, about_split=False).model_copy(update=changes)

    told = found(verdict(make_models(), audit=[finding]))

    assert told == ([("WARN", "train: any words")] if status is FindingStatus.WARN and role is Split.TEST else [])


def test_shortcuts_are_warned_of_in_one_line() -> None:
    one, two, note = (
        audited(status, about_split=False).model_copy(update={"code": code, "name": "eval: any words"})
        for code, status in (
            (FindingCode.TEXT_1_ONLY, FindingStatus.WARN),
            (FindingCode.LENGTH, FindingStatus.WARN),
            (FindingCode.BAG_OF_WORDS, FindingStatus.NOTE),
        )
    )

    (finding,) = verdict(make_models(), audit=[one, note, two]).findings

    assert finding.code == FindingCode.LABELS_PREDICTED
    assert finding.text == (
        "shallow baselines predict the labels of eval: text 1 only, length; the audit has their AUCs"
    )


def test_a_finding_of_the_audit_keeps_its_code_in_the_verdict() -> None:
    audit = [audited(FindingStatus.WARN), audited(FindingStatus.BLOCKER, about_split=False)]

    assert [finding.code for finding in verdict(make_models(), audit=audit).findings] == ["LEAK-001", "LABEL-001"]


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
