"""Every path of the project, once."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import NAME_LIMIT, UserInputError, printable

if TYPE_CHECKING:
    from collections.abc import Iterator

# what a training or a judged model may be called: it becomes part of file names, also where those ignore case
NAME_PATTERN = r"^[a-z0-9][a-z0-9_-]{0,39}$"
_NAME = re.compile(NAME_PATTERN)
NAME_RULE = "lower-case letters, digits, '-' and '_' are allowed, at most 40, a letter or digit first"
BASELINE = "baseline"
CHALLENGE = "challenge"
# the training of `run` whose learning rate was chosen for LoRA
TUNED_LORA = "lora-tuned"
# the training of `run --with-instruction`
INSTRUCTION = "instruction"
# the recipe that a search chose, and the search itself
SEARCHED = "searched"
# names whose artifacts would collide with those of another model
TAKEN_NAMES = (BASELINE, "finetuned")
# models are compared with them by name, so that no model may have one of these
SHALLOW_BASELINES = (
    "majority",
    "text_1_only",
    "text_2_only",
    "bag_of_words",
    "character_ngrams",
    "lexical_overlap",
    "negation_agreement",
    "length",
    "category_only",
    "text_frequency",
)
MODEL_SUFFIX, INFO_SUFFIX, JUDGED_SUFFIX = "_model", "_training_info.json", "_judged_model.json"
TRIALS_SUFFIX = "_trials.json"
MAKING, COMPLETE, REPLACED, ENCODING = "new-", "ready-", "old-", "encoding-"
# an installed package has its data inside, a clone beside the package
_INSTALLED_DATA = Path(__file__).parents[1] / "shipped"
SHIPPED_DATA = _INSTALLED_DATA if _INSTALLED_DATA.is_dir() else Path(__file__).parents[2] / "data" / "raw"
_CHALLENGE = "challenge_pairs.jsonl"
_GUARD = "guard_pairs.jsonl"
_SHARED_FOLDERS = (
    ".pipeline",
    "data/embeddings",
    "data/evaluation",
    "eval",
    "eval/visualizations",
    "search",
    "training",
    "training/checkpoints",
    "training/model",
)


def artifact_name(training_name: str) -> str:
    """Name that a training's embeddings and metrics carry: `standard` is called `finetuned` there.

    Args:
        training_name: The value of `train --name`, which defaults to the mode.
    """
    return "finetuned" if training_name == "standard" else training_name


def is_name(text: str) -> bool:
    """Whether a training may be called so, see NAME_RULE."""
    return _NAME.fullmatch(text) is not None


def checked_name(name: str) -> str:
    """The name, once it is sure that a model or a stage may be called so; UserInputError otherwise."""
    if not is_name(name):
        raise UserInputError(f"{printable(name, NAME_LIMIT)!r} is no name; {NAME_RULE}")
    return name


def _stage(name: str) -> str:
    """A stage is called by one word of our own, by a model's name, or by both with a hyphen between them."""
    word, _, model = name.partition("-")
    return f"{word}-{checked_name(model)}" if model else checked_name(word)


def is_stage(text: str) -> bool:
    """Whether a stage may be called so."""
    word, _, model = text.partition("-")
    return is_name(word) and (is_name(model) if model else word == text)


