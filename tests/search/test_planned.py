from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from src.core.errors import DataFileError, UnfinishedTrainingError
from src.models import CostBasis, SelectOn, Split
from src.search.planned import plan_search
from src.search.space import parse_space, recipe_of
from src.training_stage import run_training
from tests.support.data_files import records
from tests.support.finished_run import Listener
from tests.support.searches import BASE, SPACE, searched
from tests.support.validation_file import with_validation

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from src.models import Plan
    from src.workflow.context import RunContext
    from tests.support.real_command import Ended


@pytest.fixture
def with_file(context: RunContext) -> RunContext:
    """A run with a validation file, which speaks to a listener."""
    return dataclasses.replace(with_validation(context), reporter=Listener())


def planned(context: RunContext, n_trials: int, space: str = SPACE, **options: object) -> Plan:
    return plan_search(context, BASE, parse_space(space, BASE.mode), n_trials, **options)


def reasons(plan: Plan) -> dict[str, str]:
    return {stage.stage: stage.reason for stage in plan.stages}


def state_of(root: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_the_plan_of_a_new_search_has_all_trials_and_the_training_of_the_best_and_makes_no_root(
    with_file: RunContext,
) -> None:
    plan = planned(with_file, 12)

    assert reasons(plan) == {
        "search-searched": "12 of 12 trials are left",
        "train-searched": "search-searched is made",
    }
    trials, training = plan.stages
    assert trials.basis is training.basis is CostBasis.MEASURED
    assert trials.seconds == pytest.approx(12 * (training.seconds or 0))
    assert trials.steps == 12 * (training.steps or 0)
    assert not with_file.paths.root.exists()


def test_only_the_model_that_is_kept_needs_room_on_the_disk(with_file: RunContext) -> None:
    one, twelve = planned(with_file, 1), planned(with_file, 12)

    assert (one.result_bytes, one.checkpoint_bytes) == (twelve.result_bytes, twelve.checkpoint_bytes)
    assert one.memory_bytes == twelve.memory_bytes


def test_after_the_timeout_one_trial_at_most_goes_on(with_file: RunContext) -> None:
    space = "learning_rate=1e-3,epochs=1,batch_size=16,warmup_share=0.1,loss=cosine"
    on_validation = BASE.model_copy(update={"name": "like-it", "select_on": SelectOn.VALIDATION})
    typical = parse_space(space, BASE.mode).typical
    run_training(with_file, recipe_of(on_validation, typical, len(with_file.pair_sets[Split.TRAIN])))

    def trials(n: int, **options: object) -> float:
        return planned(with_file, n, space, **options).stages[0].seconds or 0.0

    one = trials(1)
    assert trials(100, timeout=5) == pytest.approx(5 + one)
    assert trials(100, timeout=1e6) == pytest.approx(100 * one)


def test_trials_that_have_ended_are_not_planned_again_and_no_byte_changes(with_file: RunContext) -> None:
    searched(with_file, 2)
    journal = with_file.paths.journal("searched")
    journal.write_bytes(journal.read_bytes() + b'{"op_code": 4, "half')  # as a kill leaves it
    before = state_of(with_file.paths.root)

    assert reasons(planned(with_file, 2)) == {"search-searched": "", "train-searched": ""}
    assert reasons(planned(with_file, 6)) == {
        "search-searched": "4 of 6 trials are left",
        "train-searched": "search-searched is made",
    }
    assert state_of(with_file.paths.root) == before


def test_a_finished_search_plans_the_training_that_it_chose(with_file: RunContext) -> None:
    found, _ = searched(with_file, 2)
    with_file.paths.training_info("searched").unlink()

    trials, training = planned(with_file, 2).stages

    assert trials.is_reused
    assert found.recipe is not None
    assert training.steps == found.recipe.steps(len(with_file.pair_sets[Split.TRAIN]))


def test_trials_of_another_search_stand_in_the_way_unless_they_are_discarded(with_file: RunContext) -> None:
    searched(with_file, 2)
    other = SPACE.replace("1e-3", "2e-3")

    with pytest.raises(UnfinishedTrainingError, match=r"searched\.journal.*changed since: space.*--discard"):
        planned(with_file, 2, other)

    assert reasons(planned(with_file, 2, other, discard=True))["search-searched"] == "2 of 2 trials are left"


def test_what_a_search_would_refuse_its_plan_refuses(context: RunContext) -> None:
    few = with_validation(context, records(6, "v"))

    with pytest.raises(DataFileError, match=r"validation\.jsonl"):
        planned(few, 2)


def test_the_command_prints_the_plan_and_writes_nothing(run: Callable[..., Ended], context: RunContext) -> None:
    ended = run("search", "--mode", "lora", "--trials", "3", "--dry-run")

    assert ended.code == 0, ended.err
    assert "3 of 3 trials are left" in ended.out
    assert not context.paths.root.exists()
