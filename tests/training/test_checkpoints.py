from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from src.core.errors import PipelineError
from src.models import CheckpointMark, MeasuredPart, MeasuredPoint, TrainingPoint
from src.storage.files import write_json
from src.training.checkpoints import (
    checkpoint_folder,
    keep_only,
    newest_complete,
    read_part,
    recipes_of_others,
    refuse_strays,
    remove_all,
    remove_own,
    remove_phase,
    remove_unsealed,
    seal,
    write_part,
)

if TYPE_CHECKING:
    from collections.abc import Callable

NAMES = ("model.safetensors", "optimizer.pt", "1_Pooling/config.json")
FINGERPRINT = "f"


def make(folder: Path, step: int, fingerprint: str = FINGERPRINT, best_step: int | None = None) -> Path:
    checkpoint = checkpoint_folder(folder, step)
    for name in NAMES:
        (checkpoint / name).parent.mkdir(parents=True, exist_ok=True)
        (checkpoint / name).write_text(f"{name} {step}")
    seal(checkpoint, step, fingerprint, step if best_step is None else best_step)
    return checkpoint


def test_the_newest_complete_checkpoint_is_the_one_with_the_highest_step(tmp_path: Path) -> None:
    for step in (4, 12, 8):
        make(tmp_path, step)

    assert newest_complete(tmp_path, FINGERPRINT) == (checkpoint_folder(tmp_path, 12), [])


def test_without_checkpoints_there_is_none(tmp_path: Path) -> None:
    assert newest_complete(tmp_path / "nowhere", FINGERPRINT) == (None, [])


def remove_mark(checkpoint: Path) -> None:
    (checkpoint / "complete.json").unlink()


def cut_mark(checkpoint: Path) -> None:
    file = checkpoint / "complete.json"
    file.write_bytes(file.read_bytes()[:-10])


def lose_a_file(checkpoint: Path) -> None:
    (checkpoint / "optimizer.pt").unlink()


def empty_a_file(checkpoint: Path) -> None:
    (checkpoint / "optimizer.pt").write_bytes(b"")


def change_a_byte(checkpoint: Path) -> None:
    file = checkpoint / "optimizer.pt"
    content = bytearray(file.read_bytes())
    content[0] ^= 1
    file.write_bytes(content)


def add_a_file(checkpoint: Path) -> None:
    (checkpoint / "optimizer.bin").touch()


def link_a_file(checkpoint: Path) -> None:
    file = checkpoint / "model.safetensors"
    other = checkpoint.parent / "elsewhere"
    file.rename(other)
    file.symlink_to(other)


def rename(checkpoint: Path) -> None:
    checkpoint.rename(checkpoint.with_name("checkpoint-999999"))


def link_the_folder(checkpoint: Path) -> None:
    other = checkpoint.parent / "elsewhere"
    checkpoint.rename(other)
    checkpoint.symlink_to(other)


def replace_by_an_empty_folder(checkpoint: Path) -> None:
    shutil.rmtree(checkpoint)
    checkpoint.mkdir()


def replace_by_a_file(checkpoint: Path) -> None:
    shutil.rmtree(checkpoint)
    checkpoint.touch()


def name_a_file_outside(checkpoint: Path) -> None:
    file = checkpoint / "complete.json"
    file.write_text(file.read_text().replace('"optimizer.pt"', '"../optimizer.pt"'))
    (checkpoint / "optimizer.pt").rename(checkpoint.parent / "optimizer.pt")


HARMS = [
    remove_mark,
    cut_mark,
    lose_a_file,
    empty_a_file,
    change_a_byte,
    add_a_file,
    link_a_file,
    rename,
    link_the_folder,
    replace_by_an_empty_folder,
    replace_by_a_file,
    name_a_file_outside,
]


