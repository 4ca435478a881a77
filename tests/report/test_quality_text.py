from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from src.audit.checks import audit
from src.audit.shallow_baselines import shallow_baselines
from src.data_evaluator import SyntheticDataEvaluator
from src.models import DataQualityReport, FindingStatus, Provenance
from src.report.quality_text import summary_text

if TYPE_CHECKING:
    from tests.conftest import PairSetFactory


@pytest.fixture
def report(random_pairs: PairSetFactory) -> DataQualityReport:
    train, held_out = random_pairs(80, seed=1, name="train.jsonl"), random_pairs(40, seed=2, name="eval.jsonl")
    held_out.text_1[:10], held_out.text_2[:10] = train.text_1[:10], train.text_2[:10]
    evaluator = SyntheticDataEvaluator()
    return DataQualityReport(
        overall=50.0,
        capped_by="eval: pairs copied from train",
        train=evaluator.evaluate(train),
        eval=evaluator.evaluate(held_out),
        audit=audit(train, held_out, None),
        trivial_baselines=tuple(b.result for b in shallow_baselines(train, held_out, held_out)),
        provenance=Provenance(
            created_at=datetime(2026, 1, 1, tzinfo=UTC),
            duration_seconds=1,
            command="evaluate-data",
            python="3.11",
            platform="test",
            packages={},
            fingerprint="f",
        ),
    )


def unwrapped(text: str) -> str:
    return " ".join(text.split())


def test_no_line_is_wider_than_80_columns(report: DataQualityReport) -> None:
    assert max(map(len, summary_text(report).splitlines())) <= 80


def test_every_check_finding_and_baseline_is_named(report: DataQualityReport) -> None:
    text = unwrapped(summary_text(report))
    checks = [
        c.name.replace("_", " ")
        for quality in (report.train, report.eval)
        for d in quality.dimensions
        for c in d.checks
    ]

    assert all(name in text for name in [*checks, *(f.name for f in report.audit)])
    assert all(baseline.name.replace("_", " ") in text for baseline in report.trivial_baselines)


def test_the_score_comes_first_with_its_target_and_what_caps_it(report: DataQualityReport) -> None:
    lines = summary_text(report).splitlines()

    assert lines[2:4] == [
        "overall 50.0 of 100, target 60: not met",
        "capped at 50 by the finding 'eval: pairs copied from train'",
    ]


def test_a_score_at_the_target_meets_it(report: DataQualityReport) -> None:
    met = report.model_copy(update={"overall": 60.0, "capped_by": ""})

    assert "overall 60.0 of 100, target 60: met" in summary_text(met)
    assert "capped" not in summary_text(met)


def test_what_is_not_decidable_says_so_instead_of_a_number(report: DataQualityReport) -> None:
    text = summary_text(report.model_copy(update={"overall": None}))

    assert "overall n/a of 100" in text
    assert "notapplicable:oneorderofspeakersonly" in column(text, 2)
    assert "n/a" in column(text, 1)


def test_findings_stand_worst_first(report: DataQualityReport) -> None:
    starts = [line.split()[0].lower() for line in summary_text(report).splitlines() if line[:1].isupper()]
    statuses = [start for start in starts if start in set(FindingStatus)]

    assert statuses[0] == "blocker"
    assert statuses == sorted(statuses, key=["blocker", "warn", "note", "ok"].index)


def test_a_finding_that_is_not_ok_says_what_to_do_and_where_to_look(report: DataQualityReport) -> None:
    text = summary_text(report)

    assert re.search(r"What to do +drop the copies from this file", text)
    assert re.search(r"Rows to look at +eval\.jsonl:1, 2, 3", text)


def column(text: str, position: int) -> str:
    """The text of one column of the tables of checks, without spaces."""
    checks = text[: text.index("\nAudit\n")]
    rows = [line.split("│")[1:-1] for line in checks.splitlines() if line.count("│") == 5]
    return "".join("".join(row[position] for row in rows).split())


def test_a_check_below_full_marks_says_what_was_asked_for_and_why(report: DataQualityReport) -> None:
    asked = column(summary_text(report), 3)
    checks = [c for quality in (report.train, report.eval) for d in quality.dimensions for c in d.checks]
    short = [check for check in checks if check.score is not None and check.score < 100]

    assert short
    assert asked == "".join("".join(f"{check.limit};{check.why}".split()) for check in short)


def test_checks_in_order_are_listed_too(report: DataQualityReport) -> None:
    fine = [finding for finding in report.audit if finding.status is FindingStatus.OK]
    text = unwrapped(summary_text(report))

    assert fine
    assert all(f"OK {finding.name} Observed: {finding.observed}; Limit: {finding.limit}" in text for finding in fine)


def test_the_file_is_the_same_in_every_terminal(report: DataQualityReport, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = summary_text(report)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "40")

    assert summary_text(report) == plain
