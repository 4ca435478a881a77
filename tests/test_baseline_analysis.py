from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import roc_auc_score

from src import baseline_analysis
from src.baseline_analysis import COMMAND, baseline_inputs, read_baseline, run_baseline
from src.core.errors import ArtifactError, MissingStageError
from src.embedding.encoder import encode_texts
from src.embedding.loading import loaded_model
from src.pipeline import project_status
from src.workflow.stage import read_record
from tests.support.contract import CONTRACT
from tests.support.data_files import records, write_jsonl
from tests.support.finished_run import Listener, copy_finished_run

if TYPE_CHECKING:
    from collections.abc import Callable

    from src.workflow.context import RunContext


@pytest.fixture
def finished(context: RunContext) -> RunContext:
    copy_finished_run(context)
    return context


def test_its_numbers_are_those_of_the_base_models_cosines(finished: RunContext) -> None:
    evaluation = read_baseline(finished)

    pairs = finished.pair_sets["eval"]
    with loaded_model(finished.base, "cpu") as model:
        left, right = encode_texts(model, pairs.text_1), encode_texts(model, pairs.text_2)
    cosines = (left * right).sum(axis=1)
    same, other = cosines[pairs.labels == 1], cosines[pairs.labels == 0]
    assert evaluation.spearman_correlation == pytest.approx(stats.spearmanr(cosines, pairs.labels)[0], abs=1e-6)
    assert evaluation.auc_roc == pytest.approx(roc_auc_score(pairs.labels, cosines), abs=1e-6)
    assert evaluation.compatibility_margin == pytest.approx(same.mean() - other.mean(), abs=1e-6)
    assert evaluation.t_statistic == pytest.approx(stats.ttest_ind(same, other, equal_var=False)[0], rel=1e-4)


def test_the_metrics_file_begins_with_the_sixteen_promised_names(finished: RunContext) -> None:
    found = json.loads(finished.paths.metrics("baseline").read_text())

    assert list(found)[:16] == CONTRACT
    assert found["schema_version"] == 1
    assert found["model"] == "baseline"
    assert found["change"] is None


def test_it_writes_metrics_charts_and_a_report_that_needs_no_network(finished: RunContext) -> None:
    outputs = {output.path for output in read_record(finished.paths, "baseline", COMMAND).provenance.outputs}

    charts = {path for path in outputs if path.startswith("eval/visualizations/baseline/")}
    assert {"eval/baseline_metrics.json", "eval/baseline_report.html"} <= outputs
    assert len(charts) == 8
    assert all((finished.paths.root / path).read_bytes().startswith(b"\x89PNG") for path in charts)
    page = finished.paths.baseline_report.read_text()
    assert page.startswith("<!DOCTYPE html>")
    assert '<script src="http' not in page
    assert '<link rel="stylesheet" href="http' not in page


def test_no_result_names_a_folder_of_this_machine(finished: RunContext) -> None:
    for file in (finished.paths.metrics("baseline"), finished.paths.baseline_report):
        assert str(finished.paths.root.parent) not in file.read_text()
        assert finished.base.source not in file.read_text()


def test_a_baseline_that_stands_is_not_made_again(finished: RunContext, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(baseline_analysis, "evaluate_embeddings")
    listener = Listener()

    evaluation = run_baseline(dataclasses.replace(finished, reporter=listener))

    assert listener.said == ["baseline: up to date, nothing to do"]
    assert evaluation == read_baseline(finished)


def test_a_baseline_made_again_has_the_same_numbers(finished: RunContext, fresh: Callable[[], RunContext]) -> None:
    before = read_baseline(finished)
    charts = {file.name: file.read_bytes() for file in finished.paths.baseline_charts.iterdir()}
    finished.paths.baseline_report.unlink()

    after = run_baseline(fresh())

    assert after.model_copy(update={"provenance": before.provenance}) == before
    assert finished.paths.baseline_report.is_file()
    assert {file.name: file.read_bytes() for file in finished.paths.baseline_charts.iterdir()} == charts


def test_a_missing_baseline_names_its_command(context: RunContext) -> None:
    with pytest.raises(MissingStageError, match=r"^baseline has not been run; run `python -m src.cli baseline` first$"):
        read_baseline(context)


def test_a_baseline_with_another_seed_is_stale(finished: RunContext) -> None:
    with pytest.raises(MissingStageError, match="baseline is stale, changed since: seed; run"):
        read_baseline(dataclasses.replace(finished, seed=7))


def test_the_report_names_the_seed_of_its_map(finished: RunContext) -> None:
    run_baseline(dataclasses.replace(finished, seed=7))

    assert "min_dist 0.1, seed 7)" in finished.paths.baseline_report.read_text()


@pytest.mark.parametrize("split", ["train", "eval", "challenge"])
def test_a_baseline_on_other_data_is_stale(finished: RunContext, fresh: Callable[[], RunContext], split: str) -> None:
    write_jsonl(finished.pair_sets[split].path, records(12, "new"))

    with pytest.raises(MissingStageError, match=f"baseline is stale, changed since: {split}; run"):
        read_baseline(fresh())


def test_edited_metrics_are_refused(finished: RunContext) -> None:
    file = finished.paths.metrics("baseline")
    text = file.read_text()
    value = json.loads(text)["auc_roc"]
    file.write_text(text.replace(f'"auc_roc": {value}', f'"auc_roc": {"9" * len(str(value))}', 1))

    with pytest.raises(
        ArtifactError, match=r"baseline_metrics\.json was changed since it was written; run `.* baseline` again"
    ):
        read_baseline(finished)


def test_everything_that_the_numbers_depend_on_is_an_input(context: RunContext) -> None:
    inputs = baseline_inputs(context)

    assert set(inputs) == {"train", "eval", "challenge", "base", "seed", "code"}
    assert inputs["base"] == context.base_fingerprint
    assert np.all([len(value) > 0 for value in inputs.values()])


class TestRedacted:
    """Leaving the texts out changes what the report shows and nothing else."""

    def test_the_report_is_made_again_without_the_texts_and_again_with_them(
        self, finished: RunContext, fresh: Callable[[], RunContext]
    ) -> None:
        text = json.dumps(finished.pair_sets["eval"].text_1[0])[1:-1]
        page = finished.paths.baseline_report
        assert text in page.read_text()

        run_baseline(dataclasses.replace(fresh(), redact=True))
        assert text not in page.read_text()

        run_baseline(fresh())
        assert text in page.read_text()

    @pytest.mark.usefixtures("finished")
    def test_a_report_that_is_as_it_is_wanted_is_not_made_again(self, fresh: Callable[[], RunContext]) -> None:
        run_baseline(dataclasses.replace(fresh(), redact=True))
        listener = Listener()

        run_baseline(dataclasses.replace(fresh(), redact=True, reporter=listener))

        assert listener.said == ["baseline: up to date, nothing to do"]

    def test_what_builds_on_the_baseline_stays_fresh(
        self, finished: RunContext, fresh: Callable[[], RunContext]
    ) -> None:
        before, states = read_baseline(finished), project_status(fresh())

        after = run_baseline(dataclasses.replace(fresh(), redact=True))

        assert after.provenance.fingerprint == before.provenance.fingerprint
        assert read_baseline(fresh()) == after
        assert [line.state for line in project_status(fresh())] == [line.state for line in states]
        record = read_record(finished.paths, "baseline", COMMAND)
        assert record.inputs["texts"] == "left out"
        assert "texts" not in baseline_inputs(fresh())
