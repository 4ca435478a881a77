from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import roc_auc_score

from src import baseline_analysis
from src.baseline_analysis import baseline_embeddings, baseline_inputs, baseline_stage
from src.core.errors import ArtifactError, MissingStageError
from src.embedding.encoder import encode_texts
from src.embedding.loading import loaded_model
from src.evaluation.learnability import learnability
from src.workflow.stage import read_record
from tests.support.contract import CONTRACT
from tests.support.data_files import records, write_jsonl
from tests.support.finished_run import Listener
from tests.support.refusals import refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from src.workflow.context import RunContext


def test_its_numbers_are_those_of_the_base_models_cosines(finished: RunContext) -> None:
    evaluation = baseline_stage(finished).require()

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


def test_it_says_whether_the_labels_of_train_can_be_learned_from_its_embeddings(finished: RunContext) -> None:
    train, embedded = finished.pair_sets["train"], baseline_embeddings(finished).read()["train"]

    found = baseline_stage(finished).require().learnability
    assert found == learnability(train, "base embeddings", lambda rows: embedded[rows])
    assert found.auc_roc is not None
    assert f"{found.auc_roc:.3f}" in finished.paths.baseline_report.read_text()


def test_it_writes_its_metrics_and_draws_nothing(finished: RunContext) -> None:
    outputs = {output.path for output in read_record(finished.paths, "baseline").provenance.outputs}

    assert {path for path in outputs if not path.startswith("data/embeddings/")} == {"eval/baseline_metrics.json"}


def test_no_result_names_a_folder_of_this_machine(finished: RunContext) -> None:
    for file in (finished.paths.metrics("baseline"), finished.paths.baseline_report):
        assert str(finished.paths.root.parent) not in file.read_text()
        assert finished.base.source not in file.read_text()


def test_a_baseline_that_stands_is_not_made_again(finished: RunContext, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(baseline_analysis, "evaluate_embeddings")
    listener = Listener()

    evaluation = baseline_stage(dataclasses.replace(finished, reporter=listener)).ensure()

    assert listener.said == ["baseline: up to date, nothing to do"]
    assert evaluation == baseline_stage(finished).require()


def test_a_baseline_made_again_has_the_same_numbers(finished: RunContext, fresh: Callable[[], RunContext]) -> None:
    before = baseline_stage(finished).require()
    finished.paths.metrics("baseline").unlink()

    after = baseline_stage(fresh()).ensure()

    assert after.model_copy(update={"provenance": before.provenance}) == before


def test_a_missing_baseline_names_its_command(context: RunContext) -> None:
    with refused(MissingStageError, match=r"^baseline has not been run; run `baseline` first$"):
        baseline_stage(context).require()


def test_a_baseline_with_another_seed_is_stale(finished: RunContext) -> None:
    with refused(MissingStageError, match="baseline is stale, changed since: seed; run"):
        baseline_stage(dataclasses.replace(finished, seed=7)).require()


@pytest.mark.parametrize("split", ["train", "eval", "challenge"])
def test_a_baseline_on_other_data_is_stale(finished: RunContext, fresh: Callable[[], RunContext], split: str) -> None:
    write_jsonl(finished.pair_sets[split].path, records(12, "new"))

    with refused(MissingStageError, match=f"baseline is stale, changed since: {split}; run"):
        baseline_stage(fresh()).require()


def test_edited_metrics_are_refused(finished: RunContext) -> None:
    file = finished.paths.metrics("baseline")
    text = file.read_text()
    value = json.loads(text)["auc_roc"]
    file.write_text(text.replace(f'"auc_roc": {value}', f'"auc_roc": {"9" * len(str(value))}', 1))

    with refused(ArtifactError, match=r"baseline_metrics\.json was changed since it was written; run `baseline` again"):
        baseline_stage(finished).require()


def test_everything_that_the_numbers_depend_on_is_an_input(context: RunContext) -> None:
    inputs = baseline_inputs(context)

    assert set(inputs) == {"train", "eval", "challenge", "base", "prompts", "seed", "device", "packages", "code"}
    assert inputs["base"] == context.base_fingerprint
    assert np.all([len(value) > 0 for value in inputs.values()])
