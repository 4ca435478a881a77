"""Attacks on a root: things that no stage put there, locks that are none, checkpoints of others and damaged ones.

A new case is one line of a table.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from safetensors.torch import load_file, save_file

if TYPE_CHECKING:
    from collections.abc import Callable

DONE, FAILED, WRONG = 0, 1, 2
Place = "Callable[[Path], object]"


# --- what may stand in a place --------------------------------------------------------------------------


def fifo(path: Path) -> None:
    os.mkfifo(path)


def unix_socket(path: Path) -> None:
    # a socket's path is short: it is made beside and moved
    with socket.socket(socket.AF_UNIX) as made:
        before = Path.cwd()
        os.chdir(path.parent)
        try:
            made.bind("s")
        finally:
            os.chdir(before)
    (path.parent / "s").rename(path)


def folder(path: Path) -> None:
    path.mkdir()


def file(path: Path) -> None:
    path.write_text("mine")


def link_to(target: str) -> Callable[[Path], None]:
    return lambda path: path.symlink_to(target)


def link_to_itself(path: Path) -> None:
    path.symlink_to(path.name)


def link_to_a_folder_outside(path: Path) -> None:
    outside = path.parents[3] / "outside"
    outside.mkdir(exist_ok=True)
    (outside / "mine").write_text("mine")
    path.symlink_to(outside)


def hard_link_of(name: str) -> Callable[[Path], None]:
    def place(path: Path) -> None:
        other = path.parent.parent / name
        other.parent.mkdir(parents=True, exist_ok=True)
        other.write_text("mine")
        path.hardlink_to(other)

    return place


def folder_with(*names: str) -> Callable[[Path], None]:
    def place(path: Path) -> None:
        for name in names:
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            (path / name).write_text("mine")

    return place


# --- 7: strays ------------------------------------------------------------------------------------------


class Stray(NamedTuple):
    """Something in a root that no stage put there, and what `evaluate-data` makes of it."""

    where: str  # below the root
    what: Callable[[Path], object]
    code: int = DONE
    told: str = ""
    stays: bool = True


LEFT = "not made by a stage; left alone"
IN_THE_WAY = "a folder is in the way of a file; move it away"
NO_FOLDER = "no folder, or a link to one; move it away"
STRAYS = (
    # as they were found
    Stray(".pipeline/ready-Foo Bar", folder, told=LEFT),
    Stray(".pipeline/ready-evaluate-data", fifo, told=LEFT),
    Stray(".pipeline/ready-evaluate-data", link_to("nowhere"), told=LEFT),
    # of the same kind
    Stray(".pipeline/new-evaluate-data", unix_socket, told=LEFT),
    Stray(".pipeline/new-evaluate-data", link_to_a_folder_outside, told=LEFT),
    Stray(".pipeline/old-evaluate-data", link_to_itself, told=LEFT),
    Stray(".pipeline/old-evaluate-data", folder_with("photo.jpg"), told=LEFT),
    Stray(".pipeline/new-photos", folder_with("one.jpg", "more/two.jpg"), told=LEFT),
    Stray(".pipeline/ready-notes", folder_with("letter.txt"), told=LEFT),
    Stray(".pipeline/ready-backup", folder_with("data/raw/dating_pairs.jsonl", "eval/x.json"), told=LEFT),
    Stray(".pipeline/ready-report", folder_with("eval/summary.md"), told=LEFT),
    Stray(".pipeline/ready-evaluate-data", link_to("/dev/zero"), told=LEFT),
    Stray(".pipeline/ready-", fifo, told=LEFT),
    Stray(".pipeline/encoding-baseline", fifo, told=LEFT),
    Stray(".pipeline/Foo.json", fifo),
    Stray(".pipeline/evaluate-data.json", fifo, stays=False),
    Stray(".pipeline/evaluate-data.json", link_to_itself, stays=False),
    Stray(".pipeline/evaluate-data.json", folder, FAILED, IN_THE_WAY),
    Stray("data/evaluation/data_quality_report.json", unix_socket, stays=False),
    Stray("data/evaluation/data_quality_report.json", folder, FAILED, IN_THE_WAY),
    Stray("data/evaluation/data_quality_summary.txt", link_to("/dev/zero"), stays=False),
    Stray("training/foo_training_info.json", fifo),
    Stray("training/model/foo_model", folder),
    Stray("training/model/foo_model", link_to_a_folder_outside),
    Stray("training/checkpoints/standard", fifo),
    Stray("eval/foo_metrics.json", fifo),
    Stray("eval/visualizations/baseline", unix_socket),
    Stray(".pipeline/ready-evaluate-data", file, told=LEFT),
    Stray(".pipeline/new-train-", unix_socket, told=LEFT),
    Stray(".pipeline/new-train-..", folder, told=LEFT),
    Stray(".pipeline/old-evaluate-Data", folder_with("mine"), told=LEFT),
    Stray(".pipeline/lock.old", link_to_itself),
    Stray("eval/visualizations/comparison", link_to_itself),
    Stray("eval/visualizations/baseline", link_to("/proc/self")),
    Stray("training/model/Foo Bar_model", unix_socket),
    Stray("training", fifo, FAILED, NO_FOLDER),
    Stray("eval", link_to_itself, FAILED, NO_FOLDER),
    Stray("data/embeddings", unix_socket, FAILED, NO_FOLDER),
    Stray(".pipeline", fifo, FAILED, NO_FOLDER),
)


# what is called as a part of a training is, and belongs to none
NO_TRAININGS = (
    "training/zzz_training_info.json",
    "training/Foo Bar_training_info.json",
    "training/_training_info.json",
    "training/model/yyy_model",
    "training/model/baseline_model",
    "training/model/Foo Bar_model",
)


class InTheData(NamedTuple):
    """Something in the place of a data file, or of the data folder itself."""

    where: str  # below the data folder's parent
    what: Callable[[Path], object]
    told: str


NO_FILE = "no regular file; JSON Lines in a file are expected"
IN_THE_DATA = (
    InTheData("data/dating_pairs.jsonl", fifo, NO_FILE),
    InTheData("data/eval_pairs.jsonl", unix_socket, NO_FILE),
    InTheData("data/eval_pairs.jsonl", folder, NO_FILE),
    InTheData("data/challenge_pairs.jsonl", fifo, NO_FILE),
    InTheData("data/challenge_pairs.jsonl", link_to("nowhere"), "no such file"),
    InTheData("data/dating_pairs.jsonl", link_to_itself, "cannot be read"),
    InTheData("data/dating_pairs.jsonl", link_to("/dev/zero"), NO_FILE),
    InTheData("data", fifo, "cannot be read: Not a directory"),
    InTheData("data", link_to_itself, "cannot be read"),
    InTheData("data", link_to("nowhere"), "no such file"),
)

# --- 11: locks ------------------------------------------------------------------------------------------

LOCKS: dict[str, Callable[[Path], object]] = {
    "a hard link of a file in the root": hard_link_of("notes.txt"),
    "a hard link of a record": hard_link_of(".pipeline/baseline.json"),
    "a hard link of a result": hard_link_of("eval/summary.md"),
    "a hard link of a data file": hard_link_of("data/raw/dating_pairs.jsonl"),
    "a hard link of a checkpoint's mark": hard_link_of("training/checkpoints/standard/checkpoint-2/complete.json"),
    "a hard link of a hidden file": hard_link_of(".notes"),
    "a hard link of another lock": hard_link_of("other/.pipeline/lock"),
    "a FIFO": fifo,
    "a socket": unix_socket,
    "a folder": folder,
    "a folder with files": folder_with("mine"),
    "a link to a file": link_to("../notes.txt"),
    "a link to nowhere": link_to("nowhere"),
    "a link to itself": link_to_itself,
    "a link to a device": link_to("/dev/null"),
}

# what a lock file may hold of an earlier holder; it is no one's, and is locked
LOCK_TEXTS = (b"", b"process 1 on host since long ago (`run`)", b"\x1b[2J\x00\xff", b"x" * 100_000, b"\n" * 10)

# --- 13: checkpoints of another recipe ------------------------------------------------------------------


class Other(NamedTuple):
    """Options of `train` other than those of the training that was cut off, and how the difference is told."""

    options: tuple[str, ...]
    told: str


OTHERS = (
    # as they were found
    Other(("--resume", "--learning-rate", "1e-3"), r"another recipe \(learning rate 2e-5\)"),
    Other(("--learning-rate", "1e-3"), r"another recipe \(learning rate 2e-5\)"),
    # of the same kind
    Other(("--resume", "--epochs", "7"), r"another recipe \(epochs 4\)"),
    Other(("--batch-size", "4"), r"another recipe \(batch size 16\)"),
    Other(("--resume", "--warmup-steps", "1"), r"another recipe \(warmup steps 100\)"),
    Other(("--eval-steps", "1"), r"another recipe \(eval steps 500\)"),
    Other(("--resume", "--precision", "fp32"), r"another recipe \(precision auto\)"),
    Other(("--loss", "cosent"), r"another recipe \(loss cosine\)"),
    Other(("--epochs", "7", "--batch-size", "4"), r"another recipe \(epochs 4, batch size 16\)"),
)


def give_another_fingerprint(mark: dict[str, Any]) -> None:
    mark["fingerprint"] = "of other data"


def forget_the_recipe(mark: dict[str, Any]) -> None:
    give_another_fingerprint(mark)
    del mark["recipe"]


def garble_the_recipe(mark: dict[str, Any]) -> None:
    give_another_fingerprint(mark)
    mark["recipe"] = '{"name": 7}'


# marks as another version or other data leave them: the recipe is the same or not known
MARKS: dict[Callable[[dict[str, Any]], None], str] = {
    give_another_fingerprint: "checkpoints of the same recipe on other data, or with another base model",
    forget_the_recipe: "checkpoints of another training stand",
    garble_the_recipe: "checkpoints of another training stand",
}

# --- 13: damaged checkpoints ----------------------------------------------------------------------------

Damage = tuple[str, "Callable[[Path], object]"]


def text(content: str) -> Callable[[Path], object]:
    return lambda path: path.write_text(content)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-7])


def field(name: str, value: object) -> Callable[[Path], object]:
    """Set one field of a JSON file."""

    def damage(path: Path) -> None:
        path.write_text(json.dumps(json.loads(path.read_text()) | {name: value}))

    return damage


def without(path: Path) -> None:
    path.unlink()


def as_type(dtype: torch.dtype) -> Callable[[Path], object]:
    def damage(path: Path) -> None:
        save_file({name: tensor.to(dtype) for name, tensor in load_file(path).items()}, path, {"format": "pt"})

    return damage


def moments_as(dtype: torch.dtype) -> Callable[[Path], object]:
    def damage(path: Path) -> None:
        state = torch.load(path, weights_only=True)
        for known in state["state"].values():
            known["exp_avg"] = known["exp_avg"].to(dtype)
        torch.save(state, path)

    return damage


def saved(value: object) -> Callable[[Path], object]:
    return lambda path: torch.save(value, path)


def changed(**fields: object) -> Callable[[Path], object]:
    """Set fields of a file of torch's."""
    return lambda path: torch.save(torch.load(path, weights_only=True) | fields, path)


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()
    (path / "mine").touch()


