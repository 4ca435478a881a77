"""Whether a faster step costs quality: final AUC and Spearman on eval of the plain trainer and of ours, seed by seed.

`python -m benchmarks.quality DATA_DIR [--mode standard|lora] [--learning-rate 5e-4] [--seeds 42,43,44]`
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import click
from rich.console import Console
from rich.table import Table

from benchmarks.training import plain_trainer
from src.core.formatting import number
from src.core.paths import ProjectPaths
from src.embedding.loading import go_offline, loaded_model
from src.lora_trainer import LoraTrainer
from src.models import LoraSettings, Split, TrainConfig, TrainingMode
from src.trainer import StandardTrainer
from src.training.pair_evaluator import PairEvaluator
from src.workflow.context import RunContext

console = Console()


class Final(NamedTuple):
    """After the last step, on the eval pairs."""

    auc_roc: float | None
    spearman: float | None


@click.command()
@click.argument("data_dir", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--mode", type=click.Choice([mode.value for mode in TrainingMode]), default="standard")
@click.option(
    "--learning-rate", type=float, default=TrainConfig.model_fields["learning_rate"].default, show_default=True
)
@click.option("--seeds", default="42,43,44", show_default=True)
def main(data_dir: Path, mode: str, learning_rate: float, seeds: str) -> None:
    """Show the table."""
    go_offline()
    table = Table("seed", "plain AUC", "ours", "plain Spearman", "ours", title=mode)
    finals = []
    for seed in map(int, seeds.split(",")):
        config = TrainConfig(
            mode=TrainingMode(mode),
            name=mode,
            seed=seed,
            learning_rate=learning_rate,
            lora=LoraSettings() if mode == TrainingMode.LORA else None,
        )
        with tempfile.TemporaryDirectory() as root:
            context = RunContext(ProjectPaths(root=Path(root), data_dir=data_dir), device_wanted="cpu", seed=seed)
            plain, ours = _plain(context, config, Path(root)), _ours(context, config)
        finals.append((plain, ours))
        console.print(f"seed {seed}: plain {number(plain.auc_roc)}, ours {number(ours.auc_roc)}", style="dim")
        table.add_row(str(seed), *map(number, (plain.auc_roc, ours.auc_roc, plain.spearman, ours.spearman)))
    means = [[_mean([final[side][field] for final in finals]) for side in (0, 1)] for field in (0, 1)]
    table.add_row("mean", *(number(value) for pair in means for value in pair))
    console.print(table)


def _mean(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if len(known) == len(values) else None


def _plain(context: RunContext, config: TrainConfig, folder: Path) -> Final:
    """What the library's trainer reaches with its defaults and the same recipe."""
    with loaded_model(context.base, "cpu") as model:
        options: dict[str, Any] = {
            "num_train_epochs": config.epochs,
            "learning_rate": config.learning_rate,
            "warmup_steps": config.warmup_steps,
            "weight_decay": config.weight_decay,
            "max_grad_norm": config.max_grad_norm,
            "seed": config.seed,
        }
        trainer = plain_trainer(model, context.pair_sets[Split.TRAIN], mode=config.mode, folder=folder, **options)
        trainer.train()
        found = PairEvaluator(context.pair_sets[Split.TEST])(model)
        del trainer, model
    return Final(found["auc_roc"], found["spearman"])


def _ours(context: RunContext, config: TrainConfig) -> Final:
    trainer = (LoraTrainer if config.lora else StandardTrainer)(context, config)
    last = trainer.train("0" * 64).history[-1]
    return Final(last.auc_roc, last.spearman)


if __name__ == "__main__":
    main()
