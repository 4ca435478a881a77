"""What an instruction before both texts brings: the standard training with it and without it, seed by seed.

    python -m benchmarks.instruction DATA_DIR [--seeds 42,43,44,45,46] [--results FILE]

Prints a Markdown table: AUC and Spearman on the eval pairs and AUC on the challenge set, each plain, with the
instruction, and their difference. The last row has the means over the seeds, and the 95 % interval of the mean
difference by Student's t, with one degree of freedom less than there are seeds. A row is printed once its seed is
measured.

With --results each training is kept in a file at once, and what stands there is not trained again. So the seeds can be
measured in several calls, and one more call prints the table of all. Remove the file when the code has changed.
"""

from __future__ import annotations

import math
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click
import numpy as np
from pydantic import BaseModel
from scipy import stats

from src.core.formatting import number, signed, signed_interval
from src.core.paths import ProjectPaths
from src.core.progress import Reporter
from src.embedding.loading import go_offline, loaded_model
from src.metrics import auc_roc, spearman
from src.models import SelectOn, Split
from src.pipeline import instruction_training, trainings_of_run
from src.trainer import StandardTrainer
from src.training.pair_evaluator import PairEvaluator
from src.workflow.context import RunContext

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from src.models import TrainConfig

SEEDS = "42,43,44,45,46"
METRICS = ("AUC", "Spearman", "challenge AUC")


class Trained(BaseModel, frozen=True):
    """The kept checkpoint of one training."""

    train_sha256: str
    recipe: str
    scores: tuple[float | None, ...]  # one a metric


@click.command()
@click.argument("data_dir", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--seeds", default=SEEDS, show_default=True)
@click.option("--results", type=click.Path(path_type=Path, dir_okay=False), help="Where trainings are kept.")
@click.option("--epochs", type=click.IntRange(1), help="Fewer than the recipe has, for a try.")
@click.option("--instruction", help="Another text than that of `run --with-instruction`.")
@click.option("--select-on", type=click.Choice([one.value for one in SelectOn]), help="[default: the profile's]")
@click.option("--device", default="cpu", show_default=True)
def main(
    *,
    data_dir: Path,
    seeds: str,
    results: Path | None,
    epochs: int | None,
    instruction: str | None,
    select_on: str | None,
    device: str,
) -> None:
    """Show the table."""
    go_offline()
    known = list(_read(results))
    columns = ("seed", *(f"{metric} {which}" for metric in METRICS for which in ("plain", "instruction", "difference")))
    click.echo(_line(columns))
    click.echo(_line("---:" for _ in columns))
    rows = []
    for seed in map(int, seeds.split(",")):
        with tempfile.TemporaryDirectory() as root:
            paths = ProjectPaths(root=Path(root), data_dir=data_dir)
            context = RunContext(paths=paths, device_wanted=device, seed=seed, reporter=Reporter(-1))
            changes = {"epochs": epochs, "select_on": SelectOn(select_on) if select_on else context.profile.select_on}
            given = {name: value for name, value in changes.items() if value is not None}
            plain = trainings_of_run(seed)[0].model_copy(update=given)
            with_text = instruction_training(context, plain)
            if instruction:
                with_text = with_text.model_copy(update={"instruction": instruction})
            rows.append([_trained(context, recipe, known, results) for recipe in (plain, with_text)])
        click.echo(_line([str(seed), *_cells(*rows[-1])]))
    click.echo(_line(["mean", *_means(rows)]))


def _read(results: Path | None) -> Iterator[Trained]:
    if results is not None and results.exists():
        yield from map(Trained.model_validate_json, results.read_text(encoding="utf-8").splitlines())


def _trained(
    context: RunContext, recipe: TrainConfig, known: Sequence[Trained], results: Path | None
) -> tuple[float | None, ...]:
    """The scores of one training, trained now unless they are known."""
    train, as_json = context.pair_sets[Split.TRAIN], recipe.model_dump_json()
    for one in known:
        if (one.train_sha256, one.recipe) == (train.content_sha256, as_json):
            return one.scores
    trainer = StandardTrainer(context, recipe)
    with context.writing():
        trainer.train("0" * 64)
        found = Trained(train_sha256=train.content_sha256, recipe=as_json, scores=_scores(context, trainer))
    if results is not None:
        with results.open("a", encoding="utf-8") as file:
            file.write(found.model_dump_json() + "\n")
    return found.scores


def _scores(context: RunContext, trainer: StandardTrainer) -> tuple[float | None, ...]:
    splits = [split for split in (Split.TEST, Split.CHALLENGE) if split in context.pair_sets]
    sets = {split: context.pair_sets[split] for split in splits}
    with loaded_model(context.base, context.device, trainer.folder) as model:
        cosines = {split: PairEvaluator(trainer.prompts.before(pairs)).scores(model) for split, pairs in sets.items()}
        del model
    areas = {split: auc_roc(cosines[split], pairs.labels) for split, pairs in sets.items()}
    return areas[Split.TEST], spearman(cosines[Split.TEST], sets[Split.TEST].labels), areas.get(Split.CHALLENGE)


def _cells(plain: Sequence[float | None], with_text: Sequence[float | None]) -> Iterator[str]:
    for one, other in zip(plain, with_text, strict=True):
        yield from (number(one), number(other), signed(_difference(one, other)))


def _means(rows: Sequence[Sequence[Sequence[float | None]]]) -> Iterator[str]:
    for place in range(len(METRICS)):
        sides = [[row[side][place] for row in rows] for side in (0, 1)]
        known = [value for value in map(_difference, *sides) if value is not None]
        if len(known) < len(rows):
            yield from map(number, (None, None, None))
            continue
        means = (float(np.mean([value for value in side if value is not None])) for side in sides)
        yield from map(number, means)
        yield f"{signed(float(np.mean(known)))} {_interval(known)}".strip()


def _interval(values: Sequence[float]) -> str:
    if len(values) < 2:  # noqa: PLR2004 - one has no spread
        return ""
    half = float(stats.t.ppf(0.975, len(values) - 1)) * float(np.std(values, ddof=1)) / math.sqrt(len(values))
    mean = float(np.mean(values))
    return signed_interval(mean - half, mean + half)


def _difference(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else other - one


def _line(cells: Sequence[str] | Iterator[str]) -> str:
    return "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    main()
