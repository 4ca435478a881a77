"""The tables that say where the numbers come from: trainings, data, weights, recipes, runs, versions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..core import formatting as formats
from ..embedding.prompts import shown
from ..models import NO_PROMPTS
from ..wording import judged as wording
from .notes import measured_on, selection_note
from .selection import judged_models, model_name, trainings
from .table import Cell, Table, table, word_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..models import (
        ComparisonResult,
        DataFile,
        Evaluation,
        JudgedModel,
        ModelSummary,
        Prompts,
        Provenance,
        TrainingInfo,
    )

SMALL_SETTING = 0.01
_PROMPT_COLUMNS = ("Before text 1", "Before text 2")

_PROMPT_NOTE = (
    "What a model reads before each text, in training and evaluation alike. The base model's are --prompt-1 and "
    "--prompt-2, else those of its own folder; a training has those of its base model, or its instruction."
)


def training_table(result: ComparisonResult) -> Table:
    """Recipe and outcome of each training."""
    columns = (
        "Training", "Mode", "Trained parameters", "Learning rate", "Epochs", "Batch", "Steps", "Kept step",
        "Chosen on", "Best Spearman", "Duration", "Saved differs by at most",
    )  # fmt: skip
    rows = [_training_row(model_name(model.evaluation.model), training) for _, model, training in trainings(result)]
    note = (
        "The saved folder was loaded again and its embeddings compared with those of the trained model. "
        f"{selection_note([model.evaluation for model in result.models])}"
    )
    return table("Trainings", columns, rows, note)


def _training_row(name: str, training: TrainingInfo) -> list[Cell | str]:
    config = training.config
    return [
        name,
        config.mode.value,
        Cell(formats.count(training.trainable_parameters), note=f"of {formats.count(training.total_parameters)}"),
        formats.scientific(config.learning_rate),
        formats.count(config.epochs),
        formats.count(config.batch_size),
        formats.count(training.steps),
        formats.count(training.best_step),
        measured_on([training]),
        formats.number(training.best_spearman),
        formats.duration(training.provenance.duration_seconds),
        formats.scientific(training.saved.max_abs_difference_to_trained),
    ]


def data_table(files: Sequence[tuple[str, DataFile | None]]) -> Table:
    """Which files the numbers come from."""
    rows = [
        (role, file.name, formats.count(file.n), formats.count(file.n_compatible), Cell(file.sha256, kind="hash"))
        for role, file in files
        if file is not None
    ]
    positive = next(file.words.positive for _, file in files if file is not None)
    return word_table("Data", ("Role", "File", "Pairs", formats.capitalised(positive), "SHA-256"), rows)


def weights_table(base_sha256: str, result: ComparisonResult | None) -> Table:
    """Which weights were evaluated."""
    trained = trainings(result) if result else []
    named = [(model_name(model.evaluation.model), training.weights_sha256) for _, model, training in trained]
    judged = judged_models(result) if result else []
    named += [(model_name(one.name), one.weights_sha256) for one in judged]
    rows = [(name, Cell(digest, kind="hash")) for name, digest in [("Base model", base_sha256), *named]]
    return word_table("Weights", ("Model", "SHA-256"), rows)


def judged_table(judged: Sequence[JudgedModel]) -> Table:
    """What is known of the models that were trained elsewhere."""
    rows = [
        (
            model_name(one.name),
            wording.KINDS[one.kind],
            formats.count(one.width),
            *_prompt_cells(one.prompts),
            wording.HOW_CHOSEN,
            Cell(one.files_sha256, kind="hash"),
        )
        for one in judged
    ]
    columns = (
        "Model",
        "Folder",
        "Dimensions",
        *_PROMPT_COLUMNS,
        "How its checkpoint was chosen",
        "SHA-256 of its files",
    )
    return word_table("Models that were trained elsewhere", columns, rows, wording.NOTE)


def prompt_tables(evaluations: Sequence[Evaluation]) -> list[Table]:
    """What each model read before the texts; no table where none read anything."""
    if all(one.prompts == NO_PROMPTS for one in evaluations):
        return []
    rows = [(model_name(one.model), *_prompt_cells(one.prompts)) for one in evaluations]
    return [word_table("Prompts", ("Model", *_PROMPT_COLUMNS), rows, _PROMPT_NOTE)]


def _prompt_cells(prompts: Prompts) -> tuple[Cell, Cell]:
    return Cell(shown(prompts.prompt_1), kind="wide"), Cell(shown(prompts.prompt_2), kind="wide")


def recipe_table(trainings: Sequence[tuple[int, ModelSummary, TrainingInfo]]) -> Table:
    """Every setting of every training, side by side."""
    recipes = [training.config.model_dump(mode="json") for _, _, training in trainings]
    settings = list(dict.fromkeys(setting for recipe in recipes for setting in recipe))
    rows = [[setting.replace("_", " "), *(_setting(recipe.get(setting)) for recipe in recipes)] for setting in settings]
    columns = ("Setting", *(model_name(model.evaluation.model) for _, model, _ in trainings))
    return word_table("Recipes", columns, rows)


def _setting(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name.replace('_', ' ')} {_setting(part)}" for name, part in value.items())
    if isinstance(value, list):
        return " and ".join(map(str, value))
    if isinstance(value, float):
        return formats.scientific(value) if 0 < value < SMALL_SETTING else f"{value:g}"
    return "none" if value is None else str(value)


def runs_table(runs: Sequence[tuple[str, Provenance]]) -> Table:
    """When, how and from what each result was made."""
    rows = [
        (
            name,
            f"{run.created_at:%Y-%m-%d %H:%M}",
            Cell(run.command, kind="wide"),
            formats.duration(run.duration_seconds),
            run.device or "no model was used",
            Cell(run.fingerprint, kind="hash"),
        )
        for name, run in runs
    ]
    columns = ("Result", "Made (UTC)", "Command", "Duration", "Device", "Fingerprint of all inputs")
    return word_table("Runs", columns, rows)


def packages_table(runs: Sequence[tuple[str, Provenance]]) -> Table:
    """Versions, one row for all results that share them."""
    sharing: dict[tuple[str, str], list[str]] = {}
    for name, run in runs:
        packages = ", ".join(f"{package} {version}" for package, version in sorted(run.packages.items()))
        sharing.setdefault((f"Python {run.python}, {run.platform}", packages), []).append(name)
    rows = [
        ("all results" if len(sharing) == 1 else ", ".join(names), system, Cell(packages, kind="wide"))
        for (system, packages), names in sharing.items()
    ]
    return word_table("Versions", ("Result", "System", "Packages"), rows)
