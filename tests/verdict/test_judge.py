from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from src.audit.finding_codes import FindingCode
from src.core.errors import UserInputError
from src.models import (
    GENERAL_ENGLISH,
    AuditFinding,
    DataFile,
    DecisionRules,
    Estimate,
    FindingStatus,
    GuardDifference,
    ModelChange,
    Outcome,
    PairedDifference,
    Split,
)
from src.verdict.judge import REPEATS, judge
from tests.support.judged_models import challenge, faultless, make_models, passing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from src.models import ModelSummary, Verdict


OTHER_FILE = DataFile(name="other_pairs.jsonl", sha256="e" * 64, n=120, n_compatible=60)
UNCHANGED = ModelChange(max_abs_difference=0.0, mean_cosine_to_base=1.0)


def verdict(
    models: tuple[ModelSummary, ...] | None = None,
    audit: Sequence[AuditFinding] = (),
    **rules: Any,  # noqa: ANN401 - any field
) -> Verdict:
    return judge(models or make_models(), audit, DecisionRules(**rules))


def with_intervals(**intervals: tuple[float, float] | None) -> tuple[ModelSummary, ...]:
    base, trained = make_models()
    return base, trained.model_copy(update={"slice_differences": passing("finetuned", **intervals)})


def geometry_of(models: tuple[ModelSummary, ...], cosine: float | None) -> object:
    return models[0].evaluation.geometry.model_copy(update={"random_pair_cosine": cosine})


def ranked(rank: float | None) -> object:
    return faultless("finetuned").evaluation.geometry.model_copy(update={"effective_rank": rank})


def auc_between(low: float | None, high: float | None) -> tuple[Estimate, ...]:
    return (Estimate(name="auc_roc", value=0.3, low=low, high=high),)


def outcome(result: Verdict) -> str:
    return result.decision.outcome.value


def found(result: Verdict) -> list[tuple[str, str]]:
    return [(finding.role, finding.code) for finding in result.findings]


def audited(code: FindingCode, status: FindingStatus, **changes: Any) -> AuditFinding:  # noqa: ANN401 - any field
    """A finding of the audit about eval."""
    values: dict[str, Any] = {
        "code": code,
        "role": Split.TEST,
        "name": "eval: what it looked for",
        "status": status,
        "observed": "42 of 295 pairs (14.2%)",
        "limit": "warn above 0 %",
        "n": 295,
        "why": "memory",
        "action": "drop them",
        "about_split": code.startswith("LEAK"),
    }
    return AuditFinding(**values | changes)


# --- the decision ---------------------------------------------------------------------------------------


def test_a_comparison_with_nothing_wrong_is_shipped_and_has_no_finding() -> None:
    result = verdict(audit=[audited(FindingCode.COPIED_PAIRS, FindingStatus.OK)])

    assert outcome(result) == "SHIP"
    assert result.findings == ()
    assert [test.state for test in result.decision.tests] == ["pass"] * 4


@pytest.mark.parametrize(
    ("models", "wanted", "code"),
    [
        (with_intervals(clean=(-0.01, 0.1)), "CANNOT TELL", "GAIN-006"),
        (with_intervals(clean=(-0.01, 0.01)), "DO NOT SHIP", "GAIN-005"),
        (with_intervals(clean=(-0.1, -0.01)), "DO NOT SHIP", "GAIN-001"),
        (with_intervals(challenge=(-0.1, 0.1)), "CANNOT TELL", "CHAL-004"),
        (with_intervals(challenge=(-0.2, -0.1)), "DO NOT SHIP", "CHAL-003"),
        (with_intervals(challenge=None), "CANNOT TELL", "CHAL-004"),
        (with_intervals(shallow=(-0.1, 0.1)), "CANNOT TELL", "GAIN-002"),
        (with_intervals(shallow=(-0.2, -0.1)), "DO NOT SHIP", "GAIN-002"),
        (with_intervals(shallow=None), "CANNOT TELL", "GAIN-003"),
        (make_models(finetuned={"slices": (challenge(0.53, 0.45, 0.61),)}), "CANNOT TELL", "CHAL-001"),
        (make_models(finetuned={"slices": (challenge(0.4, 0.33, 0.47),)}), "DO NOT SHIP", "CHAL-002"),
        (make_models(finetuned={"slices": (challenge(None),)}), "CANNOT TELL", "CHAL-001"),
    ],
)
def test_a_test_that_does_not_pass_is_the_reason_of_the_decision(
    models: tuple[ModelSummary, ...], wanted: str, code: str
) -> None:
    result = verdict(models)

    assert outcome(result) == wanted
    assert found(result) == [("reason", code)]
    assert result.findings[0].text.startswith("standard: ")
    assert result.findings[0].text.removeprefix("standard: ") in result.statement


