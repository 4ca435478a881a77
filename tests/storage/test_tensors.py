from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from src.core.errors import ArtifactError, MissingStageError
from src.storage.tensors import first_not_finite, read_tensors

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "w.safetensors"


def test_types_shapes_and_places_of_tensors_are_read_without_the_tensors(file: Path) -> None:
    tensors = {"a": torch.arange(6, dtype=torch.float32).reshape(2, 3), "b": torch.ones(4, dtype=torch.float16)}
    save_file(tensors, file, {"format": "pt"})

    found = read_tensors(file)

    assert {name: (tensor.dtype, tensor.shape) for name, tensor in found.items()} == {
        "a": ("F32", (2, 3)),
        "b": ("F16", (4,)),
    }
    values = np.frombuffer(file.read_bytes()[found["a"].begin : found["a"].end], dtype=np.float32)
    assert values.tolist() == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    "harm",
    [
        lambda data: data[:-1],
        lambda data: data + b"x",
        lambda data: data[:20],
        lambda _: b"",
        lambda data: b"\xff" * 8 + data[8:],
        lambda data: data.replace(b"[2,3]", b"[2,9]"),
    ],
)
def test_damaged_tensors_are_refused(file: Path, harm: Callable[[bytes], bytes]) -> None:
    save_file({"a": torch.zeros(2, 3)}, file)
    file.write_bytes(harm(file.read_bytes()))

    with pytest.raises(ArtifactError, match=r"damaged, no safetensors file .*"):
        read_tensors(file)


def test_a_file_that_is_not_there_is_missing(file: Path) -> None:
    with pytest.raises(MissingStageError, match="missing"):
        read_tensors(file)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.float16, torch.bfloat16])
@pytest.mark.parametrize("value", [torch.nan, torch.inf, -torch.inf])
@pytest.mark.parametrize("place", [0, 2_100_000, -1])
def test_one_value_that_is_not_finite_is_found_wherever_it_stands(
    file: Path, dtype: torch.dtype, value: float, place: int
) -> None:
    values = torch.zeros(2_200_000, dtype=dtype)
    values[place] = value
    save_file({"a": torch.ones(3, dtype=dtype), "b": values}, file)

    assert first_not_finite(file, read_tensors(file)) == "b"


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.float16, torch.bfloat16])
def test_the_largest_and_the_smallest_values_are_finite(file: Path, dtype: torch.dtype) -> None:
    about = torch.finfo(dtype)
    save_file({"a": torch.tensor([about.max, about.min, about.tiny, -0.0], dtype=dtype)}, file)

    assert first_not_finite(file, read_tensors(file)) == ""


def test_whole_numbers_are_finite(file: Path) -> None:
    save_file({"a": torch.tensor([-1, 2**62]), "b": torch.empty(0)}, file)

    assert first_not_finite(file, read_tensors(file)) == ""
