from __future__ import annotations

import dataclasses
import gc
import weakref
from typing import TYPE_CHECKING

import pytest
from sentence_transformers import SentenceTransformer

from src import post_training_eval
from src.baseline_analysis import baseline_stage
from src.core.errors import ArtifactError, MissingStageError, UserInputError
from src.post_training_eval import evaluation_command, evaluation_stage, names_to_evaluate
from src.training_stage import read_training, run_training
from tests.support.data_files import records, write_jsonl
from tests.support.finished_run import ARTIFACTS, NAMES, Listener, recipe
from tests.support.refusals import refused, told

if TYPE_CHECKING:
    from collections.abc import Callable

    from src.workflow.context import RunContext


@pytest.mark.parametrize("name", NAMES)
def test_the_evaluation_equals_the_one_that_chose_the_saved_weights(finished: RunContext, name: str) -> None:
    evaluation, training = evaluation_stage(finished, name).require(), read_training(finished, name)

    chosen = next(point for point in training.history if point.step == training.best_step)
    assert evaluation.spearman_correlation == pytest.approx(training.best_spearman, abs=1e-6)
    assert evaluation.auc_roc == pytest.approx(chosen.auc_roc, abs=1e-6)


@pytest.mark.parametrize(("name", "artifact"), list(zip(NAMES, ARTIFACTS, strict=True)))
def test_a_trained_model_is_measured_on_the_same_pairs_as_the_baseline_and_has_moved(
    finished: RunContext, name: str, artifact: str
) -> None:
    evaluation, baseline = evaluation_stage(finished, name).require(), baseline_stage(finished).require()

    assert evaluation.model == artifact
    assert finished.paths.metrics(artifact).is_file()
    assert (evaluation.train_data, evaluation.eval_data) == (baseline.train_data, baseline.eval_data)
    assert evaluation.change is not None
    assert evaluation.change.max_abs_difference > 1e-3
    assert [group.n for group in evaluation.slices] == [group.n for group in baseline.slices]


@pytest.mark.parametrize("name", NAMES)
def test_its_map_starts_from_the_baselines_and_shows_the_same_pairs(finished: RunContext, name: str) -> None:
    projection, before = (
        evaluation_stage(finished, name).require().projection,
        baseline_stage(finished).require().projection,
    )

    assert projection is not None
    assert before is not None
    assert projection.aligned_to == "baseline"
    assert projection.indices == before.indices


