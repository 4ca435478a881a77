from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import pytest

from src import quality_stage as module
from src.audit.finding_codes import FindingCode
from src.core.errors import UserInputError
from src.models import AuditFinding, DataQualityReport, FindingStatus, Split
from src.quality_stage import cap, quality_stage
from src.report_stage import quality_report_stage
from src.storage.files import read_json
from src.verdict.findings import WORDINGS
from src.workflow.stage import read_record
from tests.support.data_files import records, write_jsonl
from tests.support.finished_run import Listener
from tests.support.validation_file import with_validation

if TYPE_CHECKING:
    from collections.abc import Callable

    from src.workflow.context import RunContext


def finding(
    status: FindingStatus, name: str = "leak", code: str = "LEAK-001", role: Split = Split.TEST
) -> AuditFinding:
    return AuditFinding(
        code=code, role=role, name=name, status=status, observed="x", limit="y", n=1, why="w", action="a"
    )


def test_it_writes_the_report_it_returns(context: RunContext) -> None:
    report = quality_stage(context).ensure()

    assert report == read_json(context.paths.quality_report, DataQualityReport)
    outputs = [output.path for output in read_record(context.paths, "evaluate-data").provenance.outputs]
    assert outputs == ["data/evaluation/data_quality_report.json"]
    assert (report.train.file.name, report.train.file.n) == ("dating_pairs.jsonl", 48)
    assert (report.eval.file.name, report.eval.file.n) == ("eval_pairs.jsonl", 24)


def test_the_overall_score_is_the_mean_of_the_four_dimensions_of_train(
    context: RunContext, fresh: Callable[[], RunContext]
) -> None:
    write_jsonl(context.paths.train_pairs, records(100, "t"))
    report = quality_stage(fresh()).ensure()

    scores = [dimension.score for dimension in report.train.dimensions if dimension.score is not None]
    assert [dimension.name for dimension in report.train.dimensions] == [
        "data_quality",
        "diversity",
        "bias",
        "linguistic_quality",
    ]
    assert report.train.overall == pytest.approx(sum(scores) / len(scores), abs=0.1)
    assert report.overall in (report.train.overall, 50.0)
    assert report.target == 60


def test_every_check_says_what_it_saw_what_it_wanted_and_why(context: RunContext) -> None:
    report = quality_stage(context).ensure()

    checks = [check for quality in (report.train, report.eval) for d in quality.dimensions for check in d.checks]
    assert len(checks) == 2 * 16
    for check in checks:
        assert all((check.observed, check.limit, check.why))
        assert (check.score is None) == bool(check.reason)


def test_every_finding_of_the_audit_has_a_code(context: RunContext) -> None:
    assert {finding.code for finding in quality_stage(context).ensure().audit} == set(FindingCode) - set(WORDINGS) - {
        FindingCode.CLOSE_COPIES,  # needs embeddings
        FindingCode.FEW_VALIDATION_PAIRS,  # needs a validation file
    }


def test_a_file_too_small_to_score_has_no_overall_score_and_says_so(context: RunContext) -> None:
    report = quality_stage(context).ensure()
    quality_report_stage(context).ensure()

    assert (report.overall, report.capped_by) == (None, "")
    assert report.train.reason == "too few pairs to score: 48, 100 needed"
    assert f"overall n/a of 100, target 60\n{report.train.reason}\n" in context.paths.quality_summary.read_text()


def test_the_summary_has_the_scores_of_the_report(context: RunContext, fresh: Callable[[], RunContext]) -> None:
    write_jsonl(context.paths.train_pairs, records(100, "t"))
    report = quality_stage(context := fresh()).ensure()
    quality_report_stage(context).ensure()

    text = context.paths.quality_summary.read_text()
    assert f"{report.overall:.1f}" in text
    assert all(finding.name in text for finding in report.audit)


def test_a_base_model_that_is_not_there_is_refused(context: RunContext) -> None:
    with pytest.raises(UserInputError, match="--base-model nowhere: no such folder"):
        quality_stage(dataclasses.replace(context, base_model="nowhere")).ensure()


def test_no_model_is_loaded(context: RunContext) -> None:
    report = quality_stage(dataclasses.replace(context, device_wanted="cuda")).ensure()

    assert report.provenance.device is None


