from __future__ import annotations

from string import Formatter

import pytest

from src.audit.finding_codes import FindingCode
from src.models import AuditFinding, FindingStatus, Split, VerdictStatus
from src.verdict.findings import WORDINGS, audit_warning, verdict_finding


@pytest.mark.parametrize("code", WORDINGS)
def test_a_finding_has_code_status_and_name_of_its_line_and_no_brace_is_left(code: FindingCode) -> None:
    wording = WORDINGS[code]
    fields = {field for _, field, _, _ in Formatter().parse(wording.text) if field}
    found = verdict_finding(code, **dict.fromkeys(fields, 1.0))

    assert (found.code, found.status, found.name) == (code, wording.status, wording.name)
    assert not set(found.text) & set("{}")


def test_what_was_measured_stands_in_the_text_as_it_is_whatever_it_holds() -> None:
    found = verdict_finding(FindingCode.AUC_UNDEFINED, model="{model} {0} %s")

    assert found.text == "{model} {0} %s: AUC-ROC is not defined on these eval pairs"


def test_a_number_that_a_text_needs_cannot_be_left_out() -> None:
    with pytest.raises(KeyError, match="cosine"):
        verdict_finding(FindingCode.SPACE_COLLAPSED, model="LoRA")


def test_a_finding_of_the_audit_becomes_a_warning_with_what_to_do() -> None:
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
    found = audit_warning(finding)

    assert (found.code, found.status, found.name) == ("LEAK-001", VerdictStatus.WARN, finding.name)
    assert found.text == "eval: pairs copied from train: 42 of 295 pairs; drop them"
