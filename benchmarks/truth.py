"""Numbers of the base model beside published ones: STS-B and SICK, and how many pairs of STS-B have two scores.

`python -m benchmarks.truth FOLDER`: a folder with `stsb/` (sts-train.csv, sts-dev.csv, sts-test.csv) and `sick/`
(SICK_train.txt, SICK_trial.txt, SICK_test_annotated.txt), as they are published. The published values are those of
embeddings-benchmark/results for all-MiniLM-L6-v2, the counts those of mteb issue 4798.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click
import numpy as np
from rich.console import Console
from rich.table import Table

from src.core.formatting import number
from src.data.mapped_pairs import load_mapped_pairs
from src.data.options import DataOptions
from src.embedding.base_model import resolve_base_model
from src.embedding.encoder import distinct_texts, encode_texts
from src.embedding.loading import go_offline, loaded_model
from src.evaluation.ecosystem import ecosystem_metrics
from src.metrics import cosine_similarities

if TYPE_CHECKING:
    from collections.abc import Iterable

    from src.models import PairSet

TOLERANCE = 1e-5
STSB = DataOptions(
    columns={"text_1": "6", "text_2": "7", "label": "5"}, label_range=(0, 5), positive_at=4, header=False
)
SICK = DataOptions(columns={"label": "relatedness_score"}, label_range=(1, 5), positive_at=4)
# by name: the files, their options, and the published Spearman and Pearson
PUBLISHED: dict[str, tuple[tuple[str, ...], DataOptions, float, float | None]] = {
    "STS-B test": (("stsb/sts-test.csv",), STSB, 0.820325, 0.827406),
    "STS-B dev": (("stsb/sts-dev.csv",), STSB, 0.867163, None),
    "SICK": (
        ("sick/SICK_train.txt", "sick/SICK_trial.txt", "sick/SICK_test_annotated.txt"), SICK, 0.775825, 0.839160,
    ),
}  # fmt: skip
STSB_FILES = ("stsb/sts-train.csv", "stsb/sts-dev.csv", "stsb/sts-test.csv")
TWO_SCORES = {"in order": 11, "in any order": 25}


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
def main(folder: Path) -> None:
    """Show the table; exit with 1 where a number is another one."""
    table, right = Table("Data", "What", "Ours", "Published"), True
    for name, (files, options, *published) in PUBLISHED.items():
        found = correlations(together(folder, files, options))
        for what, ours, theirs in zip(("Spearman", "Pearson"), found, published, strict=True):
            table.add_row(name, what, number(ours, 6), number(theirs, 6))
            right &= theirs is None or abs(ours - theirs) <= TOLERANCE
    counts = with_two_scores(together(folder, STSB_FILES, STSB))
    for what, theirs in TWO_SCORES.items():
        table.add_row("STS-B, all files", f"pairs with two scores, {what}", str(counts[what]), str(theirs))
        right &= counts[what] == theirs
    Console().print(table)
    raise SystemExit(not right)


def together(folder: Path, files: Iterable[str], options: DataOptions) -> PairSet:
    """The pairs of several files as one set."""
    parts = [load_mapped_pairs(folder / file, options, "see the module", lambda _: None) for file in files]
    grades = [part.grades for part in parts if part.grades is not None]
    return replace(
        parts[0],
        text_1=[text for part in parts for text in part.text_1],
        text_2=[text for part in parts for text in part.text_2],
        labels=np.concatenate([part.labels for part in parts]),
        grades=np.concatenate(grades),
    )


def correlations(pairs: PairSet) -> tuple[float, float]:
    """Spearman and Pearson of the base model's cosines with the grades."""
    go_offline()
    rows = distinct_texts([pairs])
    with loaded_model(resolve_base_model(None, allow_download=False), "cpu", None) as model:
        vectors = encode_texts(model, list(rows))
        del model
    sides = [vectors[[rows[text] for text in side]] for side in (pairs.text_1, pairs.text_2)]
    found = ecosystem_metrics(cosine_similarities(np.stack(sides, axis=1)), pairs)
    return found.spearman_cosine or 0.0, found.pearson_cosine or 0.0


def with_two_scores(pairs: PairSet) -> dict[str, int]:
    """Different pairs that have two different grades, letter by letter, in order and in any order."""
    grades = [] if pairs.grades is None else pairs.grades.tolist()
    ordered: dict[tuple[str, ...], set[float]] = {}
    either: dict[tuple[str, ...], set[float]] = {}
    for one, two, grade in zip(pairs.text_1, pairs.text_2, grades, strict=True):
        ordered.setdefault((one, two), set()).add(grade)
        either.setdefault(tuple(sorted((one, two))), set()).add(grade)
    return {
        what: sum(len(known) > 1 for known in groups.values())
        for what, groups in zip(TWO_SCORES, (ordered, either), strict=True)
    }


if __name__ == "__main__":
    main()