@pytest.mark.parametrize("harm", HARMS)
def test_a_checkpoint_that_is_not_whole_is_named_and_the_one_before_it_taken(
    tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    make(tmp_path, 4)
    harm(make(tmp_path, 8))

    newest, ignored = newest_complete(tmp_path, FINGERPRINT)

    assert newest == checkpoint_folder(tmp_path, 4)
    assert ignored == ["checkpoint-999999" if harm is rename else "checkpoint-8"]


@pytest.mark.parametrize("harm", HARMS)
def test_a_checkpoint_whose_best_one_is_not_whole_is_not_used(tmp_path: Path, harm: Callable[[Path], None]) -> None:
    make(tmp_path, 4)
    best = make(tmp_path, 8)
    make(tmp_path, 12, best_step=8)
    harm(best)

    newest, ignored = newest_complete(tmp_path, FINGERPRINT)

    assert newest == checkpoint_folder(tmp_path, 4)
    assert ignored == ["checkpoint-12", "checkpoint-999999" if harm is rename else "checkpoint-8"]


def test_a_checkpoint_of_another_training_is_ignored(tmp_path: Path) -> None:
    make(tmp_path, 4)
    make(tmp_path, 8, "another")

    assert newest_complete(tmp_path, FINGERPRINT) == (checkpoint_folder(tmp_path, 4), ["checkpoint-8"])


@pytest.mark.parametrize("stray", [Path.touch, os.mkfifo, lambda path: path.symlink_to("nowhere")])
@pytest.mark.parametrize("name", ["standard", "standard/checkpoint-4"])
def test_what_is_no_folder_where_a_checkpoint_goes_is_refused(
    tmp_path: Path, name: str, stray: Callable[[Path], object]
) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    stray(tmp_path / name)

    with pytest.raises(PipelineError, match=f"{name}: no folder of checkpoints; move it away and run again"):
        refuse_strays(tmp_path / "standard")


def test_a_finished_training_removes_its_own_checkpoints_and_no_other_thing(tmp_path: Path) -> None:
    make(tmp_path, 4)
    make(tmp_path, 8, "another")
    remove_mark(make(tmp_path, 12))
    (tmp_path / "checkpoint-best").mkdir()

    remove_own(tmp_path, FINGERPRINT)

    assert sorted(path.name for path in tmp_path.iterdir()) == ["checkpoint-8", "checkpoint-best"]


def test_a_checkpoint_that_is_written_again_is_not_complete_until_it_is_sealed_again(tmp_path: Path) -> None:
    checkpoint = make(tmp_path, 4)
    (checkpoint / "optimizer.pt").write_text("another")
    assert newest_complete(tmp_path, FINGERPRINT)[0] is None

    seal(checkpoint, 4, FINGERPRINT, 4)

    assert newest_complete(tmp_path, FINGERPRINT)[0] == checkpoint


def test_a_mark_that_was_written_by_hand_for_nothing_proves_nothing(tmp_path: Path) -> None:
    planted = checkpoint_folder(tmp_path, 999999)
    planted.mkdir()
    write_json(
        planted / "complete.json", CheckpointMark(fingerprint="another", step=999999, best_step=999999, files=())
    )

    assert newest_complete(tmp_path, FINGERPRINT) == (None, ["checkpoint-999999"])


def test_all_but_the_kept_ones_are_removed_and_links_are_not_followed(tmp_path: Path) -> None:
    outside = make(tmp_path / "outside", 1)
    folder = tmp_path / "checkpoints"
    for step in (4, 8, 12):
        make(folder, step)
    checkpoint_folder(folder, 16).symlink_to(outside)
    (folder / "notes.txt").touch()

    keep_only(folder, {"checkpoint-4", "checkpoint-12"})

    assert sorted(path.name for path in folder.iterdir()) == [
        "checkpoint-12",
        "checkpoint-16",
        "checkpoint-4",
        "notes.txt",
    ]
    assert (outside / "optimizer.pt").is_file()


def test_what_was_not_sealed_is_removed(tmp_path: Path) -> None:
    make(tmp_path, 4)
    remove_mark(make(tmp_path, 8))

    remove_unsealed(tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint-4"]


def test_removing_all_removes_the_folder_and_follows_no_link(tmp_path: Path) -> None:
    outside = make(tmp_path / "outside", 1)
    (tmp_path / "link").symlink_to(outside)
    make(tmp_path / "checkpoints", 4)

    for name in ("link", "checkpoints", "nowhere"):
        remove_all(tmp_path / name)

    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "outside"]
    assert (outside / "optimizer.pt").is_file()


# --- parts that validation chooses on -------------------------------------------------------------------


def make_part(folder: Path, number: int, fingerprint: str = FINGERPRINT) -> MeasuredPart:
    point = TrainingPoint(step=0, epoch=0.0, train_loss=None, spearman=0.1, auc_roc=0.5, learning_rate=0.0)
    part = MeasuredPart(fingerprint=fingerprint, recipe="{}", points=(MeasuredPoint(point=point, cosines=(0.5,)),))
    folder.mkdir(exist_ok=True)
    write_part(folder, number, part)
    return part


def test_a_finished_part_is_read_by_the_training_that_made_it(tmp_path: Path) -> None:
    part = make_part(tmp_path, 2)

    assert read_part(tmp_path, 2, FINGERPRINT) == part
    assert read_part(tmp_path, 1, FINGERPRINT) is None
    assert read_part(tmp_path, 2, "other") is None


def test_a_damaged_part_is_as_none(tmp_path: Path) -> None:
    make_part(tmp_path, 1)
    file = tmp_path / "part-1.json"
    file.write_bytes(file.read_bytes()[:-10])

    assert read_part(tmp_path, 1, FINGERPRINT) is None


def test_the_checkpoints_of_all_phases_belong_to_the_training_and_each_is_resumed_by_its_own(tmp_path: Path) -> None:
    make(tmp_path, 4, f"{FINGERPRINT}/1")
    make(tmp_path, 8, f"{FINGERPRINT}/2")

    assert recipes_of_others(tmp_path, FINGERPRINT) == []
    assert newest_complete(tmp_path, f"{FINGERPRINT}/2")[0] == checkpoint_folder(tmp_path, 8)

    remove_phase(tmp_path, f"{FINGERPRINT}/1")
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint-8"]


def test_a_finished_part_of_another_training_is_told_and_kept_until_all_is_removed(tmp_path: Path) -> None:
    make_part(tmp_path / "a", 1, "other")
    make_part(tmp_path / "a", 2)

    assert recipes_of_others(tmp_path / "a", FINGERPRINT) == ["{}"]
    remove_unsealed(tmp_path / "a")
    remove_own(tmp_path / "a", FINGERPRINT)
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["part-1.json"]
    remove_all(tmp_path / "a")
    assert not (tmp_path / "a").exists()
