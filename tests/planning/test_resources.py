from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from src.planning.resources import ModelSize, checkpoint_bytes, memory_bytes, model_size, result_bytes
from src.training_stage import read_training

if TYPE_CHECKING:
    from src.workflow.context import RunContext

SMALL, LARGE = ModelSize(1_000, 10, 10), ModelSize(1_000, 1_000, 1_000)


@pytest.mark.parametrize("name", ["standard", "lora"])
def test_the_size_of_a_model_is_that_of_the_trained_one(finished: RunContext, name: str) -> None:
    info = read_training(finished, name)

    size = model_size(info.config, finished.base)

    assert size.total == info.total_parameters
    assert size.trained >= info.trainable_parameters
    assert name == "standard" or size.trained == size.written == info.trainable_parameters


def test_the_published_folder_is_as_large_as_expected(finished: RunContext) -> None:
    folder = finished.paths.model("standard")
    size = model_size(read_training(finished, "standard").config, finished.base)

    assert (folder / "model.safetensors").stat().st_size == pytest.approx(4 * size.written, rel=0.1)


def test_more_trainings_need_more_disk_and_no_more_memory() -> None:
    assert memory_bytes([LARGE, LARGE, SMALL], 10) == memory_bytes([LARGE], 10)
    assert checkpoint_bytes([LARGE, SMALL]) == checkpoint_bytes([LARGE])
    more, one = (result_bytes(sizes, 10, 384) for sizes in ([LARGE, LARGE], [LARGE]))
    assert more > one


def test_without_a_training_the_program_and_the_pairs_alone_need_memory() -> None:
    assert memory_bytes([], 1_000_000) - memory_bytes([], 0) == 1_000_000_000
    assert checkpoint_bytes([]) == 0