def test_an_evaluation_that_stands_is_not_made_again(finished: RunContext, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(post_training_eval, "evaluate_embeddings")
    listener = Listener()

    evaluation_stage(dataclasses.replace(finished, reporter=listener), "lora").ensure()

    assert listener.said == ["evaluate-lora: up to date, nothing to do"]


def test_a_model_that_was_trained_again_must_be_evaluated_again_with_one_model_alive_at_a_time(
    finished: RunContext, fresh: Callable[[], RunContext], monkeypatch: pytest.MonkeyPatch
) -> None:
    run_training(finished, recipe("standard", seed=7))
    with refused(
        MissingStageError,
        match=r"evaluate-standard is stale, changed since: selection, weights; run `evaluate --name standard`",
    ):
        evaluation_stage(fresh(), "standard").require()
    # weak, so that an address is not used again, and models that other tests hold do not count
    before = weakref.WeakSet(thing for thing in gc.get_objects() if type(thing) is SentenceTransformer)
    alive: list[int] = []
    original = SentenceTransformer.__init__

    def counted(self, *args, **options) -> None:
        gc.collect()
        there = (thing for thing in gc.get_objects() if type(thing) is SentenceTransformer and thing is not self)
        alive.append(sum(thing not in before for thing in there))
        original(self, *args, **options)

    monkeypatch.setattr(SentenceTransformer, "__init__", counted)

    evaluation = evaluation_stage(fresh(), "standard").ensure()

    assert alive == [0]
    assert evaluation == evaluation_stage(fresh(), "standard").require()


def test_a_baseline_made_with_another_seed_makes_the_evaluation_stale(finished: RunContext) -> None:
    with pytest.raises(MissingStageError, match="baseline is stale, changed since: seed"):
        evaluation_stage(dataclasses.replace(finished, seed=7), "standard").require()


def test_evaluating_before_the_baseline_names_the_baseline(finished: RunContext) -> None:
    finished.paths.stage_record("baseline").unlink()

    with refused(MissingStageError, match=r"^baseline has not been run; run `baseline` first$"):
        evaluation_stage(finished, "standard").ensure()


def test_evaluating_before_the_training_names_the_training(finished: RunContext) -> None:
    finished.paths.stage_record("train-standard").unlink()

    with refused(
        MissingStageError,
        match=r"^train-standard has not been run; run `train --mode standard` first$",
    ):
        evaluation_stage(finished, "standard").ensure()


def test_reading_before_evaluating_names_the_evaluation(finished: RunContext) -> None:
    finished.paths.stage_record("evaluate-lora").unlink()

    with pytest.raises(MissingStageError) as caught:
        evaluation_stage(finished, "lora").require()

    assert told(caught.value) == f"evaluate-lora has not been run; run `{evaluation_command(finished, 'lora')}` first"
    assert evaluation_command(finished, "lora") == "evaluate --name lora"


def test_damaged_metrics_are_refused(finished: RunContext) -> None:
    finished.paths.metrics("finetuned").write_text("{}")

    with refused(ArtifactError, match=r"eval/finetuned_metrics\.json has 2 bytes instead of \d+; run"):
        evaluation_stage(finished, "standard").require()


def test_other_eval_pairs_are_noticed_first_where_everything_starts(
    finished: RunContext, fresh: Callable[[], RunContext]
) -> None:
    write_jsonl(finished.paths.eval_pairs, records(20, "new"))

    with refused(MissingStageError, match="changed since: eval; run"):
        evaluation_stage(fresh(), "standard").ensure()


@pytest.mark.parametrize(
    ("mode", "name", "names"),
    [
        (None, None, list(NAMES)),
        ("all", None, list(NAMES)),
        ("standard", None, ["standard"]),
        ("lora", None, ["lora"]),
        (None, "lora-tuned", ["lora-tuned"]),
        (None, "standard", ["standard"]),
    ],
)
def test_a_mode_or_a_name_says_what_is_evaluated(
    finished: RunContext, mode: str | None, name: str | None, names: list[str]
) -> None:
    assert names_to_evaluate(finished, mode, name) == names


@pytest.mark.parametrize("name", [None, "lora"])
def test_a_training_that_lost_its_info_file_is_not_passed_over(finished: RunContext, name: str | None) -> None:
    finished.paths.training_info("lora").unlink()

    assert "lora" in names_to_evaluate(finished, None, name)


@pytest.mark.parametrize("mode", ["all", "lora"])
def test_a_mode_and_a_name_together_are_refused(finished: RunContext, mode: str) -> None:
    with pytest.raises(UserInputError, match="give --mode or --name, not both"):
        names_to_evaluate(finished, mode, "lora")


def test_of_a_name_that_no_training_has_it_is_said_which_there_are(finished: RunContext) -> None:
    with refused(MissingStageError, match=f"^mine was not trained yet; choose one of {', '.join(NAMES)}$"):
        names_to_evaluate(finished, None, "mine")


@pytest.mark.parametrize(
    ("mode", "name", "message"),
    [
        (None, None, "nothing was trained yet; run `train --mode standard` first"),
        ("lora", None, "lora was not trained yet; run `train --mode lora` first"),
        (None, "lora-tuned", "lora-tuned was not trained yet; run `run` first"),
        (None, "mine", "mine was not trained yet; run `train --mode standard` first"),
    ],
)
def test_what_was_not_trained_cannot_be_evaluated(
    context: RunContext, mode: str | None, name: str | None, message: str
) -> None:
    with pytest.raises(MissingStageError) as caught:
        names_to_evaluate(context, mode, name)

    assert told(caught.value) == message
