"""How seconds and memory of the pipeline's commands grow: N, 10 N and 100 N made-up pairs, one command at a time.

    python -m benchmarks.growth [--n 1000] [--picture docs/growth.png]

There is a test pair for five train pairs. The model is small and random: a real one takes the same time for each text,
however many there are, and would hide everything else. The training is one epoch in batches of 128, evaluated at its
start and its end: by the usual recipe more pairs mean more evaluations, of more pairs each.
"""

from __future__ import annotations

import math
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click
import torch
from matplotlib.figure import Figure
from rich.console import Console
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer import modules
from transformers import AutoTokenizer, BertConfig, BertModel
from transformers.utils import logging

from benchmarks.commands import Cost, run_command
from benchmarks.machine import description
from benchmarks.markdown import print_row
from benchmarks.scale import write_pairs
from src.embedding.base_model import resolve_base_model
from src.embedding.loading import go_offline
from src.models import MAX_STEPS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SIZES = (1, 10, 100)
TRAIN_PAIRS_A_TEST_PAIR = 5
STAGES: Mapping[str, tuple[str, ...]] = {
    "evaluate-data": ("evaluate-data",),
    "baseline": ("baseline",),
    "train": ("train", "--mode", "standard", "--epochs", "1", "--batch-size", "128", "--eval-steps", str(MAX_STEPS)),
    "evaluate": ("evaluate",),
    "compare": ("compare",),
}
console = Console()


@click.command()
@click.option(
    "--n", "size", type=click.IntRange(100), default=1_000, show_default=True, help="N; shown at 10 N and 100 N too."
)
@click.option("--picture", type=click.Path(path_type=Path, dir_okay=False), help="Draw it into this file too.")
def main(size: int, picture: Path | None) -> None:
    """Measure, and print a Markdown table."""
    go_offline()
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    console.print(description(), soft_wrap=True)
    sizes = [size * factor for factor in SIZES]
    costs: dict[str, list[Cost]] = {name: [] for name in STAGES}
    with tempfile.TemporaryDirectory() as folder:
        model = _small_model(Path(folder))
        for n in sizes:
            for name, cost in _costs(Path(folder) / str(n), n, model).items():
                costs[name].append(cost)
    _print(sizes, costs)
    if picture:
        _draw(sizes, costs, picture)


def exponent(sizes: Sequence[int], values: Sequence[float]) -> float:
    """The p of n^p between the two largest sizes, where the start of a command weighs least."""
    return math.log(values[-1] / values[-2]) / math.log(sizes[-1] / sizes[-2])


def _small_model(folder: Path) -> Path:
    """A BERT with one narrow layer, random weights and the base model's tokenizer."""
    base = Path(resolve_base_model(None).source)
    torch.manual_seed(0)
    config = BertConfig.from_pretrained(
        base, hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=64
    )
    BertModel(config).save_pretrained(folder / "bert")
    AutoTokenizer.from_pretrained(base).save_pretrained(folder / "bert")
    transformer = modules.Transformer(str(folder / "bert"), max_seq_length=128)
    parts = [transformer, modules.Pooling(config.hidden_size), modules.Normalize()]
    SentenceTransformer(modules=parts, device="cpu").save_pretrained(str(folder / "model"), create_model_card=False)
    return folder / "model"


def _costs(folder: Path, n: int, model: Path) -> dict[str, Cost]:
    write_pairs(folder / "data", n, n // TRAIN_PAIRS_A_TEST_PAIR)
    where = ("--root", folder / "root", "--data-dir", folder / "data", "--base-model", model, "--device", "cpu")
    return {name: run_command(*map(str, where), *arguments) for name, arguments in STAGES.items()}


def _print(sizes: Sequence[int], costs: Mapping[str, Sequence[Cost]]) -> None:
    print_row(console, "command", *(f"{n:,} pairs" for n in sizes), "s grow as", "MB grow as")
    print_row(console, *["---"] * (len(sizes) + 3))
    for name, own in costs.items():
        cells = (f"{cost.seconds:.1f} s, {cost.megabytes:,.0f} MB" for cost in own)
        powers = (exponent(sizes, values) for values in zip(*own, strict=True))
        print_row(console, f"`{name}`", *cells, *(f"n^{power:.2f}" for power in powers))


def _draw(sizes: Sequence[int], costs: Mapping[str, Sequence[Cost]], path: Path) -> None:
    """Both panels in logarithms, where a straight line is a power of n; a dotted line grows as n does."""
    figure = Figure(figsize=(9, 3.6), layout="constrained")
    for panel, (field, title) in zip(
        figure.subplots(1, 2), (("seconds", "seconds"), ("megabytes", "most memory, MB")), strict=True
    ):
        for name, own in costs.items():
            panel.loglog(sizes, [getattr(cost, field) for cost in own], marker="o", label=name)
        largest = max(getattr(own[-1], field) for own in costs.values())
        panel.loglog(sizes, [largest * n / sizes[-1] for n in sizes], color="grey", linestyle=":", label="grows as n")
        panel.set(title=title, xlabel="train pairs")
    panel.legend(fontsize="small")
    figure.savefig(path, dpi=110)


if __name__ == "__main__":
    main()
