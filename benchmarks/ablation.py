"""What each trick of the training step brings: seconds a step without it, over seconds with all of them.

Every variant is a model of its own with its own optimizer, in one process. In a round all of them train on the same
pairs, drawn anew for the round, as many as fill its steps, each pair once: batches grouped by length and batches by
chance hold the same texts, and a ratio is one of whole rounds. The variants take turns of a few steps, in random order,
so that a machine that gets slower or faster does so for all of them.

    python -m benchmarks.ablation --data-dir DIR [--fp32] [--steps N] [--rounds N] [--share 0.85]
"""

from __future__ import annotations

import random
import statistics
import time
from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import click
import torch
from peft import LoraConfig
from rich.console import Console
from sentence_transformers.base.sampler import DefaultBatchSampler
from sentence_transformers.sentence_transformer.losses import CosineSimilarityLoss
from torch.utils.data import RandomSampler

from benchmarks.machine import description, multiply_rate
from src.core.paths import SHIPPED_DATA
from src.data_loader import load_pairs
from src.embedding.architecture import FAMILIES
from src.embedding.base_model import resolve_base_model
from src.embedding.encoder import distinct_texts
from src.embedding.loading import go_offline, loaded_model
from src.embedding.model_folder_checks import network_of
from src.models import LoraSettings, Loss, TrainingMode
from src.training.batching import LengthGroupedBatchSampler, pair_lengths
from src.training.cpu_dropout import use_bit_dropout
from src.training.losses import one_pass_loss
from src.training.precision import autocast, full_precision_pooling
from src.training.used_tokens import train_used_tokens

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sentence_transformers import SentenceTransformer

    from src.models import PairSet

    Precision = Literal["fp32", "bf16"]

BATCH = 16
TURN_STEPS = 8
WARM_UP_STEPS = 4
TRIES, PAUSE = 20, 3.0  # of a turn that is disturbed; seconds between them
LEARNING_RATE, WEIGHT_DECAY, MAX_GRAD_NORM = 2e-5, 0.01, 1.0
console = Console()


class Off(StrEnum):
    """What a variant leaves out."""

    NOTHING = "nothing"
    MERGED = "both sides in one pass"
    GROUPING = "batches grouped by length"
    BF16 = "bf16 autocast"
    BITS = "16-bit dropout"
    ROWS = "rows of used tokens"


class Column(NamedTuple):
    """A training whose step is taken apart."""

    mode: TrainingMode
    precision: Precision

    def variants(self) -> list[Off]:
        """All that can be left out of this training, and nothing."""
        senseless = {Off.BF16} if self.precision == "fp32" else set()
        if self.mode is TrainingMode.LORA:
            senseless.add(Off.ROWS)  # its word embedding is frozen as a whole
        return [off for off in Off if off not in senseless]


Round = dict[Off, float]  # mean seconds a step


class _Variant:
    """A model in training with one thing left out; the step is the trainer's, without its bookkeeping."""

    def __init__(self, model: SentenceTransformer, column: Column, off: Off, texts: Sequence[str]) -> None:
        self.model = model
        self.precision = "fp32" if off is Off.BF16 else column.precision
        if column.mode is TrainingMode.LORA:
            _add_adapter(model)
        elif off is not Off.ROWS:
            train_used_tokens(model, network_of(model[0]), texts)
        if off is not Off.BITS:
            use_bit_dropout(model)
        self.loss = CosineSimilarityLoss(model) if off is Off.MERGED else one_pass_loss(Loss.COSINE, model)
        self.weights = [weight for weight in model.parameters() if weight.requires_grad]
        self.optimizer = torch.optim.AdamW(self.weights, lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY, fused=True)
        model.train()

    def step(self, pairs: PairSet, rows: Sequence[int]) -> None:
        """From the texts of one batch to the changed weights."""
        features = [self.model.preprocess([side[row] for row in rows]) for side in (pairs.text_1, pairs.text_2)]
        labels = torch.tensor([float(pairs.labels[row]) for row in rows])
        with autocast(self.precision, "cpu"):
            loss = self.loss(features, labels)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.weights, MAX_GRAD_NORM)
        self.optimizer.step()
        self.optimizer.zero_grad()


def _add_adapter(model: SentenceTransformer) -> None:
    settings = LoraSettings()
    model.add_adapter(
        LoraConfig(
            task_type="FEATURE_EXTRACTION",
            r=settings.rank,
            lora_alpha=settings.alpha,
            lora_dropout=settings.dropout,
            target_modules=list(FAMILIES["bert"].targets),
        )
    )


