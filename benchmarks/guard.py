"""What models forgot, on the guard that ships and on STS-B: do both tell the same?

    python -m benchmarks.guard STSB_FOLDER MODEL_FOLDER...

STSB_FOLDER holds `sts-test.csv` as it is published; each MODEL_FOLDER is a model that was fine-tuned from the installed
all-MiniLM-L6-v2, or its LoRA adapter. Prints a Markdown table: Spearman of each model on both, its change to the base
model with a 95 % interval, and below it how well the changes agree.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click
import numpy as np
from rich.console import Console
from scipy.stats import spearmanr

from benchmarks.truth import STSB
from src.core.formatting import interval, number, signed, signed_interval
from src.core.paths import SHIPPED_DATA
from src.data.mapped_pairs import load_mapped_pairs
from src.data.options import DataOptions
from src.embedding.base_model import resolve_base_model
from src.embedding.encoder import distinct_texts, encode_texts, pair_embeddings
from src.embedding.foreign import read_foreign
from src.embedding.loading import go_offline, loaded_model
from src.evaluation.estimates import estimate, ranking_difference, ranking_metric, scored
from src.evaluation.variance import Sample
from src.metrics import cosine_similarities

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from src.models import PairSet

    Scores = list[NDArray[np.float64]]  # (N,) cosines of each set of pairs

GUARD = DataOptions(range_of_file=True)


@click.command()
@click.argument("stsb", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.argument("models", nargs=-1, type=click.Path(path_type=Path, exists=True, file_okay=False))
def main(stsb: Path, models: tuple[Path, ...]) -> None:
    """Measure, and print the table."""
    go_offline()
    write = partial(Console().print, soft_wrap=True, markup=False, highlight=False)
    sets = {
        "guard": load_mapped_pairs(SHIPPED_DATA / "guard_pairs.jsonl", GUARD, "", lambda _: None),
        "STS-B test": load_mapped_pairs(stsb / "sts-test.csv", STSB, "", lambda _: None),
    }
    samples = [Sample.of(pairs) for pairs in sets.values()]
    base = cosines(None, list(sets.values()))
    write("| model | " + " | ".join(f"{name}, {len(pairs):,} pairs | change" for name, pairs in sets.items()) + " |")
    write("|---|" + "---:|---|" * len(sets))
    before = (estimate(ranking_metric(sample), scored(of, sample)) for of, sample in zip(base, samples, strict=True))
    write(
        "| base model | " + " | ".join(f"{number(one.value)} {interval(one.low, one.high)} |" for one in before) + " |"
    )
    changes: dict[Path, list[float]] = {}
    for model in models:
        found = cosines(model, list(sets.values()))
        row, changes[model] = _row(found, base, samples)
        write(f"| {'/'.join(model.parts[-4:-3] + model.parts[-1:])} | {row} |")
    _tell_agreement(write, changes)


def cosines(folder: Path | None, sets: Sequence[PairSet]) -> Scores:
    """Cosines of the pairs of each set with one model; None stands for the base model."""
    base = resolve_base_model(None, allow_download=False)
    if folder is not None:
        read_foreign(folder, base)
    rows = distinct_texts(sets)
    with loaded_model(base, "cpu", folder, foreign=folder is not None) as model:
        vectors = encode_texts(model, list(rows))
        del model
    return [cosine_similarities(pair_embeddings(pairs, rows, vectors)) for pairs in sets]


def _row(found: Scores, base: Scores, samples: Sequence[Sample]) -> tuple[str, list[float]]:
    """The cells of a model, and its changes."""
    cells, changes = [], []
    for ours, others, sample in zip(found, base, samples, strict=True):
        change = ranking_difference(ours, others, sample, "model", "base")
        score = estimate(ranking_metric(sample), scored(ours, sample)).value
        cells.append(f"{number(score)} | {signed(change.value)} {signed_interval(change.low, change.high)}")
        changes.append(change.value or 0.0)
    return " | ".join(cells), changes


def _tell_agreement(write: partial[None], changes: Mapping[Path, list[float]]) -> None:
    if len(changes) < 3:  # noqa: PLR2004 - fewer have no order worth telling
        return
    ours, theirs = np.array(list(changes.values())).T
    order = spearmanr(ours, theirs).statistic
    write(f"\nSame sign in {np.count_nonzero(np.sign(ours) == np.sign(theirs))} of {len(ours)}; ", end="")
    write(f"Spearman of the changes {order:.2f}")


if __name__ == "__main__":
    main()
