from __future__ import annotations

import dataclasses
import json
import re
from typing import TYPE_CHECKING

import pytest
from sentence_transformers import SentenceTransformer

from src import pipeline
from src.baseline_analysis import baseline_stage
from src.comparison import comparison_stage
from src.core.errors import MissingStageError
from src.pipeline import project_status, run_all
from src.report_stage import (
    baseline_report_stage,
    comparison_report_stage,
    leave_no_texts_beside,
    short_report_stage,
)
from src.workflow.stage import read_record
from tests.support.chart_figures import BASELINE_NAMES, COMPARISON_NAMES
from tests.support.finished_run import Listener, quick_trainings, recipe
from tests.support.refusals import refused
from tests.support.validation_file import with_validation

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from src.workflow.context import RunContext
    from src.workflow.stage import Stage

    ReportStage = Callable[[RunContext], Stage[None]]

BOTH = pytest.mark.parametrize("stage", [baseline_report_stage, comparison_report_stage])
# drawing the page on the trainings takes seconds
ONE = pytest.mark.parametrize(
    "stage", [baseline_report_stage, pytest.param(comparison_report_stage, marks=pytest.mark.slow)]
)


def page(context: RunContext, stage: ReportStage) -> Path:
    return context.paths.baseline_report if stage is baseline_report_stage else context.paths.comparison_report


def drawn(context: RunContext) -> dict[str, bytes]:
    """Charts, pages and summary by name; the finished run was made below another root, which its pages name."""
    folder = context.paths.root / "eval"
    files = [path for path in folder.rglob("*") if path.suffix in {".png", ".html", ".md"}]
    return {path.name: path.read_bytes().replace(b"half_done", context.paths.root.name.encode()) for path in files}


@pytest.mark.parametrize(
    ("stage", "charts", "others"),
    [
        ("baseline", BASELINE_NAMES, {"eval/baseline_report.html"}),
        ("comparison", COMPARISON_NAMES, {"eval/comparison_report.html", "eval/model_card.md", "eval/summary.md"}),
    ],
)
def test_it_draws_eight_charts_and_a_page_that_needs_no_network(
    finished: RunContext, stage: str, charts: list[str], others: set[str]
) -> None:
    outputs = {output.path for output in read_record(finished.paths, f"report-{stage}").provenance.outputs}

    pictures = {f"eval/visualizations/{stage}/{name}.png" for name in charts}
    assert outputs == others | pictures
    assert all((finished.paths.root / path).read_bytes().startswith(b"\x89PNG") for path in pictures)
    text = (finished.paths.root / f"eval/{stage}_report.html").read_text()
    assert text.startswith("<!DOCTYPE html>")
    assert '<script src="http' not in text
    assert '<link rel="stylesheet" href="http' not in text


@ONE
def test_drawing_again_loads_no_model_and_gives_the_same_bytes(
    finished: RunContext, fresh: Callable[[], RunContext], monkeypatch: pytest.MonkeyPatch, stage: ReportStage
) -> None:
    before = drawn(finished)
    page(finished, stage).unlink()
    monkeypatch.delattr(SentenceTransformer, "__init__")
    listener = Listener()

    stage(dataclasses.replace(fresh(), reporter=listener)).ensure()

    assert [text.partition(" of the ")[0] for text in listener.said] == ["Drawing the charts and the report"]
    assert drawn(finished) == before


@BOTH
def test_a_changed_style_draws_again_and_measures_nothing(
    finished: RunContext, monkeypatch: pytest.MonkeyPatch, stage: ReportStage
) -> None:
    monkeypatch.setattr("src.report_stage.code_version", lambda _: "another palette")
    monkeypatch.setattr(pipeline, "trainings_of_run", quick_trainings)

    assert stage(finished).status().reason == "changed since: code"
    others = [line for line in project_status(finished) if not line.stage.startswith("report-")]
    assert {line.state for line in others} == {"fresh"}


def test_the_report_names_the_seed_of_its_map(finished: RunContext) -> None:
    other = dataclasses.replace(finished, seed=7)
    baseline_stage(other).ensure()

    baseline_report_stage(other).ensure()

    assert "min_dist 0.1, seed 7)" in finished.paths.baseline_report.read_text()


def test_both_pages_show_the_pairs_of_a_validation_file_too(context: RunContext) -> None:
    validated = with_validation(context)

    run_all(validated, [recipe("lora")])

    for file in (context.paths.baseline_report, context.paths.comparison_report):
        text = file.read_text()
        switch = text[text.index('aria-label="Which pairs"') :].partition("</div>")[0]
        assert re.findall(r'value="(\w+)"', switch) == ["train", "validation", "eval"]


