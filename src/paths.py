"""Every path of the project, once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

BASELINE = "baseline"
SHIPPED_DATA = Path(__file__).parents[1] / "data" / "raw"
_CHALLENGE = "challenge_pairs.jsonl"


def artifact_name(training_name: str) -> str:
    """Name that a training's embeddings and metrics carry: `standard` is called `finetuned` there.

    Args:
        training_name: The value of `train --name`, which defaults to the mode.
    """
    return "finetuned" if training_name == "standard" else training_name


@dataclass(frozen=True)
class ProjectPaths:
    """Where a run reads its data (`data_dir`) and writes its results (below `root`)."""

    root: Path
    data_dir: Path

    @property
    def train_pairs(self) -> Path:
        return self.data_dir / "dating_pairs.jsonl"

    @property
    def eval_pairs(self) -> Path:
        return self.data_dir / "eval_pairs.jsonl"

    @property
    def challenge_pairs(self) -> Path:
        """Naturally phrased pairs: the data folder's own, else those that ship with the project."""
        own = self.data_dir / _CHALLENGE
        return own if own.exists() else SHIPPED_DATA / _CHALLENGE

    @property
    def quality_report(self) -> Path:
        return self.root / "data" / "evaluation" / "data_quality_report.json"

    @property
    def quality_summary(self) -> Path:
        return self.root / "data" / "evaluation" / "data_quality_summary.txt"

    def embeddings(self, artifact: str, split: str) -> Path:
        """The (N, 2, 384) array of one model and one split (`train`, `eval` or `challenge`)."""
        return self.root / "data" / "embeddings" / f"{artifact}_{split}.npy"

    def model(self, training_name: str) -> Path:
        return self.root / "training" / "model" / f"{training_name}_model"

    def checkpoints(self, training_name: str) -> Path:
        return self.root / "training" / "checkpoints" / training_name

    def training_info(self, training_name: str) -> Path:
        return self.root / "training" / f"{training_name}_training_info.json"

    @property
    def trainings(self) -> Path:
        """The folder whose `*_training_info.json` files name the trainings that exist."""
        return self.root / "training"

    def metrics(self, artifact: str) -> Path:
        return self.root / "eval" / f"{artifact}_metrics.json"

    @property
    def baseline_charts(self) -> Path:
        return self.root / "eval" / "visualizations" / BASELINE

    @property
    def comparison_charts(self) -> Path:
        return self.root / "eval" / "visualizations" / "comparison"

    @property
    def baseline_report(self) -> Path:
        return self.root / "eval" / "baseline_report.html"

    @property
    def comparison_report(self) -> Path:
        return self.root / "eval" / "comparison_report.html"

    @property
    def comparison_result(self) -> Path:
        return self.root / "eval" / "comparison_result.json"

    @property
    def summary(self) -> Path:
        return self.root / "eval" / "summary.md"

    def stage_record(self, stage: str) -> Path:
        """What a finished stage was made from and what it wrote, by size and SHA-256."""
        return self.root / ".pipeline" / f"{stage}.json"
