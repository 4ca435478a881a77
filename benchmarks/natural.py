"""Does the AUC on a data set's own test pairs predict that on naturally phrased ones? No.

    python -m benchmarks.natural [--results FILE] [--seed 42]

Trains variants of the standard training on the dating pairs that ship: the recipe as it is, a larger learning rate,
and that rate on all pairs of two statements on one topic that the train statements of the bank give, in one pass, so
that it has about as many steps. Prints a Markdown table: AUC on the own eval pairs, on the challenge set and on each of
its groups, and Spearman on the guard of general English, each with its 95 % interval.

With --results each model is kept in a file at once, and what stands there is not trained again. Remove the file when
the code has changed.
"""

from __future__ import annotations

import itertools
import json
import random
import runpy
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import numpy as np
from pydantic import BaseModel

from src.core.formatting import count, interval, number
from src.core.paths import SHIPPED_DATA, ProjectPaths
from src.core.progress import Reporter
from src.data.mapped_pairs import load_mapped_pairs
from src.data.options import DataOptions
from src.embedding.loading import go_offline, loaded_model
from src.evaluation.estimates import estimate, ranking_metric, scored
from src.evaluation.variance import Sample
from src.models import Split
from src.pipeline import trainings_of_run
from src.trainer import StandardTrainer
from src.training.pair_evaluator import PairEvaluator
from src.workflow.context import RunContext

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from src.models import PairSet

FILES = ("dating_pairs.jsonl", "eval_pairs.jsonl", "challenge_pairs.jsonl")
LARGER_RATE = 1e-4
GENERATOR = "generate_dating_pairs.py"


@dataclass(frozen=True)
class Variant:
    """One training, or none."""

    name: str
    changes: Mapping[str, float] = field(default_factory=dict)  # of the standard recipe
    all_pairs: bool = False
    trained: bool = True


VARIANTS = (
    Variant("base model", trained=False),
    Variant("the recipe"),
    Variant(f"learning rate {LARGER_RATE:g}", {"learning_rate": LARGER_RATE}),
    Variant(
        f"learning rate {LARGER_RATE:g}, all same-topic pairs once",
        {"learning_rate": LARGER_RATE, "epochs": 1},
        all_pairs=True,
    ),
)


class Measured(BaseModel, frozen=True):
    """Cosines of every set of pairs by one model."""

    name: str
    seed: int
    train_pairs: int
    cosines: dict[str, tuple[float, ...]]


@click.command()
@click.option("--results", type=click.Path(path_type=Path, dir_okay=False), help="Where measured models are kept.")
@click.option("--seed", default=42, show_default=True)
def main(results: Path | None, seed: int) -> None:
    """Train, and show the table."""
    go_offline()
    known = list(_read(results))
    guard = load_mapped_pairs(SHIPPED_DATA / "guard_pairs.jsonl", DataOptions(range_of_file=True), "", lambda _: None)
    shown = False
    for variant in VARIANTS:
        with tempfile.TemporaryDirectory() as folder:
            context = _context(Path(folder), variant, seed)
            sets = {"own eval": context.pair_sets[Split.TEST], **_natural(context.pair_sets[Split.CHALLENGE])}
            sets["guard, Spearman"] = guard
            if not shown:
                heads = [f"{name}, {count(len(pairs))} pairs" for name, pairs in sets.items()]
                click.echo(_line(["model", "train pairs", *heads]))
                click.echo(_line("---" for _ in range(len(heads) + 2)))
                shown = True
            measured = next((one for one in known if (one.name, one.seed) == (variant.name, seed)), None)
            if measured is None:
                measured = _measure(context, variant, seed, sets)
                _keep(results, measured)
            click.echo(_line(_row(measured, sets)))


def _context(folder: Path, variant: Variant, seed: int) -> RunContext:
    """A run on the data of a variant, in a folder of its own."""
    data = folder / "data"
    data.mkdir()
    for name in FILES:
        shutil.copy(SHIPPED_DATA / name, data)
    if variant.all_pairs:
        lines = "".join(json.dumps(record) + "\n" for record in same_topic_pairs(seed))
        (data / FILES[0]).write_text(lines, encoding="utf-8")
    return RunContext(paths=ProjectPaths(root=folder / "root", data_dir=data), seed=seed, reporter=Reporter(-1))


def same_topic_pairs(seed: int) -> Iterator[dict[str, Any]]:
    """Each two train statements of one topic that say what is wanted, one a side, labelled by the rules of the data."""
    generator, rng = runpy.run_path(str(SHIPPED_DATA / GENERATOR)), random.Random(seed)  # noqa: S311 - keeps no secret
    bank = [generator["Statement"](**row) for row in generator["read_lines"](SHIPPED_DATA / "statement_bank.jsonl")]
    wishes = [one for one in generator["divide"](bank)[0] if one.stance in ("for", "against")]
    for one, other in itertools.combinations(wishes, 2):
        if one.topic == other.topic:
            label = int(one.stance == other.stance)
            left, right = rng.sample((one, other), 2)
            draft = generator["Draft"]((left,), (right,))
            yield generator["to_record"](
                draft,
                "compatible" if label else "incompatible",
                label,
                rng.sample(("boy", "girl"), 2),
                {one.topic: one.domain},
            )


def _natural(challenge: PairSet) -> dict[str, PairSet]:
    """The challenge pairs, and each of their groups."""
    groups = np.array(challenge.subcategory)
    parts = {
        f"challenge, {name}": challenge.take(np.flatnonzero(groups == name)) for name in sorted(set(groups.tolist()))
    }
    return {"challenge": challenge, **parts}


def _measure(context: RunContext, variant: Variant, seed: int, sets: Mapping[str, PairSet]) -> Measured:
    recipe = trainings_of_run(seed)[0].model_copy(update=dict(variant.changes))
    folder, prompts = None, context.base.prompts
    if variant.trained:
        trainer = StandardTrainer(context, recipe)
        with context.writing():
            trainer.train("0" * 64)
        folder, prompts = trainer.folder, trainer.prompts
    with loaded_model(context.base, context.device, folder) as model:
        cosines = {
            name: tuple(PairEvaluator(prompts.before(pairs)).scores(model).tolist()) for name, pairs in sets.items()
        }
        del model
    n = len(context.pair_sets[Split.TRAIN]) if variant.trained else 0
    return Measured(name=variant.name, seed=seed, train_pairs=n, cosines=cosines)


def _row(found: Measured, sets: Mapping[str, PairSet]) -> Iterator[str]:
    yield found.name
    yield count(found.train_pairs)
    for name, pairs in sets.items():
        sample = Sample.of(pairs)
        one = estimate(ranking_metric(sample), scored(found.cosines[name], sample))
        yield f"{number(one.value)} {interval(one.low, one.high)}".strip()


def _read(results: Path | None) -> Iterator[Measured]:
    if results is not None and results.exists():
        yield from map(Measured.model_validate_json, results.read_text(encoding="utf-8").splitlines())


def _keep(results: Path | None, found: Measured) -> None:
    if results is not None:
        with results.open("a", encoding="utf-8") as file:
            file.write(found.model_dump_json() + "\n")


def _line(cells: Sequence[str] | Iterator[str]) -> str:
    return "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    main()
