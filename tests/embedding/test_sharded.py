from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import numpy as np
import pytest

from src.core.errors import PipelineError
from src.embedding import sharded as encoding
from src.embedding.encoder import distinct_texts, encode_texts, pair_embeddings
from src.embedding.loading import loaded_model
from src.embedding.sharded import encode_splits
from src.embedding_stage import embedding_job
from src.storage.files import read_array

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from src.models import PairSet
    from src.workflow.context import RunContext

KEY, OTHER_KEY = "a" * 64, "b" * 64


@pytest.fixture(autouse=True)
def small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoding, "SHARD_TEXTS", 50)


@pytest.fixture
def batches(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Number of texts in each shard that was encoded."""
    sizes: list[int] = []

    def counted(model: object, texts: Sequence[str], *rest: object) -> np.ndarray:
        sizes.append(len(texts))
        return encode_texts(model, texts, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(encoding, "encode_texts", counted)
    return sizes


def _read(files: dict[str, Path], split: str, n: int) -> np.ndarray:
    return np.array(read_array(files[split], (n, 2, None)))


def test_shards_give_what_one_piece_gives_in_the_place_of_every_pair(context: RunContext) -> None:
    files = encode_splits(embedding_job(context, "baseline"), KEY)

    rows = distinct_texts(list(context.pair_sets.values()))
    with loaded_model(context.base, "cpu") as model:
        vectors = encode_texts(model, list(rows))
        del model
    for split, pairs in context.pair_sets.items():
        np.testing.assert_allclose(
            _read(files, split, len(pairs)), pair_embeddings(pairs, rows, vectors), rtol=0, atol=1e-6
        )


def test_every_distinct_text_is_encoded_once(context: RunContext, batches: list[int]) -> None:
    encode_splits(embedding_job(context, "baseline"), KEY)

    texts = distinct_texts(list(context.pair_sets.values()))
    assert sum(batches) == len(texts)
    assert max(batches) == 50


def test_what_was_done_before_an_interruption_is_not_done_again(
    context: RunContext, batches: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = {
        split: _read(encode_splits(embedding_job(context, "lora"), KEY), split, len(p)) for split, p in _sets(context)
    }
    n_shards, write = len(batches), encoding._write_shard
    batches.clear()

    def cut_off(*arguments: object) -> None:
        if len(batches) == 3:
            raise KeyboardInterrupt
        write(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(encoding, "_write_shard", cut_off)
    with pytest.raises(KeyboardInterrupt):
        encode_splits(embedding_job(context, "baseline"), KEY)
    monkeypatch.setattr(encoding, "_write_shard", write)
    batches.clear()

    files = encode_splits(embedding_job(context, "baseline"), KEY)

    assert len(batches) == n_shards - 2
    for split, pairs in _sets(context):
        np.testing.assert_array_equal(_read(files, split, len(pairs)), whole[split])


def lose(file: Path) -> None:
    file.unlink()


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-1])


def empty(file: Path) -> None:
    file.write_bytes(b"")


def change_the_header(file: Path) -> None:
    file.write_bytes(b"x" + file.read_bytes()[1:])


def link(file: Path) -> None:
    file.rename(file.with_name("elsewhere"))
    file.symlink_to(file.with_name("elsewhere"))


@pytest.mark.parametrize("harm", [lose, cut, empty, change_the_header, link])
def test_marks_without_the_files_that_they_speak_of_count_for_nothing(
    context: RunContext, batches: list[int], harm: Callable[[Path], None]
) -> None:
    files = encode_splits(embedding_job(context, "baseline"), KEY)
    whole = {split: _read(files, split, len(pairs)) for split, pairs in _sets(context)}
    n_shards = len(batches)
    harm(files["eval"])

    files = encode_splits(embedding_job(context, "baseline"), KEY)

    assert len(batches) == 2 * n_shards
    for split, pairs in _sets(context):
        np.testing.assert_array_equal(_read(files, split, len(pairs)), whole[split])


def test_shards_of_other_data_or_weights_are_thrown_away(context: RunContext, batches: list[int]) -> None:
    encode_splits(embedding_job(context, "baseline"), KEY)
    n_shards = len(batches)
    encode_splits(embedding_job(context, "baseline"), KEY)
    assert len(batches) == n_shards

    encode_splits(embedding_job(context, "baseline"), OTHER_KEY)

    assert len(batches) == 2 * n_shards
    assert [folder.name for folder in context.paths.encoding("baseline").iterdir()] == [OTHER_KEY[:16]]


def mark_as_folder(folder: Path) -> None:
    (folder / KEY[:16] / "shard-0.done").mkdir(parents=True)


def mark_as_link(folder: Path) -> None:
    (folder / KEY[:16]).mkdir(parents=True)
    (folder / KEY[:16] / "shard-0.done").symlink_to(folder.parents[1] / "outside" / "new")


def array_as_pipe(folder: Path) -> None:
    (folder / KEY[:16]).mkdir(parents=True)
    os.mkfifo(folder / KEY[:16] / "eval.npy")


def key_as_link(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / KEY[:16]).symlink_to(folder.parents[1] / "outside")


def all_as_link(folder: Path) -> None:
    folder.parent.mkdir(parents=True)
    folder.symlink_to(folder.parents[1] / "outside")


def all_as_pipe(folder: Path) -> None:
    folder.parent.mkdir(parents=True)
    os.mkfifo(folder)


def beside_a_folder_of_the_user(folder: Path) -> None:
    (folder / "mine").mkdir(parents=True)


STANDING = [mark_as_folder, mark_as_link, array_as_pipe, key_as_link, all_as_link, all_as_pipe]


@pytest.mark.timeout(60)
@pytest.mark.parametrize("stand", [*STANDING, beside_a_folder_of_the_user])
def test_what_stands_in_the_way_of_the_shards_is_left_alone_and_not_followed(
    context: RunContext, batches: list[int], stand: Callable[[Path], None]
) -> None:
    place = context.paths.encoding("baseline")
    outside = context.paths.root / "outside"
    (outside / "mine").mkdir(parents=True)
    stand(place)
    before = place.lstat().st_mode

    files = encode_splits(embedding_job(context, "baseline"), KEY)

    assert batches
    for split, pairs in _sets(context):
        assert np.linalg.norm(_read(files, split, len(pairs)), axis=2) == pytest.approx(1)
    assert [path.name for path in outside.iterdir()] == ["mine"]
    assert place.lstat().st_mode == before
    assert (place / "mine").exists() == (stand in (beside_a_folder_of_the_user, all_as_link))


def test_a_file_that_cannot_be_written_is_told_and_the_done_shards_stay(
    context: RunContext, batches: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(encoding, "_write_shard", full)

    with pytest.raises(PipelineError, match="cannot be written: No space left on device"):
        encode_splits(embedding_job(context, "baseline"), KEY)

    assert len(batches) == 1
    assert not list(context.paths.encoding("baseline").rglob("*.done"))


def test_a_root_that_was_replaced_meanwhile_gets_no_shard(
    context: RunContext, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def replacing(model: object, texts: Sequence[str], *rest: object) -> np.ndarray:
        shutil.copytree(context.paths.root, tmp_path / "another")
        shutil.rmtree(context.paths.root)
        (tmp_path / "another").rename(context.paths.root)
        return encode_texts(model, texts, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(encoding, "encode_texts", replacing)

    with pytest.raises(PipelineError, match="was removed or replaced during the run"), context.writing():
        encode_splits(embedding_job(context, "baseline"), KEY)

    (folder,) = context.paths.encoding("baseline").iterdir()
    assert not list(folder.glob("*.done"))
    assert not any(np.load(array, mmap_mode="r").any() for array in folder.glob("*.npy"))


def _sets(context: RunContext) -> list[tuple[str, PairSet]]:
    return list(context.pair_sets.items())


def test_a_process_without_a_shard_leaves_the_files_that_the_others_write(
    context: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoding, "SHARD_TEXTS", 10_000)
    files = encode_splits(embedding_job(context, "baseline"), KEY)
    for mark in files["eval"].parent.glob("*.done"):
        mark.unlink()
    # the second of two processes, while the first is at work on the only shard
    monkeypatch.setattr(encoding, "rank", lambda: 1)
    monkeypatch.setattr(encoding, "world_size", lambda: 2)
    monkeypatch.setattr(encoding, "is_main_process", lambda: False)

    encode_splits(embedding_job(context, "baseline"), KEY)

    assert all(file.is_file() for file in files.values())