@click.command()
@click.option("--data-dir", type=click.Path(path_type=Path), default=SHIPPED_DATA, help="Train pairs to step on.")
@click.option("--fp32", is_flag=True, help="All variants in fp32, as on a processor without bf16.")
@click.option("--steps", type=int, default=32, show_default=True, help="Steps of a variant in a round.")
@click.option("--rounds", type=int, default=7, show_default=True, help="A ratio is taken so often.")
@click.option(
    "--share",
    type=click.FloatRange(0, 1),
    default=0,
    help="Where others use the cores too: a turn is measured again that got less than this share of its threads' time; "
    "alone, it gets 0.9 or more.",
)
def main(data_dir: Path, steps: int, rounds: int, share: float, *, fp32: bool) -> None:
    """Measure, and print ratios: 1.20 says that a step takes 1.20 times as long without the trick."""
    go_offline()
    console.print(description(), soft_wrap=True)
    rates = [multiply_rate(dtype) for dtype in (torch.float32, torch.bfloat16)]
    console.print(f"matrix product: {rates[0]:.0f} GFLOP/s in fp32, {rates[1]:.0f} in bf16")
    columns = [Column(mode, "fp32" if fp32 else "bf16") for mode in TrainingMode]
    found = {column: measure(data_dir, column, steps, rounds, share) for column in columns}
    console.print(table(found), soft_wrap=True, markup=False, highlight=False)


def measure(data_dir: Path, column: Column, steps: int, rounds: int, share: float) -> list[Round]:
    """Train all variants of a training side by side.

    Args:
        data_dir: Holds the train pairs, and the eval pairs, whose words are trained as well.
        column: The training.
        steps: Of each variant in a round.
        rounds: How many.
        share: Of its threads' time that a turn must have had, 0 to 1.
    """
    random.seed(42)
    torch.manual_seed(42)
    train, held_out = (load_pairs(data_dir / name) for name in ("dating_pairs.jsonl", "eval_pairs.jsonl"))
    texts = list(distinct_texts([train, held_out]))
    with ExitStack() as stack:
        variants = {}
        for off in column.variants():
            model = stack.enter_context(loaded_model(resolve_base_model(None), "cpu"))
            stack.enter_context(full_precision_pooling(model))
            variants[off] = _Variant(model, column, off, texts)
        lengths = pair_lengths(variants[Off.NOTHING].model, train)
        _time_round(variants, train, lengths, WARM_UP_STEPS, 0)
        found = []
        for _ in range(rounds):
            found.append(_time_round(variants, train, lengths, steps, share))
            seconds = ", ".join(f"{off.name.lower()} {taken:.3f}" for off, taken in found[-1].items())
            console.print(f"{column.mode.value} {column.precision}, s a step without: {seconds}", soft_wrap=True)
        return found


def _time_round(variants: dict[Off, _Variant], pairs: PairSet, lengths: list[int], steps: int, share: float) -> Round:
    """Each variant once over the same pairs."""
    drawn = torch.randperm(len(pairs))[: steps * BATCH].tolist()
    grouped = _batches([lengths[row] for row in drawn], grouped=True)
    by_chance = _batches([lengths[row] for row in drawn], grouped=False)
    seconds = dict.fromkeys(variants, 0.0)
    for start in range(0, len(grouped), TURN_STEPS):
        for off in random.sample(list(variants), len(variants)):
            batches = by_chance if off is Off.GROUPING else grouped
            turn = [[drawn[place] for place in batch] for batch in batches[start : start + TURN_STEPS]]
            seconds[off] += _time_turn(variants[off], pairs, turn, share)
    return {off: whole / len(grouped) for off, whole in seconds.items()}


def _time_turn(variant: _Variant, pairs: PairSet, batches: list[list[int]], share: float) -> float:
    """Seconds of some steps, measured again while other processes take the cores away."""
    tries = []
    while True:
        started, worked = time.perf_counter(), time.process_time()
        for rows in batches:
            variant.step(pairs, rows)
        tries.append(time.perf_counter() - started)
        had = (time.process_time() - worked) / tries[-1] / torch.get_num_threads()
        if had >= share or len(tries) == TRIES:
            return min(tries)
        time.sleep(PAUSE)


def _batches(lengths: list[int], *, grouped: bool) -> list[list[int]]:
    """Places of the pairs of these lengths, by batch: as this project draws them, or as the library does."""
    places = range(len(lengths))
    if grouped:
        return list(LengthGroupedBatchSampler(places, BATCH, drop_last=False, lengths=lengths))
    return list(DefaultBatchSampler(RandomSampler(places), BATCH, drop_last=False))


def table(found: dict[Column, list[Round]]) -> str:
    """The ratios in Markdown, a column for each training.

    Args:
        found: The rounds of each training.
    """
    heads = " | ".join(f"{column.mode.value} {column.precision}" for column in found)
    lines = [f"| without | {heads} |", "|---" * (len(found) + 1) + "|"]
    for off in Off:
        if off is not Off.NOTHING:
            cells = " | ".join(_ratio(rounds, off) for rounds in found.values())
            lines.append(f"| {off.value} | {cells} |")
    seconds = " | ".join(f"{statistics.median(turn[Off.NOTHING] for turn in rounds):.3f}" for rounds in found.values())
    return "\n".join([*lines, f"| seconds a step with all | {seconds} |"])


def _ratio(rounds: list[Round], off: Off) -> str:
    if off not in rounds[0]:
        return "-"
    ratios = [turn[off] / turn[Off.NOTHING] for turn in rounds]
    return f"{statistics.median(ratios):.3f} ({min(ratios):.3f} to {max(ratios):.3f})"


if __name__ == "__main__":
    main()
