from __future__ import annotations

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


def test_no_line_is_wider_than_80_columns(report: DataQualityReport) -> None:
    assert max(map(len, summary_text(report).splitlines())) <= 80


def test_every_check_finding_and_baseline_is_named(report: DataQualityReport) -> None:
    text = " ".join(summary_text(report).split())
    checks = [c.name for quality in (report.train, report.eval) for d in quality.dimensions for c in d.checks]

    assert all(name in text for name in [*checks, *(f.name for f in report.audit)])
    assert all(baseline.name.replace("_", " ") in text for baseline in report.trivial_baselines)


def test_the_score_comes_first_with_its_target_and_what_caps_it(report: DataQualityReport) -> None:
    lines = summary_text(report).splitlines()

    assert lines[2:4] == [
        "overall 50.0 of 100, target 60: not met",
        "capped by the blocker 'eval: pairs copied from train'",
    ]


def test_a_score_at_the_target_meets_it(report: DataQualityReport) -> None:
    met = report.model_copy(update={"overall": 60.0, "capped_by": ""})

    assert "overall 60.0 of 100, target 60: met" in summary_text(met)
    assert "capped" not in summary_text(met)


def test_what_is_not_decidable_says_so_instead_of_a_number(report: DataQualityReport) -> None:
    text = summary_text(report.model_copy(update={"overall": None}))

    assert "overall n/a of 100" in text
    assert "n/a  speaker_label: not applicable: one order of speakers only" in text


def test_findings_stand_worst_first(report: DataQualityReport) -> None:
    starts = [line.split()[0].lower() for line in summary_text(report).splitlines() if line[:1].isupper()]
    statuses = [start for start in starts if start in set(FindingStatus)]

    assert statuses[0] == "blocker"
    assert statuses == sorted(statuses, key=["blocker", "warn", "note", "ok"].index)


def test_a_finding_that_is_not_ok_says_what_to_do_and_where_to_look(report: DataQualityReport) -> None:
    text = summary_text(report)

    assert "do: drop the copies from this file" in text
    assert "look at: eval.jsonl:1, eval.jsonl:2" in text
