from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from src.embedding.encoder import distinct_texts
from src.models import SelectOn, Split
from src.planning.durations import steps_and_texts
from src.training_stage import read_training
from tests.support.finished_run import NAMES, recipe
from tests.support.validation_file import with_validation

if TYPE_CHECKING:
    from src.workflow.context import RunContext


@pytest.mark.parametrize("name", NAMES)
def test_steps_and_evaluated_texts_are_those_of_the_training(finished: RunContext, name: str) -> None:
    info = read_training(finished, name)
    texts = len(distinct_texts([finished.pair_sets[Split.TEST]]))

    assert steps_and_texts(finished, info.config) == (info.steps, len(info.history) * texts)


@pytest.mark.parametrize(("eval_steps", "evaluations"), [(2, 10), (4, 7), (500, 4)])
def test_an_evaluation_at_the_end_of_an_epoch_counts_once(
    context: RunContext, eval_steps: int, evaluations: int
) -> None:
    config = recipe("standard", epochs=3, batch_size=8, eval_steps=eval_steps)

    assert steps_and_texts(context, config) == (18, evaluations * 2 * len(context.pair_sets[Split.TEST]))


def test_with_validation_pairs_set_aside_the_steps_of_all_phases_count(context: RunContext) -> None:
    config = recipe("standard", select_on=SelectOn.VALIDATION)
    aside, on_file = (steps_and_texts(one, config) for one in (context, with_validation(context)))

    assert aside == (31, 2 * 2 * len(context.pair_sets[Split.TRAIN]))  # five folds and all pairs
    assert on_file == (6, 2 * 48)