def test_the_gain_is_taken_from_the_cleanest_slice_that_has_an_interval() -> None:
    result = verdict(with_intervals(clean=None, copies=(-0.1, -0.05)))

    assert result.decision.tests[0].slice == "not copied from train"
    assert outcome(result) == "DO NOT SHIP"


@pytest.mark.parametrize(("clean", "told"), [(None, True), ((0.05, 0.1), False)])
def test_a_gain_on_texts_that_train_has_says_nothing_of_new_texts(
    clean: tuple[float, float] | None, told: bool
) -> None:
    result = verdict(with_intervals(clean=clean, copies=(0.05, 0.1)))

    assert outcome(result) == "SHIP"
    assert (("note", "GAIN-007") in found(result)) is told
    assert ("(not copied from train; too few have new texts)" in result.statement) is told


@pytest.mark.parametrize(
    ("values", "wanted"), [((-0.02, 0.1), "SHIP"), ((-0.1, 0.1), "CANNOT TELL"), ((-0.2, -0.1), "DO NOT SHIP")]
)
def test_a_slice_that_the_user_names_must_hold(values: tuple[float, float], wanted: str) -> None:
    models = with_intervals(values=values)

    assert outcome(verdict(models)) == "SHIP"
    assert outcome(verdict(models, must_hold=("category=values",))) == wanted


def test_a_named_slice_that_is_too_small_leaves_its_test_open() -> None:
    result = verdict(must_hold=("category=rare_topic", "category=rare_topic"))

    assert outcome(result) == "CANNOT TELL"
    assert found(result) == [("reason", "SLICE-003")]
    assert "(1 pairs) has no interval (fewer than 30 pairs" in result.findings[0].text


def test_a_slice_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(
        UserInputError, match=r"^--must-hold values: no such slice; there is category=\w+, .*, and 4 more$"
    ):
        verdict(must_hold=("values",))


# --- the candidate --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "wanted", "candidate"),
    [
        (("finetuned", "lora", "lora-tuned"), None, "finetuned"),
        (("finetuned", "lora"), "lora", "lora"),
        (("finetuned", "lora"), "standard", "finetuned"),
        (("mine",), None, "mine"),
    ],
)
def test_the_candidate_is_named_and_never_chosen_by_its_numbers(
    names: tuple[str, ...], wanted: str | None, candidate: str
) -> None:
    models = make_models(*names, finetuned={"auc_roc": 0.1}, lora={"auc_roc": 0.99})

    assert verdict(models, candidate=wanted).decision.candidate == candidate


@pytest.mark.parametrize(
    ("names", "wanted", "message"),
    [
        (("finetuned", "lora"), "loro", "--candidate loro: no such model; there is standard, lora"),
        (("finetuned",), "baseline", "--candidate baseline: no such model; there is standard"),
        (
            ("mine", "yours"),
            None,
            "which model may be shipped is not clear: there is mine, yours; name one with --cand",
        ),
    ],
)
def test_a_candidate_that_is_not_there_or_not_clear_is_refused(
    names: tuple[str, ...], wanted: str | None, message: str
) -> None:
    models = [
        model if model.name in {"finetuned", "baseline"} else model.model_copy(update={"training": None})
        for model in make_models(*names)
    ]
    with pytest.raises(UserInputError) as caught:
        judge(models, (), DecisionRules(candidate=wanted))

    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    "fault",
    [
        {"change": UNCHANGED},
        {"auc_roc": None},
        {"eval_data": OTHER_FILE},
        {"slices": (challenge(0.3, 0.2, 0.4),)},
    ],
)
def test_another_model_than_the_candidate_decides_nothing(fault: dict[str, Any]) -> None:
    models = make_models("finetuned", "lora", lora=fault)

    result = verdict(models)

    assert outcome(result) == "SHIP"
    assert {role for role, _ in found(result)} <= {"note"}
    assert outcome(verdict(models, candidate="lora")) != "SHIP"


