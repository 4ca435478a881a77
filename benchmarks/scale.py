"""Made-up pairs and embeddings of any number, to see what the data check and the metrics cost at N, 10 N and 100 N."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.commands import Cost, run_command
from src.bootstrap import bootstrap_differences, bootstrap_estimates
from src.metrics import cosine_similarities

if TYPE_CHECKING:
    from pathlib import Path

_VOCABULARY, _DIMENSIONS, _BLOCK = 20_000, 384, 20_000
_LETTERS = np.array(list("abcdefghijklmnopqrstuvwxyz"))


def write_pairs(folder: Path, n: int, held_out: int) -> None:
    """Write N train pairs and some eval pairs of random words, the frequent ones often."""
    folder.mkdir(parents=True, exist_ok=True)
    generator = np.random.default_rng(0)
    words = ["".join(generator.choice(_LETTERS, size)) for size in generator.integers(2, 9, _VOCABULARY)]
    for name, count in (("dating", n), ("eval", held_out)):
        with (folder / f"{name}_pairs.jsonl").open("w", encoding="utf-8") as file:
            for _ in range(count):
                file.write(json.dumps(_pair(words, generator)) + "\n")


def _pair(words: list[str], generator: np.random.Generator) -> dict[str, str | int]:
    sides = [
        " ".join(words[min(int(i), _VOCABULARY - 1)] for i in 3 * generator.pareto(0.8, generator.integers(5, 20)))
        for _ in range(2)
    ]
    label, group = int(generator.integers(2)), f"group {generator.integers(12)}"
    kind = "compatible" if label else "incompatible"
    return {
        "text_1": f"boy: {sides[0]}",
        "text_2": f"girl: {sides[1]}",
        "label": label,
        "category": group,
        "subcategory": group,
        "pair_type": kind,
    }


def check_cost(folder: Path, n: int) -> Cost:
    """What `evaluate-data` costs on N train pairs."""
    write_pairs(folder / "data", n, 1_000)
    return run_command("--root", str(folder / "root"), "--data-dir", str(folder / "data"), "evaluate-data")


def metrics_seconds(folder: Path, n: int) -> float:
    """Seconds for the cosines of N mapped pairs, their metrics, intervals and paired intervals to a second model."""
    labels = (np.random.default_rng(0).random(n) < 0.5).astype(np.int8)  # noqa: PLR2004 - a coin
    files = [_write_embeddings(folder / f"{n}-{pull}.npy", labels, pull / 10) for pull in (6, 2)]
    started = time.perf_counter()
    ours, base = (cosine_similarities(np.load(file, mmap_mode="r")) for file in files)
    bootstrap_estimates(ours, labels, 0.3, 42)
    bootstrap_differences(ours, base, labels, threshold=0.3, base_threshold=0.2, seed=42, model="made up")
    seconds = time.perf_counter() - started
    for file in files:
        file.unlink()
    return seconds


def _write_embeddings(path: Path, labels: np.ndarray, pull: float) -> Path:
    generator, n = np.random.default_rng(1), len(labels)
    array = np.lib.format.open_memmap(path, "w+", np.float32, (n, 2, _DIMENSIONS))
    for start in range(0, n, _BLOCK):
        block = generator.standard_normal((len(labels[start : start + _BLOCK]), 2, _DIMENSIONS), dtype=np.float32)
        block[:, 1] += pull * block[:, 0] * labels[start : start + _BLOCK, None]
        array[start : start + _BLOCK] = block
    return path
