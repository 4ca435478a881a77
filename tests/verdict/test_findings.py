from __future__ import annotations

from string import Formatter

import pytest

from src.audit.finding_codes import FindingCode
from src.models import AuditFinding, FindingStatus, Split
from src.verdict.findings import WORDINGS, audit_finding, reasons_of, verdict_finding
from src.wording.decision import outcome_of
from tests.support.factories import make_verdict


@pytest.mark.parametrize("code", WORDINGS)
def test_a_finding_has_code_and_name_of_its_line_and_no_brace_is_left(code: FindingCode) -> None:
    wording = WORDINGS[code]
    fields = {field for _, field, _, _ in Formatter().parse(wording.name + wording.text) if field}
    measured = dict.fromkeys(fields, 1.0)
    found = verdict_finding(code, "note", **measured)

    assert (found.code, found.role, found.name) == (code, "note", wording.name.format_map(measured))
    assert not set(found.name + found.text) & set("{}")


def test_what_was_measured_stands_in_the_text_as_it_is_whatever_it_holds() -> None:
    found = verdict_finding(FindingCode.DIFFERENT_DATA, "reason", "lora", splits="{splits} {0} %s")

    assert found.text == "lora: evaluated with other files than the base model: {splits} {0} %s"
    assert found.model == "lora"


def test_a_number_that_a_text_needs_cannot_be_left_out() -> None:
    with pytest.raises(KeyError, match="cosine"):
        verdict_finding(FindingCode.SPACE_COLLAPSED, "note", "lora")


def test_a_test_of_the_decision_gives_its_findings_with_how_it_came_out() -> None:
    test = make_verdict().decision.tests[1].model_copy(update={"findings": ("CHAL-002",)})
    (found,) = reasons_of(test, "finetuned")

    assert (found.code, found.role, found.model) == ("CHAL-002", "reason", "finetuned")
    assert found.text == f"standard: {outcome_of(test)}"
    assert reasons_of(test.model_copy(update={"findings": ()}), "finetuned") == []


def test_a_finding_of_the_audit_is_repeated_with_what_to_do() -> None:
    finding = AuditFinding(
        code=FindingCode.COPIED_PAIRS,
        role=Split.TEST,
        name="eval: pairs copied from train",
        status=FindingStatus.BLOCKER,
        observed="42 of 295 pairs",
        limit="warn above 0 %",
        n=295,
        why="memory",
        action="drop them",
    )
    found = audit_finding(finding, "reason")

    assert (found.code, found.role, found.name, found.model) == ("LEAK-001", "reason", finding.name, "")
    assert found.text == "eval: pairs copied from train: 42 of 295 pairs; drop them"
