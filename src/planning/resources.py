"""Expected memory and disk, from the size of the model and the number of pairs.

    memory      = PROGRAM + 4 bytes x (P + 3 T) + PAIR x N
    results     = 4 bytes x W a training that is made + 8 bytes x D x N a model that embeds + REPORTS
    checkpoints = CHECKPOINTS x 4 bytes x (W + 2 T)

P is the number of weights of the model. T of them are trained (each has a gradient and two numbers of the optimizer),
and W of them are written. D are the dimensions of an embedding, N the pairs of all files. Models are in memory one at a
time, so the number of trainings and seeds adds to the disk alone. `docs/scaling.md` says how the constants were
measured and how far the formulas are off.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING

from ..embedding.model_folder_checks import read_base
from ..training.lora_targets import adapted_modules

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..embedding.base_model import BaseModel
    from ..models import TrainConfig

PROGRAM = 1_450_000_000  # bytes: Python, the libraries, a batch, the map and the charts
PAIR = 1_000  # bytes of a pair of short texts
REPORTS = 8_000_000  # bytes: pages, pictures, results as JSON
TOKENIZER = 1_000_000  # bytes of the other files of a model folder
CHECKPOINTS = 4  # of one training at most: the newest, the best, and those two of the checkpoint before
_FLOAT = 4  # bytes
_OPTIMIZER = 2  # numbers a trained weight


@dataclass(frozen=True)
class ModelSize:
    """Numbers of weights of one training.

    Attributes:
        total: Of the model in memory.
        trained: Of those that have a gradient, at most.
        written: Of the published folder.
    """

    total: int
    trained: int
    written: int


def model_size(recipe: TrainConfig, base: BaseModel) -> ModelSize:
    """How large the model of a training is; its files are read, nothing is loaded.

    Args:
        recipe: How to train.
        base: The base model.
    """
    tensors = read_base(Path(base.source)).architecture.tensors
    total = sum(prod(tensor.shape) for tensor in tensors.values())
    if recipe.lora is None:
        return ModelSize(total, total, total)
    shapes = [tensors[f"{name}.weight"].shape for name in adapted_modules(recipe, base)]
    adapter = sum(recipe.lora.rank * sum(shape) for shape in shapes)
    return ModelSize(total + adapter, adapter, adapter)


def memory_bytes(sizes: Iterable[ModelSize], n_pairs: int) -> int:
    """Expected peak of the process.

    Args:
        sizes: Of every training.
        n_pairs: Of all files.
    """
    largest = max((_FLOAT * (size.total + (1 + _OPTIMIZER) * size.trained) for size in sizes), default=0)
    return PROGRAM + largest + PAIR * n_pairs


def result_bytes(sizes: Iterable[ModelSize], n_embedded: int, dimensions: int) -> int:
    """Expected size of the results.

    Args:
        sizes: Of every training that is made.
        n_embedded: Pairs that are embedded, counted once a model.
        dimensions: Of an embedding.
    """
    models = sum(TOKENIZER + _FLOAT * size.written for size in sizes)
    return models + 2 * _FLOAT * dimensions * n_embedded + REPORTS


def checkpoint_bytes(sizes: Iterable[ModelSize]) -> int:
    """Expected size of the checkpoints, which are removed when a training has ended; one training runs at a time."""
    return max((CHECKPOINTS * _FLOAT * (size.written + _OPTIMIZER * size.trained) for size in sizes), default=0)