@dataclass(frozen=True)
class ProjectPaths:
    """Where a run reads its data (`data_dir`) and writes its results (below `root`).

    A path made from a name raises UserInputError when that is none, so that no name leads out of the root.
    """

    root: Path
    data_dir: Path

    def pairs(self, split: str) -> Path:
        """The data file of one split (`train`, `eval` or `challenge`)."""
        return {"train": self.train_pairs, "eval": self.eval_pairs, CHALLENGE: self.challenge_pairs}[split]

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
        # a dangling link counts as present, so that it is reported instead of silently replaced by the shipped set
        return own if os.path.lexists(own) else SHIPPED_DATA / _CHALLENGE

    @property
    def guard_pairs(self) -> Path:
        """Graded pairs of general English, which ship with the project."""
        return SHIPPED_DATA / _GUARD

    @property
    def quality_report(self) -> Path:
        return self.root / "data" / "evaluation" / "data_quality_report.json"

    @property
    def quality_summary(self) -> Path:
        return self.root / "data" / "evaluation" / "data_quality_summary.txt"

    def embeddings(self, artifact: str, split: str) -> Path:
        """The (N, 2, 384) array of one model and one split (`train`, `eval` or `challenge`)."""
        return self.root / "data" / "embeddings" / f"{checked_name(artifact)}_{split}.npy"

    @property
    def models(self) -> Path:
        """The folder whose `*_model` folders are the trained models."""
        return self.trainings / "model"

    def model(self, training_name: str) -> Path:
        return self.models / f"{checked_name(training_name)}{MODEL_SUFFIX}"

    def checkpoints(self, training_name: str) -> Path:
        return self.root / "training" / "checkpoints" / checked_name(training_name)

    def encoding(self, artifact: str) -> Path:
        """Embeddings that are being made; a later run goes on with what is there."""
        return self._own / f"{ENCODING}{checked_name(artifact)}"

    @property
    def logs(self) -> Path:
        """The curves of trainings for other programs; no stage reads them."""
        return self.root / "logs"

    def training_info(self, training_name: str) -> Path:
        return self.trainings / f"{checked_name(training_name)}{INFO_SUFFIX}"

    @property
    def searches(self) -> Path:
        """The folder of all searches; their journals are the only files there that no stage writes."""
        return self.root / "search"

    def journal(self, name: str) -> Path:
        """Every trial of a search as it goes on; a later call goes on from there."""
        return self.searches / f"{checked_name(name)}.journal"

    def trials(self, name: str) -> Path:
        """The trials of a search that have ended, and the recipe that they chose."""
        return self.searches / f"{checked_name(name)}{TRIALS_SUFFIX}"

    def trials_table(self, name: str) -> Path:
        """The same as CSV."""
        return self.searches / f"{checked_name(name)}_trials.csv"

    def searched_recipe(self, name: str) -> Path:
        """The chosen recipe as YAML, which `--config` takes."""
        return self.searches / f"{checked_name(name)}_recipe.yaml"

    @property
    def trainings(self) -> Path:
        """The folder whose `*_training_info.json` files name the trainings that exist."""
        return self.root / "training"

    def metrics(self, artifact: str) -> Path:
        return self.root / "eval" / f"{checked_name(artifact)}_metrics.json"

    def judged_model(self, name: str) -> Path:
        """What is known of a model that was trained elsewhere."""
        return self.judged_models / f"{checked_name(name)}{JUDGED_SUFFIX}"

    @property
    def judged_models(self) -> Path:
        """The folder whose `*_judged_model.json` files name the judged models that exist."""
        return self.root / "eval"

    def judged_folder(self, name: str) -> Path:
        """A text that says where the folder of a judged model lay on this machine; no result names it."""
        return self._own / f"judged-{checked_name(name)}.txt"

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
    def short_report(self) -> Path:
        """The comparison on two pages, for print and mail."""
        return self.root / "eval" / "comparison_short.html"

    @property
    def short_pdf(self) -> Path:
        """The same as a PDF, where there is a Chromium to print it."""
        return self.root / "eval" / "comparison_short.pdf"

    @property
    def comparison_result(self) -> Path:
        return self.root / "eval" / "comparison_result.json"

    @property
    def summary(self) -> Path:
        return self.root / "eval" / "summary.md"

    @property
    def model_card(self) -> Path:
        """The candidate's model card, with the decision."""
        return self.root / "eval" / "model_card.md"

    def stage_record(self, stage: str) -> Path:
        """What a finished stage was made from and what it wrote, by size and SHA-256."""
        return self._own / f"{_stage(stage)}.json"

    def being_made(self, stage: str) -> Path:
        """Laid out as the root: the files of a stage that is at work."""
        return self._own / f"{MAKING}{_stage(stage)}"

    def complete(self, stage: str) -> Path:
        """Laid out as the root: the files of a stage that has ended, on their way to their places."""
        return self._own / f"{COMPLETE}{_stage(stage)}"

    def replaced(self, stage: str) -> Path:
        """Folders that the files of a stage take the place of, until they are removed."""
        return self._own / f"{REPLACED}{_stage(stage)}"

    def worker(self, training_name: str) -> Path:
        """Laid out as the root: where a worker trains, until the training is published."""
        return self._own / f"worker-{checked_name(training_name)}"

    @property
    def lock(self) -> Path:
        """Held by the one process that writes below the root."""
        return self._own / "lock"

    @property
    def _own(self) -> Path:
        return self.root / ".pipeline"

    def folders_of_stages(self) -> Iterator[Path]:
        """The folders that a stage replaces or removes as a whole, and those with such names."""
        yield from (self.baseline_charts, self.comparison_charts)
        yield from self.models.glob(f"*{MODEL_SUFFIX}")
        yield from self.checkpoints(BASELINE).parent.glob("*")
        yield from (path for path in self._own.glob("*-*") if is_stage(path.name.partition("-")[2]))

    def folders_of_results(self) -> tuple[Path, ...]:
        """The folders that several stages write to, each a file or a folder of its own."""
        return tuple(self.root / folder for folder in _SHARED_FOLDERS)
