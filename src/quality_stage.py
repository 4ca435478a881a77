"""Stage `evaluate-data`: score and audit the data before anything is trained on it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from .audit.checks import audit
from .audit.finding_codes import FindingCode
from .audit.learnable_labels import learnable_labels
from .audit.shallow_baselines import shallow_baselines
from .audit.shortcuts import shortcut_findings
from .data.text_table import text_table
from .data_evaluator import SyntheticDataEvaluator
from .models import AuditFinding, DataQualityReport, FindingStatus, Split
from .storage.files import write_json
from .workflow.code_version import code_version
from .workflow.environment import NUMBERS, TOKENIZERS, versions
from .workflow.stage import Stage, read_result, refuse_other_data

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .core.paths import ProjectPaths
    from .workflow.context import RunContext

COMMAND = "evaluate-data"
CAPPED_SCORE = 50.0
# fitted on train: what they tell on eval without comparing the two texts, the labels of train give away
WITHOUT_COMPARING = frozenset(
    {FindingCode.TEXT_1_ONLY, FindingCode.TEXT_2_ONLY, FindingCode.BAG_OF_WORDS, FindingCode.CHARACTER_NGRAMS}
)
CAPS_OF_TRAIN = frozenset({FindingCode.LABEL_CORRELATED_WORDS, FindingCode.RANDOM_LABELS})


def quality_stage(context: RunContext, *, verify: bool = True) -> Stage[DataQualityReport]:
    """The scores and the audit of the data files.

    Args:
        context: The run.
        verify: Hash its files instead of looking at their sizes only.
    """
    return Stage(
        context=context,
        name=COMMAND,
        command=COMMAND,
        inputs=lambda: quality_inputs(context),
        make=lambda paths, fingerprint: _make(context, paths, fingerprint),
        load=lambda: _load(context),
        verify=verify,
    )


def quality_inputs(context: RunContext) -> dict[str, str]:
    """Everything that the report on the data is made from."""
    tokenizer = context.tokenizer
    return {
        **context.data_hashes,
        **context.validation_hash,
        "tokenizer": "none" if tokenizer is None else tokenizer.fingerprint,
        "packages": versions(*NUMBERS, *TOKENIZERS),
        "code": code_version("quality_stage"),
    }


def _load(context: RunContext) -> DataQualityReport:
    path = context.paths.quality_report
    report = read_result(context.paths, COMMAND, path, DataQualityReport)
    train, held_out, *validation = (quality.file for quality in report.files)
    named = {Split.TRAIN: train, Split.TEST: held_out, Split.VALIDATION: next(iter(validation), None)}
    refuse_other_data(context, path, named)
    return report


def _make(context: RunContext, paths: ProjectPaths, fingerprint: str) -> None:
    started = time.monotonic()
    sets = context.pair_sets
    text_table(sets[Split.TRAIN])  # has the keys that the next line compares; everything below reads it
    context.refuse_copied_eval()
    evaluator = SyntheticDataEvaluator()
    with context.reporter.task("Evaluating the data", 4) as advance:
        train = evaluator.evaluate(sets[Split.TRAIN])
        advance(1)
        held_out = evaluator.evaluate(sets[Split.TEST])
        validation = evaluator.evaluate(context.validation_pairs) if context.validation_pairs else None
        advance(1)
        found = audit(
            sets[Split.TRAIN],
            sets[Split.TEST],
            sets.get(Split.CHALLENGE),
            context.tokenizer,
            validation=context.validation_pairs,
        )
        advance(1)
        scored = shallow_baselines(sets[Split.TRAIN], sets[Split.TEST], sets.get(Split.CHALLENGE))
        shallow = tuple(baseline.result for baseline in scored)
        findings = (
            *found,
            *shortcut_findings(shallow, sets[Split.TRAIN].words),
            learnable_labels(sets[Split.TRAIN], shallow),
        )
        advance(1)
    overall, capped_by = cap(train.overall, findings)
    report = DataQualityReport(
        overall=overall,
        capped_by=capped_by,
        train=train,
        eval=held_out,
        validation=validation,
        audit=findings,
        trivial_baselines=shallow,
        provenance=context.provenance(fingerprint, started),
    )
    write_json(paths.quality_report, report)


def cap(overall: float | None, findings: Sequence[AuditFinding]) -> tuple[float | None, str]:
    """The overall score, at most 50 where a finding caps it, and the name of that finding.

    A blocker caps the score; without one, a warning that the labels of train are given away or look random does.
    """
    blockers = [finding for finding in findings if finding.status is FindingStatus.BLOCKER]
    warnings = [finding for finding in findings if finding.status is FindingStatus.WARN and _is_about_labels(finding)]
    if overall is None or overall <= CAPPED_SCORE or not blockers + warnings:
        return overall, ""
    return CAPPED_SCORE, (blockers + warnings)[0].name


def _is_about_labels(finding: AuditFinding) -> bool:
    about_train = finding.role is Split.TRAIN and finding.code in CAPS_OF_TRAIN
    return about_train or finding.code in WITHOUT_COMPARING
