"""Embed any number of pairs in shards, straight into `.npy` files, in constant memory. Embedding can be resumed.

The distinct texts are sorted by length, so that batches need little padding, and cut into shards. The vectors of a
shard are written to every place of its texts, then the shard is marked as done. A later run skips the shards that are
done. Several processes share the shards.
"""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..core.distributed import barrier, is_main_process, rank, world_size
from ..core.errors import MAKE_ROOM, PipelineError
from ..models import NO_PROMPTS, Prompts
from ..storage.files import is_file, is_folder, npy_header, remove_if_empty
from .encoder import distinct_texts, encode_texts, refuse_without_direction
from .loading import loaded_model

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from ..core.progress import Reporter
    from ..models import PairSet, Split
    from .base_model import BaseModel

SHARD_TEXTS = 2_048
_BYTES = 4
_DONE = ".done"
_KEY_LENGTH = 16
_IS_KEY = re.compile(rf"[0-9a-f]{{{_KEY_LENGTH}}}")


@dataclass(frozen=True, eq=False)
class _Places:
    """Places of the texts of one split in its array; side s of pair i is place 2i + s."""

    path: Path
    n: int
    text: NDArray[np.int64]  # (2N,) number of the text at each place, ascending
    place: NDArray[np.int64]  # (2N,) the place


@dataclass(frozen=True, eq=False)
class EncodingJob:
    """One model's embeddings of some files, and where they are made.

    `check_root` raises when this process may no longer write below the root, `root_lost` tells whether that is so.
    """

    pair_sets: Mapping[Split, PairSet]
    folder: Path
    base: BaseModel
    device: str
    trained: Path | None  # folder of the trained model; None for the base model
    name: str  # the model's, for the progress bar
    reporter: Reporter
    check_root: Callable[[], None]
    root_lost: Callable[[], bool]
    foreign: bool = False  # whether that folder was trained elsewhere
    prompts: Prompts = NO_PROMPTS  # what the model reads before each text


def encode_splits(job: EncodingJob, key: str) -> dict[Split, Path]:
    """Embed both sides of all pairs with one model.

    Args:
        job: Pairs, model and place.
        key: Hash of everything that the embeddings are made from; shards of another key are thrown away.

    Returns:
        Split to a complete `.npy` of shape (N, 2, D), float32, in a folder of its own, to be moved from there.

    Raises:
        PipelineError: A file cannot be written, or the disk is full; the shards that are done stay.
    """
    pair_sets = {split: job.prompts.before(pairs) for split, pairs in job.pair_sets.items()}
    texts = sorted(distinct_texts(list(pair_sets.values())), key=len, reverse=True)
    folder = job.folder / key[:_KEY_LENGTH]
    try:
        with loaded_model(job.base, job.device, job.trained, foreign=job.foreign) as model:
            if is_main_process():
                _remove_others(folder)
            barrier()
            splits = _places(pair_sets, texts, folder)
            _allocate(splits.values(), model.get_embedding_dimension() or 0)
            wanted = [shard for shard in _shards(len(texts)) if not is_file(_mark(folder, shard))]
            barrier()  # no process may write a mark before all have read the marks
            mine = wanted[rank() :: world_size()]
            with job.reporter.task(f"Embedding with {job.name}", sum(map(len, mine))) as advance:
                for shard in mine:
                    vectors = encode_texts(model, texts[shard.start : shard.stop], advance)
                    refuse_without_direction(texts[shard.start : shard.stop], vectors)
                    job.check_root()
                    _write_shard(splits.values(), shard, vectors)
                    _mark(folder, shard).touch()
            del model
    except OSError as error:
        raise PipelineError(f"{folder}: cannot be written: {error.strerror or error}; {MAKE_ROOM}") from None
    finally:
        # without a finished shard there is nothing to resume; only the main process may judge that for all
        if is_main_process() and not job.root_lost() and is_folder(folder) and not any(folder.glob(f"*{_DONE}")):
            shutil.rmtree(folder)
            remove_if_empty(folder.parent)
    barrier()
    return {name: split.path for name, split in splits.items()}


def _remove_others(folder: Path) -> None:
    """Remove the shards of other keys, and what else than files and folders stands among those of this one."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    if not is_folder(folder):
        folder.unlink(missing_ok=True)
        folder.mkdir()
    for other in folder.parent.iterdir():
        if other != folder and _IS_KEY.fullmatch(other.name) and is_folder(other):
            shutil.rmtree(other, ignore_errors=True)
    if not all(map(is_file, folder.iterdir())):
        shutil.rmtree(folder)
        folder.mkdir()


def _places(pair_sets: Mapping[Split, PairSet], texts: Sequence[str], folder: Path) -> dict[Split, _Places]:
    number = {text: i for i, text in enumerate(texts)}
    found = {}
    for split, pairs in pair_sets.items():
        sides = np.empty((len(pairs), 2), dtype=np.int64)
        for side, column in enumerate((pairs.text_1, pairs.text_2)):
            sides[:, side] = np.fromiter((number[text] for text in column), dtype=np.int64, count=len(pairs))
        place = np.argsort(sides.ravel(), kind="stable")
        found[split] = _Places(folder / f"{split}.npy", len(pairs), sides.ravel()[place], place)
    return found


def _shards(n_texts: int) -> Iterator[range]:
    for start in range(0, n_texts, SHARD_TEXTS):
        yield range(start, min(start + SHARD_TEXTS, n_texts))


def _mark(folder: Path, shard: range) -> Path:
    return folder / f"shard-{shard.start}{_DONE}"


def _allocate(splits: Iterable[_Places], width: int) -> None:
    """Preallocate the files with their headers; if any is missing or wrong, start all of them again."""
    if is_main_process():
        for split in splits:
            header = npy_header((split.n, 2, width))
            size = len(header) + split.n * 2 * width * _BYTES
            if not _begins_with(split.path, header) or split.path.stat().st_size != size:
                for mark in split.path.parent.glob(f"*{_DONE}"):
                    mark.unlink()
                split.path.unlink(missing_ok=True)
                with split.path.open("xb") as file:
                    file.write(header)
                    file.truncate(size)
    barrier()


def _begins_with(path: Path, header: bytes) -> bool:
    if not is_file(path):
        return False
    with path.open("rb") as file:
        return file.read(len(header)) == header


def _write_shard(splits: Iterable[_Places], shard: range, vectors: NDArray[np.float32]) -> None:
    """Write the vectors of a shard to all their places, without a memory map: on a full disk that would crash."""
    width = vectors.shape[1] * _BYTES
    for split in splits:
        first, last = np.searchsorted(split.text, [shard.start, shard.stop])
        offset = split.path.stat().st_size - split.n * 2 * width
        with split.path.open("r+b") as file:
            for text, place in zip(split.text[first:last].tolist(), split.place[first:last].tolist(), strict=True):
                file.seek(offset + place * width)
                file.write(vectors[text - shard.start].tobytes())
            # after a power cut there must be no mark without its vectors
            file.flush()
            os.fsync(file.fileno())