def test_an_evaluation_of_the_data_that_stands_is_not_made_again(
    context: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = quality_stage(context).ensure()
    monkeypatch.delattr(module, "SyntheticDataEvaluator")
    listener = Listener()

    assert quality_stage(dataclasses.replace(context, reporter=listener)).ensure() == first
    assert listener.said == ["evaluate-data: up to date, nothing to do"]


@pytest.mark.parametrize("split", ["train", "eval", "challenge"])
def test_other_data_is_evaluated_again(context: RunContext, fresh: Callable[[], RunContext], split: str) -> None:
    first = quality_stage(context).ensure()
    write_jsonl(context.pair_sets[split].path, records(30, "new"))

    assert quality_stage(fresh()).ensure().provenance.fingerprint != first.provenance.fingerprint


def test_eval_pairs_copied_from_train_cap_the_score(context: RunContext, fresh: Callable[[], RunContext]) -> None:
    write_jsonl(context.paths.train_pairs, records(100, "t"))
    write_jsonl(context.paths.eval_pairs, [*records(24, "t"), *records(1, "e")])

    report = quality_stage(context := fresh()).ensure()
    quality_report_stage(context).ensure()

    blockers = [f.name for f in report.audit if f.status is FindingStatus.BLOCKER]
    assert report.train.overall is not None
    assert report.train.overall > 50
    assert report.overall == 50
    assert report.capped_by == blockers[0]
    assert report.capped_by in context.paths.quality_summary.read_text()


@pytest.mark.parametrize(
    ("overall", "statuses", "capped", "by"),
    [
        (80.0, [], 80.0, ""),
        (80.0, [FindingStatus.OK, FindingStatus.NOTE, FindingStatus.WARN], 80.0, ""),
        (80.0, [FindingStatus.WARN, FindingStatus.BLOCKER], 50.0, "blocker"),
        (40.0, [FindingStatus.BLOCKER], 40.0, ""),
        (50.0, [FindingStatus.BLOCKER], 50.0, ""),
        (None, [FindingStatus.BLOCKER], None, ""),
        (None, [], None, ""),
    ],
)
def test_a_blocker_caps_the_score_at_fifty(
    overall: float | None, statuses: list[FindingStatus], capped: float | None, by: str
) -> None:
    assert cap(overall, [finding(status, status.value) for status in statuses]) == (capped, by)


@pytest.mark.parametrize(
    ("code", "role", "capped"),
    [
        ("LABEL-003", Split.TRAIN, True),
        ("SHORT-002", Split.TRAIN, True),
        ("SHORT-002", Split.TEST, False),
        ("SHORT-003", Split.TEST, True),
        ("SHORT-004", Split.TEST, True),
        ("SHORT-005", Split.TEST, True),
        ("SHORT-011", Split.TEST, True),
        ("SHORT-006", Split.TEST, False),
        ("LEAK-003", Split.TEST, False),
    ],
)
def test_a_warning_that_labels_of_train_are_given_away_or_look_random_caps_the_score(
    code: str, role: Split, *, capped: bool
) -> None:
    warned, noted = (finding(status, "told", code, role) for status in (FindingStatus.WARN, FindingStatus.NOTE))

    assert cap(80.0, [warned]) == ((50.0, "told") if capped else (80.0, ""))
    assert cap(80.0, [noted]) == (80.0, "")
    assert cap(None, [warned]) == (None, "")


def test_the_first_of_two_blockers_gives_its_name() -> None:
    findings = [finding(FindingStatus.BLOCKER, "first"), finding(FindingStatus.BLOCKER, "second")]

    assert cap(99.0, findings) == (50.0, "first")


@pytest.mark.parametrize(("template", "status"), [("", FindingStatus.OK), (" never", FindingStatus.WARN)])
def test_a_template_on_one_side_that_tells_the_label_is_in_the_report(
    context: RunContext, template: str, status: FindingStatus
) -> None:
    for path, salt in ((context.paths.train_pairs, "t"), (context.paths.eval_pairs, "e")):
        write_jsonl(path, _one_sided(template, salt))

    report = quality_stage(context).ensure()
    quality_report_stage(context).ensure()

    told = {found.name: found for found in report.audit}["eval: label predicted from text 1 only"]
    assert told.status is status
    assert told.observed.startswith("AUC ")
    text = " ".join(context.paths.quality_summary.read_text().split())
    assert f"{status.value.upper()} {told.name} Observed" in text


def _one_sided(template: str, salt: str) -> list[dict[str, Any]]:
    """48 records; every verb and topic of text_1 stands once with each label, so that only the template tells it."""
    labelled = [row | {"label": i // 8 % 2} for i, row in enumerate(records(48, salt))]
    return [row | {"text_1": row["text_1"] + template * (1 - row["label"])} for row in labelled]


def test_a_validation_file_is_scored_audited_and_an_input(context: RunContext) -> None:
    run = with_validation(context)
    report = quality_stage(run).ensure()
    quality_report_stage(run).ensure()

    assert report.validation is not None
    assert report.validation.file.n == 24
    assert {finding.name for finding in report.audit} >= {
        "validation: few pairs to choose on",
        "validation: pairs copied from eval",
    }
    assert "validation.jsonl: " in run.paths.quality_summary.read_text(encoding="utf-8")
    other = with_validation(context, records(26, "w"))
    assert quality_stage(other).status().reason == "changed since: validation"
