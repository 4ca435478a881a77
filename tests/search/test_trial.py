from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from src.models import SelectOn, TrainConfig, TrialState
from src.search.trial import PART, Wanted, measure_trial
from src.training import selection
from src.training.hf_trainer import PairTrainer
from src.training_stage import run_training, training_inputs
from tests.support.data_files import records, write_jsonl
from tests.support.finished_run import recipe
from tests.support.validation_file import with_validation

if TYPE_CHECKING:
    from src.workflow.context import RunContext

HIGH = {0: 0.1, 10: 1.0, 20: 1.0}


def config(name: str = "trial-0", **changes: object) -> TrainConfig:
    return recipe(name, select_on=SelectOn.VALIDATION, batch_size=16, **changes)


def wanted(context: RunContext, curves: tuple[dict[int, float], ...] = (), **changes: object) -> Wanted:
    return Wanted(3, {"epochs": 2}, config(**changes), training_inputs(context, config(**changes)), curves)


def test_a_trial_measures_what_the_training_would_keep_and_leaves_nothing(context: RunContext) -> None:
    run = with_validation(context)
    trial = measure_trial(run, wanted(run, epochs=2))

    assert [path for path in run.paths.root.rglob("*") if path.is_file()] == []
    info = run_training(run, config("trained", epochs=2))
    assert (trial.state, trial.number, trial.parameters) == (TrialState.COMPLETE, 3, {"epochs": 2})
    assert trial.spearman == info.best_spearman
    assert trial.steps == info.steps == 6
    assert max(trial.curve.values()) == trial.spearman
    assert list(trial.curve) == [0, 10, 20]


def test_without_a_validation_file_each_part_that_is_set_aside_is_measured(
    context: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selection, "FOLDS", 2)

    trial = measure_trial(context, wanted(context))

    assert trial.state is TrialState.COMPLETE
    assert list(trial.curve) == [0, 10, PART, PART + 10]


def test_a_trial_below_the_median_ends_early(context: RunContext) -> None:
    run = with_validation(context)

    trial = measure_trial(run, wanted(run, (HIGH,) * 4, epochs=3))

    assert trial.state is TrialState.PRUNED
    assert trial.reason == "at epoch 1 below the median of the trials before"
    assert trial.steps == 3
    assert trial.spearman is not None


def test_three_trials_are_too_few_for_a_median(context: RunContext) -> None:
    run = with_validation(context)

    assert measure_trial(run, wanted(run, (HIGH,) * 3)).state is TrialState.COMPLETE


def test_a_training_that_changes_nothing_is_a_failed_trial(context: RunContext) -> None:
    run = with_validation(context)

    trial = measure_trial(run, wanted(run, learning_rate=1e-30))

    assert trial.state is TrialState.FAILED
    assert trial.reason.startswith("the training changed nothing")
    assert trial.spearman is None


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (MemoryError(), "out of memory at batch 1; use a smaller --batch-size"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory"), "out of memory at batch 1"),
        (RuntimeError("a kernel is missing"), "a kernel is missing"),
    ],
)
def test_what_ends_a_training_is_the_reason_of_a_failed_trial(
    context: RunContext, monkeypatch: pytest.MonkeyPatch, error: Exception, reason: str
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(PairTrainer, "training_step", fails)

    run = with_validation(context)

    trial = measure_trial(run, wanted(run))

    assert trial.state is TrialState.FAILED
    assert trial.reason.startswith(reason)


def test_no_test_pair_is_read(context: RunContext) -> None:
    """Other test pairs, with other labels, change no number."""
    run = with_validation(context)
    before = measure_trial(run, wanted(run))
    write_jsonl(run.paths.eval_pairs, [{**row, "label": 1 - row["label"]} for row in records(30, "z")])

    after = measure_trial(changed := dataclasses.replace(run), wanted(changed))

    assert after.model_copy(update={"seconds": before.seconds}) == before
