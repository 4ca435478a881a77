"""What every stage needs to know of the run it belongs to."""

from __future__ import annotations

import importlib.metadata
import platform
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property

from src.data_loader import load_pairs
from src.embeddings import BaseModel, resolve_base_model, resolve_device
from src.models import DataFile, PairSet, Provenance
from src.paths import ProjectPaths  # noqa: TC001 - a dataclass shows its fields' types at run time
from src.progress import Reporter
from src.split_overlap import SplitOverlap, split_overlap

_PACKAGES = ("numpy", "scipy", "scikit-learn", "torch", "transformers", "sentence-transformers", "peft", "umap-learn")
SPLITS = ("train", "eval", "challenge")


@dataclass(frozen=True)
class RunContext:
    """Options of the command line that all stages share; what they stand for is worked out once, when needed."""

    paths: ProjectPaths
    base_model: str | None = None
    allow_download: bool = False
    device_wanted: str = "auto"
    seed: int = 42
    redact: bool = False  # whether the reports leave the texts of the pairs out
    command: str = ""
    reporter: Reporter = field(default_factory=Reporter)

    @cached_property
    def base(self) -> BaseModel:
        """The base model, found and hashed but not loaded."""
        return resolve_base_model(self.base_model, allow_download=self.allow_download)

    @cached_property
    def device(self) -> str:
        """`cpu`, `mps` or `cuda`; asking for it imports torch."""
        return resolve_device(self.device_wanted)

    @cached_property
    def pair_sets(self) -> dict[str, PairSet]:
        """Train, eval and, where there is one, the challenge set, read and checked."""
        sets = {"train": load_pairs(self.paths.train_pairs), "eval": load_pairs(self.paths.eval_pairs)}
        if self.paths.challenge_pairs.exists():
            sets["challenge"] = load_pairs(self.paths.challenge_pairs)
        return sets

    @cached_property
    def overlap(self) -> SplitOverlap:
        """What the eval pairs have in common with train."""
        return split_overlap(self.pair_sets["train"], self.pair_sets["eval"])

    @property
    def data_hashes(self) -> dict[str, str]:
        """SHA-256 of each data file, as the inputs of a stage name them; an absent challenge set is 'none'."""
        return {split: self.pair_sets[split].sha256 if split in self.pair_sets else "none" for split in SPLITS}

    @property
    def shown_inputs(self) -> dict[str, str]:
        """What a report shows, for the record of the stage that writes it.

        It is no part of the fingerprint: the numbers do not depend on it, and no later stage does.
        """
        return {"texts": "left out" if self.redact else "shown"}

    def provenance(self, fingerprint: str, started: float, *, device: str | None = None) -> Provenance:
        """Where a result comes from.

        Args:
            fingerprint: Hash of what it was made from.
            started: `time.monotonic()` at the start of the work.
            device: Where the model ran, None without a model.
        """
        return Provenance(
            created_at=datetime.now(UTC).replace(microsecond=0),
            duration_seconds=round(time.monotonic() - started, 2),
            command=self.command,
            device=device,
            python=platform.python_version(),
            platform=f"{platform.system()} {platform.machine()}",
            packages={name: importlib.metadata.version(name) for name in _PACKAGES},
            fingerprint=fingerprint,
        )


def data_file(pairs: PairSet) -> DataFile:
    """Name, hash and counts of a data file, for a result."""
    return DataFile(
        name=pairs.path.name, sha256=pairs.sha256, n=len(pairs), n_compatible=int(pairs.labels.sum(dtype=int))
    )
