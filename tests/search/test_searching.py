from __future__ import annotations

import csv
import dataclasses
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from src.core.errors import PipelineError, UnfinishedTrainingError
from src.models import StageState, TrainConfig, Trial, TrialState
from src.pipeline import project_status
from src.search import results, searching
from src.search.space import default_space
from src.tables.search import search_table
from tests.support.data_files import records, write_jsonl
from tests.support.finished_run import Listener, recipe
from tests.support.searches import searched
from tests.support.validation_file import with_validation

if TYPE_CHECKING:
    from src.workflow.context import RunContext


@pytest.fixture
def run(context: RunContext) -> RunContext:
    """A run with a validation file, which speaks to a listener."""
    return dataclasses.replace(with_validation(context), reporter=Listener())


def measured(_context: RunContext, wanted: searching.Wanted) -> Trial:
    """Stands in for a trial where its numbers do not matter: the higher the learning rate, the better."""
    value = wanted.parameters["learning_rate"] * 10
    return Trial(
        number=wanted.number,
        parameters=dict(wanted.parameters),
        state=TrialState.COMPLETE,
        spearman=value,
        auc_roc=0.5,
        epoch=1.0,
        curve={10: value},
        steps=3,
        seconds=1.0,
    )


@pytest.fixture
def quick(run: RunContext, monkeypatch: pytest.MonkeyPatch) -> RunContext:
    """The same run, whose trials cost nothing, and whose best recipe is not trained."""
    monkeypatch.setattr(searching, "measure_trial", measured)
    monkeypatch.setattr(searching, "run_training", lambda _, recipe, **__: SimpleNamespace(config=recipe))
    return run


def test_the_best_trial_is_trained_as_it_was_measured_and_no_test_label_chooses(run: RunContext) -> None:
    found, info = searched(run, 3)

    best = found.trials[found.best]
    assert best.spearman == max(trial.spearman for trial in found.trials)
    assert info.best_spearman == best.spearman
    assert (info.config.name, info.config.chosen_among) == ("searched", 3)
    assert info.config.learning_rate == best.parameters["learning_rate"]

    rows = [{**row, "label": 1 - row["label"]} for row in records(24, "e")]
    write_jsonl(run.paths.eval_pairs, rows)
    elsewhere = dataclasses.replace(run.paths, root=run.paths.root.with_name("elsewhere"))
    again, _ = searched(dataclasses.replace(run, paths=elsewhere), 3)
    numbers = [trial.model_copy(update={"seconds": 0.0}) for trial in found.trials]
    assert [trial.model_copy(update={"seconds": 0.0}) for trial in again.trials] == numbers
    assert again.recipe == found.recipe


def test_the_same_command_again_does_nothing_and_more_trials_go_on(quick: RunContext) -> None:
    first, _ = searched(quick, 2)
    quick.reporter.said.clear()

    again, _ = searched(quick, 2)

    assert again == first
    assert [line for line in quick.reporter.said if "columns" not in line] == [
        "search-searched: up to date, nothing to do"
    ]
    more, info = searched(quick, 6)
    assert more.trials[:2] == first.trials
    assert len(more.trials) == info.config.chosen_among == 6


def test_a_search_writes_its_trials_as_a_table_and_its_recipe(quick: RunContext) -> None:
    found, _ = searched(quick, 2)

    with quick.paths.trials_table("searched").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [float(row["learning_rate"]) for row in rows] == [
        trial.parameters["learning_rate"] for trial in found.trials
    ]
    assert [row["state"] for row in rows] == ["complete", "complete"]
    assert TrainConfig.model_validate_json(quick.paths.searched_recipe("searched").read_text()) == found.recipe
    shown = search_table(found)
    assert shown.rows[found.best][0].note == "(chosen)"
    assert f"Trial {found.best + 1} was chosen, by Spearman on 24 pairs of the validation file" in shown.note