class Payload:
    """Runs code when it is unpickled."""

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return shutil.rmtree, ("/nowhere/at/all",)


# each file is damaged in the newest checkpoint, whose mark is then made to fit
DAMAGES: tuple[Damage, ...] = (
    # as they were found
    ("trainer_state.json", text("[]")),
    ("trainer_state.json", cut),
    ("trainer_state.json", text("")),
    ("model.safetensors", as_type(torch.float64)),
    ("optimizer.pt", saved(Payload())),
    # of the same kind
    ("trainer_state.json", text("7")),
    ("trainer_state.json", text('{"global_step": 4}')),
    ("trainer_state.json", field("global_step", "4")),
    ("trainer_state.json", field("global_step", 2)),
    ("trainer_state.json", field("log_history", None)),
    ("trainer_state.json", field("log_history", [{"eval_spearman": "high"}])),
    ("trainer_state.json", field("best_global_step", 999)),
    ("trainer_state.json", field("best_metric", [1])),
    ("trainer_state.json", field("surprise", 1)),
    ("trainer_state.json", field("train_batch_size", 3)),
    ("trainer_state.json", without),
    ("trainer_state.json", a_folder),
    ("model.safetensors", as_type(torch.float16)),
    ("model.safetensors", cut),
    ("optimizer.pt", moments_as(torch.float64)),
    ("optimizer.pt", moments_as(torch.int64)),
    ("optimizer.pt", saved({"state": {}, "param_groups": []})),
    ("optimizer.pt", changed(state={})),
    ("optimizer.pt", text("")),
    ("optimizer.pt", without),
    ("scheduler.pt", saved([])),
    ("scheduler.pt", saved({"last_epoch": 4})),
    ("scheduler.pt", changed(last_epoch=2)),
    ("scheduler.pt", without),
    ("trainer_state.json", text("null")),
    ("trainer_state.json", text("{" * 10_000)),
    ("trainer_state.json", text('{"global_step": 4, "global_step": 4}')),
    ("trainer_state.json", field("epoch", None)),
    ("trainer_state.json", field("stateful_callbacks", [7])),
    ("trainer_state.json", field("stateful_callbacks", {"TrainerControl": 7})),
    ("trainer_state.json", field("log_history", [[]])),
    ("trainer_state.json", field("best_model_checkpoint", [1])),
    ("trainer_state.json", field("num_input_tokens_seen", "many")),
    ("trainer_state.json", field("trial_params", 3)),
    ("trainer_state.json", field("logging_steps", "often")),
    ("trainer_state.json", field("is_world_process_zero", "no")),
    ("trainer_state.json", field("total_flos", float("nan"))),
    ("trainer_state.json", field("epoch", float("inf"))),
    ("trainer_state.json", field("max_steps", 10**400)),
    ("trainer_state.json", field("max_steps", -3)),
    ("trainer_state.json", field("num_train_epochs", 0)),
    ("trainer_state.json", saved(Payload())),
    ("model.safetensors", text("")),
    ("model.safetensors", saved(Payload())),
    ("model.safetensors", without),
    ("optimizer.pt", cut),
    ("optimizer.pt", a_folder),
    ("scheduler.pt", saved(Payload())),
    ("rng_state.pth", saved(Payload())),
    ("rng_state.pth", text("")),
    ("rng_state.pth", saved({"python": 1})),
    ("rng_state.pth", saved(torch.zeros(3))),
    ("rng_state.pth", cut),
    ("rng_state.pth", without),
)
