"""Made-up pairs and embeddings of any number, to see what the data check and the metrics cost at N, 10 N and 100 N."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.commands import Cost, run_command, run_module
from src.data.overlap import SplitOverlap
from src.evaluation.estimates import differences, scored
from src.evaluation.evaluate import EvaluationInputs, evaluate_embeddings
from src.evaluation.variance import Sample
from src.metrics import cosine_similarities
from src.models import PairSet, Provenance, Split

if TYPE_CHECKING:
    from numpy.typing import NDArray

_NO_HASH = "0" * 64
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


def metrics_cost(folder: Path, n: int) -> tuple[dict[str, float], Cost]:
    """What all metrics and intervals on N mapped eval pairs cost: seconds by part, and the whole process."""
    labels = _labels(n)
    files = [_write_embeddings(folder / f"{pull}.npy", labels, pull / 10) for pull in (2, 6)]
    cost = run_module("benchmarks.scale", *map(str, files), str(folder / "seconds.json"))
    for file in files:
        file.unlink()
    return json.loads((folder / "seconds.json").read_text(encoding="utf-8")), cost


def evaluate_both(base_file: Path, file: Path, seconds_file: Path) -> None:
    """Evaluate the baseline, then a model beside it, then their paired differences, and write down the seconds."""
    base, ours = (np.load(path, mmap_mode="r") for path in (base_file, file))
    pairs, everything = _pairs(len(ours)), np.ones(len(ours), dtype=bool)
    times = [time.perf_counter()]
    inputs = EvaluationInputs(
        model="baseline",
        pairs={Split.TRAIN: pairs, Split.TEST: pairs},
        embeddings={Split.TRAIN: base, Split.TEST: base},
        overlap=SplitOverlap(deduplicated=everything, text_disjoint=everything),
        base_sha256=_NO_HASH,
        seed=42,
        provenance=_no_provenance,
    )
    baseline = evaluate_embeddings(inputs)
    times.append(time.perf_counter())
    evaluate_embeddings(
        replace(
            inputs,
            model="made-up",
            embeddings={Split.TRAIN: ours, Split.TEST: ours},
            baseline=baseline,
            baseline_embeddings={Split.TEST: base},
        )
    )
    times.append(time.perf_counter())
    sample = Sample.of(pairs)
    differences(
        scored(cosine_similarities(ours), sample, 0.3),
        scored(cosine_similarities(base), sample, 0.2),
        "made-up",
        "base",
    )
    times.append(time.perf_counter())
    seconds = dict(zip(("baseline", "model", "differences"), np.diff(times).tolist(), strict=True))
    seconds_file.write_text(json.dumps(seconds), encoding="utf-8")


def _no_provenance() -> Provenance:
    return Provenance(
        created_at=datetime.now(UTC),
        duration_seconds=0,
        command="",
        python="",
        platform="",
        packages={},
        fingerprint="",
    )


def _labels(n: int) -> NDArray[np.int8]:
    return (np.random.default_rng(0).random(n) < 0.5).astype(np.int8)  # noqa: PLR2004 - a coin


def _pairs(n: int) -> PairSet:
    rows = range(n)
    return PairSet(
        path=Path("made_up.jsonl"),
        sha256=_NO_HASH,
        text_1=[f"boy: {i}" for i in rows],
        text_2=[f"girl: {i}" for i in rows],
        labels=_labels(n),
        lines=np.arange(1, n + 1),
        category=[f"category {i % 12}" for i in rows],
        subcategory=[f"group {i % 30}" for i in rows],
        pair_type=[f"type {i % 9}" for i in rows],
    )


def _write_embeddings(path: Path, labels: NDArray[np.int8], pull: float) -> Path:
    generator, n = np.random.default_rng(1), len(labels)
    array = np.lib.format.open_memmap(path, "w+", np.float32, (n, 2, _DIMENSIONS))
    for start in range(0, n, _BLOCK):
        block = generator.standard_normal((len(labels[start : start + _BLOCK]), 2, _DIMENSIONS), dtype=np.float32)
        block[:, 1] += pull * block[:, 0] * labels[start : start + _BLOCK, None]
        array[start : start + _BLOCK] = block
    return path


if __name__ == "__main__":
    evaluate_both(*map(Path, sys.argv[1:]))
