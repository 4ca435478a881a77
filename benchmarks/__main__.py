"""Peer and ours in one run: `python -m benchmarks [--data-dir DIR] [--whole]`."""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

import click
import torch
from rich.console import Console
from rich.table import Table

from benchmarks.commands import run_command
from benchmarks.machine import description, multiply_rate, processor
from benchmarks.ratios import Spread, fallen, keep_ratios, kept_ratios
from benchmarks.scale import check_cost, metrics_cost
from benchmarks.training import PARAMETERS, Steps, time_steps
from src.core.paths import SHIPPED_DATA
from src.data_loader import load_pairs
from src.embedding.loading import go_offline
from src.models import TrainingMode

PLAIN_STEPS = 300  # one training of the recipe on 1,195 pairs
SLOWER = 3  # exit code of a gate that says no
console = Console()


@click.command()
@click.option("--data-dir", type=click.Path(path_type=Path), default=SHIPPED_DATA, help="Train pairs to step on.")
@click.option("--rounds", type=int, default=3, show_default=True, help="Peer and ours take turns so often.")
@click.option("--n", "size", type=int, default=10_000, show_default=True, help="Scale is shown at N, 10 N and 100 N.")
@click.option("--whole", is_flag=True, help="The whole `run` too, beside the plain trainer's steps.")
@click.option("--keep", is_flag=True, help="Keep the ratios in benchmarks/ratios.json for this kind of processor.")
def main(data_dir: Path, rounds: int, size: int, *, whole: bool, keep: bool) -> None:
    """Measure, and print ratios; exit with 3 if one is below the last that was kept by more than its spread."""
    go_offline()
    console.print(description(), soft_wrap=True)
    rates = {name: multiply_rate(dtype) for name, dtype in (("fp32", torch.float32), ("bf16", torch.bfloat16))}
    console.print(f"matrix product: {rates['fp32']:.0f} GFLOP/s in fp32, {rates['bf16']:.0f} in bf16")
    turns = {mode: _training(data_dir, mode, rounds, max(rates.values())) for mode in TrainingMode}
    ratios = {mode.value: Spread.of([plain / ours for plain, ours in of_mode]) for mode, of_mode in turns.items()}
    for name, ratio in ratios.items():
        console.print(f"{name}: {ratio} times as fast")
    _start_up(rounds)
    if whole:
        plain_step = sum(statistics.mean(plain for plain, _ in of_mode) for of_mode in turns.values())
        _whole_run(data_dir, plain_step * PLAIN_STEPS, rounds)
    _scale(size)
    _compare(ratios, keep=keep)


def _compare(ratios: dict[str, Spread], *, keep: bool) -> None:
    kind = processor()
    kept = kept_ratios(kind)
    if keep:
        keep_ratios(kind, ratios)
    elif not kept:
        console.print(f"{kind}: nothing was kept for this kind of processor to compare with; --keep keeps these ratios")
    elif slower := fallen(ratios, kept):
        console.print("\n".join(slower), soft_wrap=True)
        sys.exit(SLOWER)


def _training(data_dir: Path, mode: TrainingMode, rounds: int, rate: float) -> list[tuple[float, float]]:
    """Mean seconds of a step by round, plain and ours; batches differ in length, so that only whole epochs compare."""
    pairs = load_pairs(data_dir / "dating_pairs.jsonl")
    turns = [[time_steps(pairs, mode, ours=ours) for ours in (False, True)] for _ in range(rounds)]
    table = Table(
        "trainer", "s a step", "min", "max", "useful tokens/s", "padding", "of the product's rate", title=mode.value
    )
    for name, own in (("plain", [turn[0] for turn in turns]), ("ours", [turn[1] for turn in turns])):
        table.add_row(name, *_step_row(own, mode, rate))
    console.print(table)
    return [(statistics.mean(plain.seconds), statistics.mean(ours.seconds)) for plain, ours in turns]


def _step_row(own: list[Steps], mode: TrainingMode, rate: float) -> list[str]:
    seconds = [s for steps in own for s in steps.seconds]
    tokens, useful = (sum(sum(getattr(steps, name)) for steps in own) for name in ("tokens", "useful"))
    mean = statistics.mean(seconds)
    passes = 6 if mode is TrainingMode.STANDARD else 4  # LoRA needs no gradient of the frozen weights
    share = passes * PARAMETERS * tokens / len(seconds) / mean / (rate * 1e9)
    per_second = useful / len(seconds) / mean
    return [
        f"{mean:.3f}",
        f"{min(seconds):.3f}",
        f"{max(seconds):.3f}",
        f"{per_second:,.0f}",
        f"{1 - useful / tokens:.0%}",
        f"{share:.0%}",
    ]


def _start_up(rounds: int) -> None:
    with tempfile.TemporaryDirectory() as root:
        for name, arguments, code in (
            ("--help", ["--help"], 0),
            ("a usage error", ["train", "--mode", "qlora"], 2),
            ("status, nothing there", ["--root", root, "--data-dir", str(SHIPPED_DATA), "status"], 0),
        ):
            seconds = [run_command(*arguments, code=code).seconds for _ in range(rounds)]
            console.print(f"{name}: {Spread.of(seconds)} s")


def _whole_run(data_dir: Path, plain_seconds: float, rounds: int) -> None:
    with tempfile.TemporaryDirectory() as root:
        where = ("--root", root, "--data-dir", str(data_dir))
        cost = run_command(*where, "run")
        for arguments in (["status"], ["run"]):
            seconds = [run_command(*where, *arguments).seconds for _ in range(rounds)]
            console.print(f"{arguments[0]}, all there and fresh: {Spread.of(seconds)} s")
    console.print(
        f"run: {cost.seconds:.0f} s, {cost.megabytes:.0f} MB; a plain standard and a plain LoRA training of "
        f"{PLAIN_STEPS} steps at the means above: {plain_seconds:.0f} s; ratio {cost.seconds / plain_seconds:.2f}"
    )


def _scale(size: int) -> None:
    table = Table(
        "pairs", "evaluate-data", "metrics and intervals: baseline", "model", "differences", "MB", title="scale"
    )
    for n in (size, 10 * size, 100 * size):
        with tempfile.TemporaryDirectory() as folder:
            check = check_cost(Path(folder), n)
            seconds, whole = metrics_cost(Path(folder), n)
        parts = (f"{seconds[part]:.1f} s" for part in ("baseline", "model", "differences"))
        table.add_row(f"{n:,}", f"{check.seconds:.1f} s, {check.megabytes:,.0f} MB", *parts, f"{whole.megabytes:,.0f}")
    console.print(table)


if __name__ == "__main__":
    main()
