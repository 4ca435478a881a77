from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from src.planning.step_time import STEPS, WARM_UP, step_time, text_time
from tests.support.finished_run import recipe

if TYPE_CHECKING:
    from src.workflow.context import RunContext


@pytest.mark.parametrize(
    ("name", "epochs", "batch_size", "measured"),
    [("standard", 9, 8, WARM_UP + STEPS), ("lora", 1, 8, 6), ("standard", 1, 48, 1)],
    ids=["long", "short", "one step"],
)
def test_steps_are_measured_with_the_real_trainer_and_nothing_is_kept(
    context: RunContext, name: str, epochs: int, batch_size: int, measured: int
) -> None:
    found = step_time(context, recipe(name, epochs=epochs, batch_size=batch_size))

    assert found.n == measured
    assert found.seconds > 0
    assert not context.paths.root.exists()


def test_texts_are_measured_after_the_model_was_loaded(context: RunContext) -> None:
    found = text_time(context)

    assert found.loading > found.seconds > 0
