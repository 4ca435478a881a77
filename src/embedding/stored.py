"""Embeddings as they lie in their files, checked before anything is computed from them."""

from __future__ import annotations

import os
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from ..core.errors import ArtifactError
from ..storage.files import opened, read_array

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

_BYTES = 4
_BLOCK_BYTES = 1 << 22  # fits a processor's cache
# of a squared length; rounding to float32 changes it by less than a thousandth of this
_TOLERANCE = 1e-3


def read_embeddings(
    path: Path, shape: tuple[int, int, int | None], *, unit_length: bool, verify: bool = True
) -> NDArray[np.float32]:
    """Memory-map the embeddings of one split.

    Args:
        path: The file.
        shape: (N, 2, D); None stands for any D.
        unit_length: Whether every vector must have length 1; any length but zero otherwise.
        verify: Read all vectors instead of the header only. One command reads a file once.

    Raises:
        MissingStageError: There is no such file.
        ArtifactError: Not a float32 `.npy` of this shape, or a vector that no model of this kind gives.
    """
    found = read_array(path, shape)
    if verify:
        known = path.stat()
        unchanged = known.st_ino, known.st_size, known.st_mtime_ns, known.st_ctime_ns
        fault = _fault(path, found.shape, unit_length, *unchanged)
        if fault:
            raise ArtifactError(f"{path}: damaged, {fault}")
    return found


@lru_cache(maxsize=256)
def _fault(path: Path, shape: tuple[int, ...], unit_length: bool, *_unchanged: int) -> str:  # noqa: FBT001 - a key
    """What is wrong with the first vector that is; empty when nothing is. Reads in blocks, in constant memory."""
    n, _, width = shape
    row_bytes = 2 * width * _BYTES
    rows = max(1, _BLOCK_BYTES // max(row_bytes, 1))
    with opened(path) as file:
        file.seek(-n * row_bytes, os.SEEK_END)
        for start in range(0, n, rows):
            count = min(rows, n - start)
            values = np.frombuffer(file.read(count * row_bytes), dtype=np.float32)
            squares = _squared_lengths(values.reshape(count, 2, width))
            bad = np.argwhere(~_is_fine(squares, unit_length=unit_length))
            if len(bad):
                row, side = bad[0]
                return f"text {side + 1} of pair {start + row + 1} has {_told(float(squares[row, side]))}"
    return ""


def _squared_lengths(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    with np.errstate(over="ignore", invalid="ignore"):
        squares: NDArray[np.float32] = np.einsum("npd,npd->np", vectors, vectors)
    return squares


def _is_fine(squares: NDArray[np.float32], *, unit_length: bool) -> NDArray[np.bool_]:
    # a comparison with NaN is False
    return np.abs(squares - 1) <= _TOLERANCE if unit_length else (squares > 0) & (squares < np.inf)


def _told(square: float) -> str:
    if not np.isfinite(square):
        return "an embedding that is not finite"
    return "a zero vector" if square == 0 else f"an embedding of length {square**0.5:.3g}, not 1"
