from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pytest

from src.audit.finding_codes import FindingCode
from src.models import DecisionTestKind, FindingStatus, GroupMetrics, Outcome, Split, VerdictFinding
from src.verdict.findings import WORDINGS
from src.verdict.next_steps import next_steps, steps_of, weakest_group
from tests.support.factories import make_comparison

if TYPE_CHECKING:
    from src.models import ComparisonResult


@cache
def compared() -> ComparisonResult:
    return make_comparison(("baseline", "finetuned", "lora"))


def finding(code: str, role: str = "reason", model: str = "finetuned") -> VerdictFinding:
    return VerdictFinding(code=code, role=role, model=model, name="name", text="text")


def judged(*findings: VerdictFinding, **changes: object) -> ComparisonResult:
    """The comparison with these findings, and some fields of its decision replaced."""
    verdict = compared().verdict
    decision = verdict.decision.model_copy(update=changes)
    return compared().model_copy(
        update={"verdict": verdict.model_copy(update={"decision": decision, "findings": findings})}
    )


def of_test(code: str, **changes: object) -> ComparisonResult:
    """A comparison whose second test has one finding."""
    gain, test, _ = compared().verdict.decision.tests
    changed = test.model_copy(update={"findings": (code,), "against": "bag_of_words", **changes})
    return judged(finding(code), tests=(gain, changed))


@pytest.mark.parametrize("code", sorted(WORDINGS))
def test_every_finding_of_the_verdict_has_a_step_and_what_would_clear_it(code: FindingCode) -> None:
    [step] = steps_of(finding(code), of_test(code, state="open"))

    assert step.code == code
    assert step.do.endswith(".")
    assert len(step.do.split()) >= 4
    assert len(step.clears.split()) >= 4
    assert not {"{", "}"} & {*step.do, *step.clears}
    assert step.clears[0].islower()


@pytest.mark.parametrize("code", sorted(set(FindingCode) - set(WORDINGS)))
def test_a_finding_of_the_audit_has_its_action_its_limit_and_a_few_rows(code: FindingCode) -> None:
    found = compared().audit[-1].model_copy(update={"code": code, "name": "name", "rows": tuple("abcde")})
    result = judged(finding(code)).model_copy(update={"audit": (found,)})

    assert steps_of(finding(code), result)[0] == (
        code,
        "Action 3 (name; a, b, c, ...).",
        "the audit finds less than its limit (warn above 5 %)",
    )


def test_a_fault_of_several_files_is_one_step_with_rows_of_each() -> None:
    files = [("train", ("train.csv:1", "train.csv:4")), ("eval", ("test.csv:2",)), ("validation", ("dev.csv:3",))]
    first = compared().audit[-1].model_copy(update={"code": "LABEL-001"})
    found = tuple(first.model_copy(update={"name": f"{role}: two labels", "rows": rows}) for role, rows in files)
    notes = [finding("LABEL-001", "note", "").model_copy(update={"name": one.name}) for one in found]
    steps = next_steps(judged(*notes, finding("CHAL-005", "note", "")).model_copy(update={"audit": found}))

    assert [step.code for step in steps[:2]] == ["LABEL-001", "CHAL-005"]
    assert steps[0].do == (
        "Action 3 (train: two labels; train.csv:1, ...; "
        "eval: two labels; test.csv:2; validation: two labels; dev.csv:3)."
    )


def test_of_a_fault_that_decides_in_one_file_that_file_stands_first_and_of_invalid_numbers_alone() -> None:
    first = compared().audit[-1].model_copy(update={"code": "LABEL-001", "status": FindingStatus.BLOCKER})
    train, test = (
        first.model_copy(update={"name": f"{role}: two labels", "role": role, "rows": (f"{role}.csv:1",)})
        for role in (Split.TRAIN, Split.TEST)
    )
    note, reason = (
        finding("LABEL-001", role, "").model_copy(update={"name": one.name})
        for role, one in (("note", train), ("reason", test))
    )

    def step(**changes: object) -> str:
        found = judged(note, reason, **changes).model_copy(update={"audit": (train, test)})
        return next_steps(found)[0].do

    both = "Action 3 (eval: two labels; eval.csv:1; train: two labels; train.csv:1)."
    assert step(outcome=Outcome.DO_NOT_SHIP) == both
    assert step(outcome=Outcome.INVALID, faults=("LABEL-001",)) == "Action 3 (eval: two labels; eval.csv:1)."


def test_there_is_nothing_to_do_where_every_test_passes_without_a_finding() -> None:
    others = finding("MODEL-002", "note", "lora")

    assert next_steps(judged(outcome=Outcome.SHIP)) == next_steps(judged(others, outcome=Outcome.SHIP)) == ()


