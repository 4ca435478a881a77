"""What a GPU changes: the real commands there and on the processor, one after the other, and the same vectors on both.

    python -m benchmarks.device [--device cuda|mps] [--data-dir DIR] [--epochs 1]

Prints two Markdown tables. On a machine without a GPU it says so.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import click
import numpy as np
import torch
from rich.console import Console

from benchmarks.commands import run_command
from benchmarks.machine import description
from benchmarks.markdown import print_row
from src.core.paths import SHIPPED_DATA, ProjectPaths
from src.data_loader import load_pairs
from src.embedding.base_model import resolve_base_model
from src.embedding.encoder import distinct_texts, encode_texts
from src.embedding.loading import go_offline, loaded_model, resolve_device
from src.models import TrainingInfo

REPEATS = 3
console = Console()


class Trained(NamedTuple):
    """What one training command took and gave."""

    seconds: float  # the whole command, with its start
    megabytes: float  # peak of the process, without the GPU's memory
    info: TrainingInfo


@click.command()
@click.option("--device", default="auto", show_default=True, help="The device beside the processor.")
@click.option("--data-dir", type=click.Path(path_type=Path), default=SHIPPED_DATA, help="Pairs to train on.")
@click.option("--epochs", type=int, default=1, show_default=True)
def main(device: str, data_dir: Path, epochs: int) -> None:
    """Measure, and print the tables."""
    go_offline()
    found = resolve_device(device)
    if found == "cpu":
        raise click.UsageError("no GPU was found: there is nothing to compare")
    name = torch.cuda.get_device_name() if found == "cuda" else found
    console.print(f"{name}; {description()}", soft_wrap=True)
    _encode(data_dir, found)
    _train(data_dir, found, epochs)


def _encode(data_dir: Path, device: str) -> None:
    """Embed all texts on both devices."""
    texts = list(distinct_texts([load_pairs(data_dir / name) for name in ("dating_pairs.jsonl", "eval_pairs.jsonl")]))
    vectors = {}
    print_row(console, "device", "texts a second", "largest difference of a vector's entry to cpu")
    print_row(console, "---", "---", "---")
    for where in ("cpu", device):
        with loaded_model(resolve_base_model(None), where) as model:
            encode_texts(model, texts)  # the first time starts kernels
            times = []
            for _ in range(REPEATS):
                started = time.perf_counter()
                vectors[where] = encode_texts(model, texts)
                times.append(time.perf_counter() - started)
        difference = float(np.abs(vectors[where] - vectors["cpu"]).max())
        print_row(console, where, f"{len(texts) / statistics.median(times):,.0f}", f"{difference:.1e}")


def _train(data_dir: Path, device: str, epochs: int) -> None:
    """Train with each mode and precision on both devices, and on the GPU twice."""
    print_row(console, "device", "mode", "precision", "s", "MB", "best Spearman on eval", "same weights again")
    print_row(console, *["---"] * 7)
    for mode in ("standard", "lora"):
        for where, precision in (("cpu", "auto"), (device, "fp32"), (device, "bf16")):
            first, second = (_trained(data_dir, where, mode, precision, epochs) for _ in range(2))
            same = first.info.weights_sha256 == second.info.weights_sha256
            seconds = min(first.seconds, second.seconds)
            spearman = f"{first.info.best_spearman:.4f}"
            print_row(
                console, where, mode, first.info.precision, f"{seconds:.0f}", f"{first.megabytes:.0f}", spearman,
                "yes" if same else "no",
            )  # fmt: skip


def _trained(data_dir: Path, device: str, mode: str, precision: str, epochs: int) -> Trained:
    with tempfile.TemporaryDirectory() as root:
        where = ("--root", root, "--data-dir", str(data_dir), "--device", device)
        cost = run_command(*where, "train", "--mode", mode, "--precision", precision, "--epochs", str(epochs))
        path = ProjectPaths(root=Path(root), data_dir=data_dir).training_info(mode)
        return Trained(cost.seconds, cost.megabytes, TrainingInfo.model_validate_json(path.read_bytes()))


if __name__ == "__main__":
    main()
