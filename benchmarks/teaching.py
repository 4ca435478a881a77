"""What a data set taught: AUC of finished runs on eval, on topics that train never mentions, and on the challenge set.

`python -m benchmarks.teaching DATA_DIR ROOT...`: roots in which `baseline` and `evaluate` were run on that data.
"""

from __future__ import annotations

import json
from pathlib import Path

import click
import numpy as np
from rich.console import Console
from rich.table import Table

from src.core.formatting import number
from src.core.paths import BASELINE, ProjectPaths
from src.data_loader import load_pairs
from src.metrics import auc_roc, cosine_similarities
from src.storage.files import read_array

MODELS = (BASELINE, "finetuned", "lora", "lora-tuned")
_UNSEEN = "rows_on_topics_not_in_train"


@click.command()
@click.argument("data_dir", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.argument("roots", type=click.Path(path_type=Path, exists=True, file_okay=False), nargs=-1, required=True)
def main(data_dir: Path, roots: tuple[Path, ...]) -> None:
    """Show the table."""
    table = Table("root", "model", "eval", "seen topics", "unseen topics", "challenge")
    for root in roots:
        paths = ProjectPaths(root=root, data_dir=data_dir)
        for model in MODELS:
            if paths.embeddings(model, "eval").is_file():
                table.add_row(root.name, model, *(number(auc) for auc in _aucs(paths, model)))
    Console().print(table)


def _aucs(paths: ProjectPaths, model: str) -> list[float | None]:
    held_out, challenge = load_pairs(paths.eval_pairs), load_pairs(paths.challenge_pairs)
    cosines = [
        cosine_similarities(read_array(paths.embeddings(model, split), (len(pairs), 2, None)))
        for split, pairs in (("eval", held_out), ("challenge", challenge))
    ]
    unseen = _unseen(paths.data_dir, len(held_out))
    parts = (
        [np.ones(len(held_out), dtype=bool)] if unseen is None else [np.ones(len(unseen), dtype=bool), ~unseen, unseen]
    )
    found = [auc_roc(cosines[0][part], held_out.labels[part]) for part in parts]
    return [*found, *([None] * (3 - len(found))), auc_roc(cosines[1], challenge.labels)]


def _unseen(data_dir: Path, n: int) -> np.ndarray | None:
    """Mask of the eval pairs on topics that train never mentions; None where the data does not say."""
    path = data_dir / "eval_pairs_metadata.json"
    rows = json.loads(path.read_text(encoding="utf-8")).get(_UNSEEN) if path.is_file() else None
    if rows is None:
        return None
    mask = np.zeros(n, dtype=bool)
    mask[np.array(rows) - 1] = True
    return mask


if __name__ == "__main__":
    main()