def test_there_are_three_steps_and_reasons_come_first() -> None:
    notes = [finding("MODEL-005", "note"), finding("LEAK-001", "note", ""), finding("CHAL-005", "note", "")]
    found = next_steps(judged(*notes, finding("CHAL-002")))

    assert [step.code for step in found] == ["CHAL-002", "LEAK-001", "CHAL-005"]


def test_of_a_decision_that_is_invalid_the_steps_are_about_what_makes_it_so() -> None:
    found = (finding("CHAL-002"), finding("MODEL-002"), finding("LEAK-002", "note", ""))
    invalid = judged(*found, outcome=Outcome.INVALID, faults=("MODEL-002",))

    assert [step.code for step in next_steps(invalid)] == ["MODEL-002"]
    assert next_steps(judged(*found, outcome=Outcome.INVALID, faults=("AUDIT-999",)))


def test_the_weakest_group_is_named_where_there_is_room() -> None:
    steps = next_steps(judged(finding("CHAL-002")))
    weakest = weakest_group(compared().models[1].evaluation.by_category)

    assert [step.code for step in steps] == ["CHAL-002", ""]
    assert weakest is not None
    assert steps[1].do.startswith(f"Look at “{weakest.name}”, the weakest group, and collect ")
    assert f"on {weakest.n} pairs" in steps[1].clears


def test_labels_that_may_be_wrong_are_to_be_checked() -> None:
    steps = next_steps(judged(finding("CHAL-002")), ["eval.jsonl:3", "eval.jsonl:8"])

    assert steps[1].do.endswith("wrong with most confidence: eval.jsonl:3, eval.jsonl:8.")
    assert len(steps) == 3


def test_an_open_test_says_how_many_pairs_would_close_it() -> None:
    [step] = steps_of(finding("CHAL-004"), of_test("CHAL-004", state="open", pairs_to_close=431))

    assert step.do == "Collect more naturally phrased pairs: about 440 pairs in all would tell, there are 120."
    assert step.clears == (
        "the AUC-ROC on the challenge set is at least 0.500 with its whole 95 % interval; "
        "now it is 0.400 [0.300, 0.490]"
    )


def test_where_no_number_of_pairs_is_known_to_tell_it_is_said() -> None:
    [step] = steps_of(finding("CHAL-004"), of_test("CHAL-004", state="open"))

    assert step.do == "More naturally phrased pairs may never tell: 0.400 lies too close to 0.500."


def test_pairs_without_an_interval_have_a_least_number() -> None:
    [step] = steps_of(finding("CHAL-004"), of_test("CHAL-004", state="open", low=None, high=None, n=12))

    assert step.do == "Collect naturally phrased pairs: there are 12; 30 are the least, 10 of each label."


def group(name: str, auc: float, accuracy: float | None = None, alarms: int | None = None) -> GroupMetrics:
    return GroupMetrics(
        name=name, n=20, n_compatible=10, auc_roc=auc, auc_low=auc - 0.1, auc_high=auc + 0.1, accuracy=accuracy,
        false_positives=alarms,
    )  # fmt: skip


def test_the_weakest_group_has_an_interval_and_others_beside_it() -> None:
    small = GroupMetrics(name="small", n=4, n_compatible=2, auc_roc=0.1)

    assert weakest_group([group("a", 0.7), group("b", 0.6), small]).name == "b"
    assert weakest_group([group("a", 0.7), small]) is None


@pytest.mark.parametrize(
    ("accuracy", "alarms", "wanted"),
    [(0.5, 8, "incompatible pairs"), (0.5, 2, "compatible pairs"), (None, None, "pairs")],
)
def test_the_pairs_to_collect_have_the_label_that_is_called_wrong_more_often(
    accuracy: float | None, alarms: int | None, wanted: str
) -> None:
    candidate = compared().models[1]
    groups = (group("a", 0.6, accuracy, alarms), group("b", 0.7))
    evaluation = candidate.evaluation.model_copy(update={"by_category": groups})
    models = (compared().models[0], candidate.model_copy(update={"evaluation": evaluation}))

    steps = next_steps(judged(finding("MODEL-005", "note")).model_copy(update={"models": models}))

    assert f"and collect {wanted} of it" in steps[-1].do


def test_two_slices_that_fail_alike_have_a_step_each() -> None:
    gain, test, _ = compared().verdict.decision.tests
    lost = [
        test.model_copy(update={"kind": DecisionTestKind.SLICE, "slice": f"category={one}", "findings": ("SLICE-002",)})
        for one in "ab"
    ]
    result = judged(finding("SLICE-002"), finding("SLICE-002"), tests=(gain, *lost))

    first, second = next_steps(result)[:2]

    assert "category=a" in first.do
    assert "category=b" in second.do