def test_the_short_edition_without_a_chromium_is_a_page_and_a_line(
    finished: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("src.report_stage.chromium", lambda: None)
    listener = Listener()

    short_report_stage(dataclasses.replace(finished, reporter=listener)).ensure()

    assert listener.said[-1].startswith("No PDF: there is no Chromium on this machine")
    assert "Pairs to look at" in finished.paths.short_report.read_text()
    assert not finished.paths.short_pdf.exists()


def test_nothing_is_drawn_before_it_was_measured(finished: RunContext) -> None:
    finished.paths.stage_record("compare").unlink()

    with refused(MissingStageError, match=r"^compare has not been run; run `compare` first$"):
        comparison_report_stage(finished).ensure()


class TestRedacted:
    """Leaving the texts out changes what the report shows and nothing else."""

    @ONE
    def test_the_report_is_drawn_again_without_the_texts_and_again_with_them(
        self, finished: RunContext, fresh: Callable[[], RunContext], stage: ReportStage
    ) -> None:
        texts = [json.dumps(text)[1:-1] for text in finished.pair_sets["eval"].text_1]
        file = page(finished, stage)
        assert texts[0] in file.read_text()

        stage(dataclasses.replace(fresh(), redact=True)).ensure()
        redacted = file.read_text()
        assert not any(text in redacted for text in texts)

        stage(fresh()).ensure()
        assert texts[0] in file.read_text()

    @ONE
    def test_a_report_that_is_as_it_is_wanted_is_not_drawn_again(
        self, finished: RunContext, fresh: Callable[[], RunContext], stage: ReportStage
    ) -> None:
        stage(dataclasses.replace(fresh(), redact=True)).ensure()
        listener = Listener()
        before = drawn(finished)

        stage(dataclasses.replace(fresh(), redact=True, reporter=listener)).ensure()

        assert [text.partition(": ")[2] for text in listener.said] == ["up to date, nothing to do"]
        assert drawn(finished) == before

    def test_a_report_of_the_base_model_that_cannot_be_drawn_again_does_not_stay_beside_it(
        self, finished: RunContext, fresh: Callable[[], RunContext]
    ) -> None:
        finished.paths.stage_record("baseline").unlink()
        listener = Listener()

        leave_no_texts_beside(dataclasses.replace(fresh(), redact=True, reporter=listener))

        assert not finished.paths.baseline_report.exists()
        assert listener.said == [
            f"Removed {finished.paths.baseline_report}, which showed texts: the base model's results are not up to date"
        ]

    def test_an_earlier_short_edition_loses_its_texts_and_its_pdf(
        self, finished: RunContext, fresh: Callable[[], RunContext], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("src.report_stage.chromium", lambda: None)
        short_report_stage(finished).ensure()
        texts = [text for text in finished.pair_sets["eval"].text_1 if text in finished.paths.short_report.read_text()]
        finished.paths.short_pdf.write_bytes(b"%PDF with texts")
        assert texts

        leave_no_texts_beside(dataclasses.replace(fresh(), redact=True))

        left = finished.paths.short_report.read_text()
        assert not any(text in left for text in texts)
        assert not finished.paths.short_pdf.exists()

    def test_a_short_edition_of_a_comparison_that_is_not_up_to_date_does_not_stay(
        self, finished: RunContext, fresh: Callable[[], RunContext], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("src.report_stage.chromium", lambda: None)
        short_report_stage(finished).ensure()
        finished.paths.short_pdf.write_bytes(b"%PDF with texts")
        finished.paths.stage_record("compare").unlink()
        listener = Listener()

        leave_no_texts_beside(dataclasses.replace(fresh(), redact=True, reporter=listener))

        assert not finished.paths.short_report.exists()
        assert not finished.paths.short_pdf.exists()
        assert (
            f"Removed {finished.paths.short_report}, which showed texts: the comparison is not up to date"
            in listener.said
        )

    def test_a_short_edition_is_drawn_again_of_the_models_that_are_compared(
        self, finished: RunContext, fresh: Callable[[], RunContext], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("src.report_stage.chromium", lambda: None)
        comparison_stage(finished, ["standard"]).ensure()
        short_report_stage(finished, ["standard"]).ensure()
        texts = [text for text in finished.pair_sets["eval"].text_1 if text in finished.paths.short_report.read_text()]
        assert texts

        leave_no_texts_beside(dataclasses.replace(fresh(), redact=True), ["standard"])

        left = finished.paths.short_report.read_text()
        assert not any(text in left for text in texts)

    def test_what_was_measured_stays_fresh(self, finished: RunContext, fresh: Callable[[], RunContext]) -> None:
        before = comparison_stage(finished).require()

        baseline_report_stage(dataclasses.replace(fresh(), redact=True)).ensure()
        comparison_report_stage(dataclasses.replace(fresh(), redact=True)).ensure()

        assert comparison_stage(fresh()).require() == before