def test_a_failed_trial_is_a_row_with_its_reason(quick: RunContext, monkeypatch: pytest.MonkeyPatch) -> None:
    def second_fails(context: RunContext, wanted: searching.Wanted) -> Trial:
        if wanted.number == 1:
            raise PipelineError("the training diverged")
        return measured(context, wanted)

    monkeypatch.setattr(searching, "measure_trial", second_fails)

    found, info = searched(quick, 3)

    assert [trial.state.value for trial in found.trials] == ["complete", "failed", "complete"]
    assert found.trials[1].reason == "the training diverged"
    assert info.config.chosen_among == 2
    assert "trial 2 of 3: failed: the training diverged; 0.0 s" in quick.reporter.said


def test_where_all_trials_fail_their_rows_are_kept_and_nothing_is_trained(
    run: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> Trial:
        raise PipelineError("the training diverged")

    monkeypatch.setattr(searching, "measure_trial", fails)

    with pytest.raises(PipelineError, match="none of 2 trials is complete: trial 1 failed: the training diverged"):
        searched(run, 2)
    assert run.paths.trials("searched").exists()
    assert not run.paths.training_info("searched").exists()


def test_after_the_timeout_no_trial_begins_and_the_best_of_those_that_ended_is_trained(
    quick: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]

    def slow(context: RunContext, wanted: searching.Wanted) -> Trial:
        now[0] += 10
        return measured(context, wanted)

    monkeypatch.setattr(searching, "measure_trial", slow)
    monkeypatch.setattr(searching.time, "monotonic", lambda: now[0])

    found, info = searched(quick, 6, timeout=15)

    assert len(found.trials) == info.config.chosen_among == 2
    assert len(searched(quick, 6)[0].trials) == 6


def test_a_search_that_had_no_time_says_so(quick: RunContext) -> None:
    with pytest.raises(PipelineError, match="no trial has ended; give a longer --timeout"):
        searched(quick, 2, timeout=1e-9)


def test_the_trials_of_other_data_are_refused_until_they_are_discarded(quick: RunContext) -> None:
    searched(quick, 2)
    write_jsonl(quick.paths.train_pairs, records(60, "t"))

    with pytest.raises(UnfinishedTrainingError, match=r"trials of another search stand \(changed since: train\)"):
        searched(quick, 2)
    found, _ = searched(quick, 2, discard=True)

    assert found.train_data.n == 60


def test_status_shows_a_search_and_the_command_that_makes_it(quick: RunContext) -> None:
    searched(quick, 2)

    [status] = [one for one in project_status(dataclasses.replace(quick)) if one.stage == "search-searched"]
    assert status.state is StageState.FRESH
    assert status.command.startswith("search --mode standard --trials 2 --space ")

    write_jsonl(quick.paths.eval_pairs, records(30, "e"))
    states = {one.stage: one.state for one in project_status(dataclasses.replace(quick))}
    assert states["search-searched"] is StageState.FRESH
    write_jsonl(quick.paths.train_pairs, records(60, "t"))
    states = {one.stage: one.state for one in project_status(dataclasses.replace(quick))}
    assert states["search-searched"] is StageState.STALE


@pytest.mark.parametrize(
    ("targets", "base", "told"),
    [
        (("query", "value"), None, ""),
        (("query",), None, " --target-modules query"),
        (("query", "value"), "gone", " --target-modules query,value"),
    ],
)
def test_the_command_of_a_search_names_target_modules_that_are_not_the_usual_ones(
    run: RunContext, targets: tuple[str, ...], base: str | None, told: str
) -> None:
    context = run if base is None else dataclasses.replace(run, base_model=base)
    lora = recipe("lora")
    assert lora.lora is not None
    wanted = lora.model_copy(update={"lora": lora.lora.model_copy(update={"target_modules": targets})})

    command = results._command(context, wanted, default_space(wanted.mode).text, 3)

    assert command == f"search --mode lora --trials 3 --name lora{told}"