# --- INVALID --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("largest", "invalid"), [(0.0, True), (1e-5, True), (1.1e-5, False), (0.2, False)])
def test_embeddings_equal_to_the_base_models_are_invalid(largest: float, invalid: bool) -> None:
    change = ModelChange(max_abs_difference=largest, mean_cosine_to_base=1.0)
    result = verdict(make_models(finetuned={"change": change}))

    assert (outcome(result) == "INVALID") == invalid
    told = (
        "its embeddings equal the base model's: the training changed nothing, its weights were not applied, or "
        "validation chose step 0"
    )
    assert [finding.text for finding in result.findings] == [f"standard: {told}"] * invalid


@pytest.mark.parametrize("split", ["train", "eval", "challenge"])
@pytest.mark.parametrize("different", ["baseline", "finetuned"])
def test_a_candidate_evaluated_with_other_data_than_the_base_model_is_invalid(different: str, split: str) -> None:
    result = verdict(make_models(**{different: {f"{split}_data": OTHER_FILE}}))

    assert outcome(result) == "INVALID"
    assert [finding.text for finding in result.findings] == [
        f"standard: evaluated with other files than the base model: {split}"
    ]


def test_a_challenge_set_that_only_one_model_has_seen_is_different_data() -> None:
    some = verdict(make_models(finetuned={"challenge_data": None}))
    none = verdict(make_models(baseline={"challenge_data": None}, finetuned={"challenge_data": None}))

    assert outcome(some) == "INVALID"
    assert outcome(none) == "SHIP"


def test_a_candidate_without_an_auc_is_invalid() -> None:
    result = verdict(make_models(finetuned={"auc_roc": None}))

    assert (outcome(result), found(result)) == ("INVALID", [("reason", "MODEL-003")])


def test_an_invalid_comparison_says_why_and_states_no_number() -> None:
    result = verdict(make_models(finetuned={"change": UNCHANGED}))

    assert result.statement == (
        "The numbers of this comparison must not be used: standard: its embeddings equal the base model's: the "
        "training changed nothing, its weights were not applied, or validation chose step 0."
    )
    assert result.line.startswith("VERDICT: INVALID | score=n/a | baseline=n/a | delta=n/a | ")


@pytest.mark.parametrize(
    ("code", "role", "clean", "wanted"),
    [
        # pairs that the cleanest slice leaves out
        ("COPIED_PAIRS", Split.TEST, (0.05, 0.15), "SHIP"),
        ("RELABELLED_PAIRS", Split.TEST, (0.05, 0.15), "SHIP"),
        ("CONTRADICTED_LABELS", Split.TEST, (0.05, 0.15), "SHIP"),
        # without it, many copies mean a split that looked at no text
        ("COPIED_PAIRS", Split.TEST, None, "INVALID"),
        ("RELABELLED_PAIRS", Split.TEST, None, "SHIP"),
        ("CONTRADICTED_LABELS", Split.TEST, None, "SHIP"),
        # no slice is without these
        ("MISNAMED_LABELS", Split.TEST, (0.05, 0.15), "INVALID"),
        ("COPIED_PAIRS", Split.CHALLENGE, (0.05, 0.15), "INVALID"),
        ("CONTRADICTED_LABELS", Split.CHALLENGE, (0.05, 0.15), "INVALID"),
        # what is wrong in train alone makes the model worse, and the test pairs show it
        ("CONTRADICTED_LABELS", Split.TRAIN, (0.05, 0.15), "SHIP"),
        ("MISNAMED_LABELS", Split.TRAIN, (0.05, 0.15), "SHIP"),
        # and what is wrong in validation makes the choice worse
        ("COPIED_PAIRS", Split.VALIDATION, (0.05, 0.15), "SHIP"),
        ("CONTRADICTED_LABELS", Split.VALIDATION, (0.05, 0.15), "SHIP"),
    ],
)
def test_a_blocker_of_the_audit_is_invalid_unless_the_slice_that_decides_is_without_it(
    code: str, role: Split, clean: tuple[float, float] | None, wanted: str
) -> None:
    blocker = audited(FindingCode[code], FindingStatus.BLOCKER, role=role)
    result = verdict(with_intervals(clean=clean, shallow=clean), audit=[blocker])

    assert outcome(result) == wanted
    told = next(finding for finding in result.findings if finding.code == blocker.code)
    assert told.role == ("reason" if wanted == "INVALID" else "note")
    assert told.text == "eval: what it looked for: 42 of 295 pairs (14.2%); drop them"
    assert (told.text in result.statement) == (wanted == "INVALID")


