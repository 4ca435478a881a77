"""Safetensors files: names, types and shapes of their tensors, and whether every value is a number."""

from __future__ import annotations

import json
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from ..core.errors import ArtifactError, printable
from .files import opened

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

_QUOTE_LIMIT = 200
_METADATA = "__metadata__"
_BLOCK_BYTES = 1 << 22
# the bits of the exponent; a value is infinite or not a number where all of them are set
_EXPONENT: Mapping[str, tuple[np.dtype[Any], int]] = MappingProxyType(
    {
        "F64": (np.dtype("<u8"), 0x7FF0_0000_0000_0000),
        "F32": (np.dtype("<u4"), 0x7F80_0000),
        "F16": (np.dtype("<u2"), 0x7C00),
        "BF16": (np.dtype("<u2"), 0x7F80),
    }
)
FLOATS = frozenset(_EXPONENT)


@dataclass(frozen=True)
class Tensor:
    """One tensor as the header of its file declares it; `begin` and `end` are bytes from the start of the file."""

    dtype: str
    shape: tuple[int, ...]
    begin: int
    end: int


def read_tensors(path: Path) -> dict[str, Tensor]:
    """Every tensor that a safetensors file declares, by name; header and size are checked, no tensor is read.

    Raises:
        MissingStageError: There is no such file.
        ArtifactError: It is no safetensors file, or a damaged one.
    """
    from safetensors import SafetensorError, safe_open  # noqa: PLC0415 - models only

    with opened(path) as file:
        try:
            with safe_open(path, framework="np"):
                pass
        except SafetensorError as error:
            why = printable(str(error), _QUOTE_LIMIT)
            raise ArtifactError(f"{path}: damaged, no safetensors file ({why})") from None
        length = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(length))
        start = file.tell()
    return {
        name: Tensor(entry["dtype"], tuple(entry["shape"]), *(start + offset for offset in entry["data_offsets"]))
        for name, entry in header.items()
        if name != _METADATA
    }


def first_not_finite(path: Path, tensors: Mapping[str, Tensor]) -> str:
    """Name of the first tensor that holds an infinite value or none at all (NaN); empty where all values are finite.

    Args:
        path: A file that `read_tensors` has read.
        tensors: What it declares.
    """
    data = np.memmap(path, dtype=np.uint8, mode="r")
    return next((name for name, tensor in tensors.items() if not _is_finite(data, tensor)), "")


def _is_finite(data: NDArray[np.uint8], tensor: Tensor) -> bool:
    """Whether no value of a tensor is infinite or not a number; whole numbers always are finite."""
    if tensor.dtype not in _EXPONENT:
        return True
    kind, exponent = _EXPONENT[tensor.dtype]
    mask = kind.type(exponent)
    for begin in range(tensor.begin, tensor.end, _BLOCK_BYTES):
        bits = data[begin : min(begin + _BLOCK_BYTES, tensor.end)].view(kind)
        if bool(((bits & mask) == mask).any()):
            return False
    return True
