"""How alike the checkpoints of one training are on the same pairs, and how optimistic the best of them is.

    python -m benchmarks.selection [--data-dir DIR]

Trains `standard` and `lora-tuned` on the data set that ships, with an evaluation every 25 steps. Prints for each the
correlation of the AUC's error at the best checkpoint with that at each checkpoint within two standard errors of it; and
the expected optimism of the best, by the program's formula and by drawing the eval pairs anew with replacement.
"""

from __future__ import annotations

import math
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click
import numpy as np
from rich.console import Console

from src.core.paths import SHIPPED_DATA, ProjectPaths
from src.core.progress import Reporter
from src.evaluation.confidence import auc_standard_error
from src.evaluation.influence import auc_roc as auc_influence
from src.evaluation.selection_optimism import CORRELATION, expected_optimism
from src.evaluation.variance import Sample
from src.lora_trainer import LoraTrainer
from src.metrics import auc_roc
from src.models import Split, TrainingMode
from src.pipeline import trainings_of_run
from src.trainer import StandardTrainer
from src.training.selection import Phase
from src.workflow.context import RunContext

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from src.models import TrainConfig

    Floats = NDArray[np.float64]

EVAL_STEPS = 25
DRAWS = 1000
NEAR = 2  # standard errors
console = Console()


@click.command()
@click.option("--data-dir", type=click.Path(path_type=Path), default=SHIPPED_DATA, help="Train and eval pairs.")
def main(data_dir: Path) -> None:
    """Train, measure, print."""
    standard, _, tuned = trainings_of_run(42)
    for config in (standard, tuned):
        with tempfile.TemporaryDirectory() as root:
            paths = ProjectPaths(root=Path(root), data_dir=data_dir)
            context = RunContext(paths=paths, device_wanted="cpu", reporter=Reporter(0))
            _report(context, config.model_copy(update={"eval_steps": EVAL_STEPS}))


def _report(context: RunContext, config: TrainConfig) -> None:
    test = context.pair_sets[Split.TEST]
    trainer = (LoraTrainer if config.mode is TrainingMode.LORA else StandardTrainer)(context, config)
    trainer.phase = Phase(context.pair_sets[Split.TRAIN], test, part=1)
    with context.writing():
        scores = [np.array(point.cosines) for point in trainer.measure(None, "benchmark")[1:]]
    sample = Sample.of(test)
    aucs = np.array([auc_roc(cosines, test.labels) for cosines in scores], dtype=np.float64)
    n_positive, n_negative = sample.n_positive, sample.n_negative
    best = int(aucs.argmax())
    reach = NEAR * auc_standard_error(float(aucs[best]), n_positive, n_negative)
    influences = [auc_influence(cosines, sample.labels) for cosines in scores]
    near = [place for place in range(len(aucs)) if place != best and aucs[best] - aucs[place] <= reach]
    alike = [_correlation(sample, influences[best], influences[place]) for place in near]
    formula = expected_optimism(aucs.tolist(), n_positive, n_negative)
    console.print(f"{config.name}: AUC {', '.join(f'{auc:.3f}' for auc in aucs)}", soft_wrap=True)
    console.print(f"  correlation with the best, within {NEAR} standard errors: {', '.join(f'{r:.2f}' for r in alike)}")
    console.print(f"  optimism of the best of {len(aucs)}: {formula:.4f} (correlation {CORRELATION})")
    console.print(f"  by pairs drawn anew: {_drawn_anew(scores, aucs, test.labels)}")


def _correlation(sample: Sample, one: Floats, other: Floats) -> float:
    first, second, apart = (sample.spread(values).variance for values in (one, other, one - other))
    return (first + second - apart) / (2 * math.sqrt(first * second))


def _drawn_anew(scores: list[Floats], aucs: Floats, labels: NDArray[np.int8]) -> str:
    generator = np.random.default_rng(0)
    excess = np.empty(DRAWS)
    for draw in range(DRAWS):
        rows = generator.integers(0, len(labels), len(labels))
        found = np.array([auc_roc(cosines[rows], labels[rows]) for cosines in scores], dtype=np.float64)
        excess[draw] = found.max() - aucs[found.argmax()]
    return f"{excess.mean():.4f}, standard error {excess.std(ddof=1) / math.sqrt(DRAWS):.4f}"


if __name__ == "__main__":
    main()