@pytest.mark.parametrize("status", [FindingStatus.OK, FindingStatus.NOTE, FindingStatus.WARN])
def test_a_finding_of_the_audit_that_is_no_blocker_decides_nothing(status: FindingStatus) -> None:
    assert outcome(verdict(audit=[audited(FindingCode.MISNAMED_LABELS, status)])) == "SHIP"


def test_reasons_stand_before_notes_and_both_in_the_line_with_their_codes() -> None:
    audit = [audited(FindingCode.SHARED_TEXTS, FindingStatus.WARN)]
    models = make_models("finetuned", "lora", finetuned={"change": UNCHANGED}, lora={"change": UNCHANGED})
    result = verdict(models, audit)

    assert found(result) == [("reason", "MODEL-002"), ("note", "LEAK-003"), ("note", "MODEL-002")]
    assert result.line.endswith(" | findings=MODEL-002,LEAK-003")
    assert result.decision.outcome is Outcome.INVALID


# --- notes ----------------------------------------------------------------------------------------------


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

    assert found(result) == [("note", "MODEL-004")] * inverted
    if inverted:
        assert result.findings[0].text.endswith(": AUC 0.06 on eval, 0.99 on train: labels inverted?")


@pytest.mark.parametrize(
    ("rank", "base_rank", "lost"),
    [
        (3.0, 148.9, True),
        (37.2, 148.9, True),
        (37.3, 148.9, False),
        (79.6, 148.9, False),
        (None, 148.9, False),
        (3, None, False),
    ],
)
def test_texts_that_spread_over_less_than_a_quarter_of_the_base_models_directions_are_a_collapsed_space(
    rank: float | None, base_rank: float | None, lost: bool
) -> None:
    result = verdict(make_models(baseline={"geometry": ranked(base_rank)}, finetuned={"geometry": ranked(rank)}))

    assert found(result) == [("note", "MODEL-006")] * lost
    if lost:
        assert f"over {rank:.1f} directions (effective rank), the base model's over {base_rank:.1f}" in (
            result.findings[0].text
        )


@pytest.mark.parametrize(
    ("cosine", "base_cosine", "collapsed"),
    [
        (0.81, 0.2, True),
        (0.79, 0.2, False),
        (0.95, 0.9, False),
        (0.98, 0.9, True),
        (1.0, 1.0, False),
        (None, 0.2, False),
        (0.95, None, False),
    ],
)
def test_random_texts_that_lose_three_quarters_of_their_distance_in_the_base_models_space_are_a_collapsed_space(
    cosine: float | None, base_cosine: float | None, collapsed: bool
) -> None:
    models = make_models()
    ours, base = (geometry_of(models, value) for value in (cosine, base_cosine))

    result = verdict(make_models(baseline={"geometry": base}, finetuned={"geometry": ours}))

    assert (outcome(result), found(result)) == ("SHIP", [("note", "MODEL-005")] * collapsed)
    if collapsed:
        assert f"{cosine:.2f}, in the base model's space {base_cosine:.2f}" in result.findings[0].text


def test_a_fault_of_the_base_model_is_no_finding() -> None:
    models = make_models()
    odd = {"geometry": geometry_of(models, 0.99), "slices": (challenge(0.5, 0.4, 0.6),), "train_auc_roc": 0.9}

    assert found(verdict(make_models(baseline=odd))) == []


def test_that_there_is_no_challenge_set_is_a_note() -> None:
    without = {"slices": (), "challenge_data": None}
    result = verdict(make_models(baseline=without, finetuned=without))

    assert (outcome(result), found(result)) == ("SHIP", [("note", "CHAL-005")])


