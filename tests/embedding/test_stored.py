from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np
import pytest

from src.core.errors import ArtifactError, MissingStageError
from src.embedding import stored
from src.embedding.stored import read_embeddings
from src.storage.files import npy_header

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

SHAPE = (40, 2, 8)


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seven pairs a block."""
    monkeypatch.setattr(stored, "_BLOCK_BYTES", 7 * 2 * 8 * 4)


@pytest.fixture
def vectors() -> NDArray[np.float32]:
    values = np.random.default_rng(0).normal(size=SHAPE)
    return (values / np.linalg.norm(values, axis=2, keepdims=True)).astype(np.float32)


def written(folder: Path, vectors: NDArray[np.float32]) -> Path:
    path = folder / "a.npy"
    path.write_bytes(npy_header(vectors.shape) + vectors.tobytes())
    return path


@pytest.mark.parametrize("unit_length", [True, False])
def test_vectors_come_back_as_they_were_written(
    tmp_path: Path, vectors: NDArray[np.float32], unit_length: bool
) -> None:
    found = read_embeddings(written(tmp_path, vectors), (40, 2, None), unit_length=unit_length)

    np.testing.assert_array_equal(found, vectors)


@pytest.mark.parametrize("row", [0, 6, 7, 39])
@pytest.mark.parametrize(
    ("value", "unit_length", "what"),
    [
        (np.nan, True, "an embedding that is not finite"),
        (np.nan, False, "an embedding that is not finite"),
        (-np.inf, False, "an embedding that is not finite"),
        (3e38, False, "an embedding that is not finite"),
        (0.0, True, "a zero vector"),
        (0.0, False, "a zero vector"),
        (1.0, True, "an embedding of length 2.83, not 1"),
    ],
)
def test_a_vector_that_no_model_gives_is_refused_wherever_it_is(
    tmp_path: Path, vectors: NDArray[np.float32], row: int, *, value: float, unit_length: bool, what: str
) -> None:
    vectors[row, 1] = value
    path = written(tmp_path, vectors)

    with pytest.raises(ArtifactError, match=rf"a\.npy: damaged, text 2 of pair {row + 1} has {what}"):
        read_embeddings(path, SHAPE, unit_length=unit_length)


def test_a_model_that_does_not_normalise_gives_vectors_of_any_length(
    tmp_path: Path, vectors: NDArray[np.float32]
) -> None:
    path = written(tmp_path, vectors * np.float32(7))

    assert read_embeddings(path, SHAPE, unit_length=False).shape == SHAPE


def test_only_the_header_is_read_where_that_will_do(tmp_path: Path, vectors: NDArray[np.float32]) -> None:
    path = written(tmp_path, vectors * np.float32(np.nan))

    assert read_embeddings(path, SHAPE, unit_length=True, verify=False).shape == SHAPE


def test_a_file_is_looked_at_once_until_it_changes(
    tmp_path: Path, vectors: NDArray[np.float32], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, vectors)
    looked, look = [], stored._squared_lengths
    monkeypatch.setattr(stored, "_squared_lengths", lambda block: looked.append(1) or look(block))

    for _ in range(3):
        read_embeddings(path, SHAPE, unit_length=True)
    assert len(looked) == 6

    path.write_bytes(npy_header(SHAPE) + (vectors * np.float32(2)).tobytes())
    os.utime(path, ns=(1, 1))
    with pytest.raises(ArtifactError, match="of length 2, not 1"):
        read_embeddings(path, SHAPE, unit_length=True)


def test_a_missing_file_is_missing(tmp_path: Path) -> None:
    with pytest.raises(MissingStageError, match="missing"):
        read_embeddings(tmp_path / "a.npy", SHAPE, unit_length=True)
