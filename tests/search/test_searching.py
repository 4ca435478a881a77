from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from src.models import TrainConfig, TrialState
from src.scheduling.in_process import InProcess
from src.scheduling.tasks import Needs
from src.search.searching import search
from src.search.space import parse_space
from tests.support.finished_run import Listener, recipe
from tests.support.validation_file import with_validation

if TYPE_CHECKING:
    from src.models import Search, TrainingInfo
    from src.workflow.context import RunContext

SPACE = "learning_rate=1e-3:2e-2,epochs=1:2,batch_size=8:16,warmup_share=0:0.2,loss=cosine:cosent"


@pytest.fixture
def run(context: RunContext) -> RunContext:
    """A run with a validation file, which speaks to a listener."""
    return dataclasses.replace(with_validation(context), reporter=Listener())


def searched(context: RunContext, n_trials: int, space: str = SPACE, **options: object) -> tuple[Search, TrainingInfo]:
    base = recipe("standard").model_copy(update={"name": "searched"})
    given = {"scheduler": InProcess(), "needs": Needs(), "recipe_text": TrainConfig.model_dump_json} | options
    return search(context, base, parse_space(space, base.mode), n_trials, **given)


def test_the_best_trial_is_trained_as_the_search_measured_it(run: RunContext) -> None:
    found, info = searched(run, 5)

    best = found.trials[found.best]
    assert [trial.number for trial in found.trials] == [0, 1, 2, 3, 4]
    assert best.spearman == max(trial.spearman for trial in found.trials if trial.state is TrialState.COMPLETE)
    assert info.config.name == "searched"
    assert info.best_spearman == best.spearman
    assert info.config.learning_rate == best.parameters["learning_rate"]