@pytest.mark.parametrize(
    ("status", "about_split", "told"),
    [
        (FindingStatus.OK, True, False),
        (FindingStatus.NOTE, True, False),
        (FindingStatus.WARN, True, True),
        (FindingStatus.WARN, False, False),
    ],
)
def test_a_warning_about_the_split_is_a_note_with_what_to_do(
    status: FindingStatus, about_split: bool, told: bool
) -> None:
    result = verdict(audit=[audited(FindingCode.SHARED_TEXTS, status, about_split=about_split)])

    assert [(finding.role, finding.text) for finding in result.findings] == [
        ("note", "eval: what it looked for: 42 of 295 pairs (14.2%); drop them")
    ] * told


@pytest.mark.parametrize("role", Split)
@pytest.mark.parametrize("code", sorted(REPEATS))
@pytest.mark.parametrize("status", [FindingStatus.NOTE, FindingStatus.WARN])
def test_many_repeats_in_eval_are_a_note_because_they_narrow_every_interval(
    code: FindingCode, status: FindingStatus, role: Split
) -> None:
    told = found(verdict(audit=[audited(code, status, role=role)]))

    assert told == ([("note", code)] if status is FindingStatus.WARN and role is Split.TEST else [])


def test_shortcuts_are_told_in_one_line() -> None:
    audit = [
        audited(FindingCode.TEXT_1_ONLY, FindingStatus.WARN),
        audited(FindingCode.BAG_OF_WORDS, FindingStatus.NOTE),
        audited(FindingCode.LENGTH, FindingStatus.WARN),
    ]

    (finding,) = verdict(audit=audit).findings

    assert finding.code == FindingCode.LABELS_PREDICTED
    assert finding.text == (
        "shallow baselines predict the labels of eval: text 1 only, length; the audit has their AUCs"
    )


# --- guards ---------------------------------------------------------------------------------------------


def with_guard(ends: tuple[float, float], *, shipped: bool) -> tuple[ModelSummary, ...]:
    """The baseline, and a model that passes all tests but for one on a guard."""
    base, mine = make_models("mine")
    change = PairedDifference(
        model="mine", metric="spearman_correlation", value=sum(ends) / 2, low=ends[0], high=ends[1], outcome="worse"
    )
    guard = GuardDifference(
        slice=GENERAL_ENGLISH if shipped else "old.csv",
        n=200,
        n_compatible=100,
        auc_roc=None,
        other_auc_roc=None,
        spearman=0.7,
        other_spearman=0.75,
        difference=change,
        shipped=shipped,
    )
    return base, mine.model_copy(update={"guards": (guard,)})


@pytest.mark.parametrize(
    ("ends", "shipped", "must_hold", "outcome", "finding"),
    [
        ((-0.2, -0.04), False, (), "DO NOT SHIP", ("reason", "GUARD-001")),
        ((-0.04, 0.02), False, (), "CANNOT TELL", ("reason", "GUARD-002")),
        ((-0.02, 0.02), False, (), "SHIP", None),
        ((-0.2, -0.04), True, (), "DO NOT SHIP", ("reason", "GUARD-003")),
        ((-0.04, 0.02), True, (), "SHIP", ("note", "GUARD-004")),
        ((-0.04, 0.02), True, (GENERAL_ENGLISH,), "CANNOT TELL", ("reason", "GUARD-002")),
        ((-0.02, 0.02), True, (), "SHIP", None),
    ],
)
def test_a_named_guard_has_to_hold_and_the_one_that_ships_only_must_not_fail(
    ends: tuple[float, float],
    shipped: bool,
    must_hold: tuple[str, ...],
    outcome: str,
    finding: tuple[str, str] | None,
) -> None:
    result = judge(with_guard(ends, shipped=shipped), (), DecisionRules(candidate="mine", must_hold=must_hold))

    found = [(one.role, one.code) for one in result.findings if one.code.startswith("GUARD")]
    assert result.decision.outcome == outcome
    assert found == ([finding] if finding else [])


def test_the_statement_counts_only_tests_that_decide() -> None:
    result = judge(with_guard((-0.04, 0.02), shipped=True), (), DecisionRules(candidate="mine"))

    assert result.statement.startswith("mine passes all 4 tests: ")
    (note,) = (one.text for one in result.findings if one.code == "GUARD-004")
    assert note.startswith("mine: change on general English (Spearman) (200 pairs) is")
