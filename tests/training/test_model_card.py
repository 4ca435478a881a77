from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import yaml

from src.embedding.base_model import BaseModel
from src.models import LoraSettings, TrainConfig, TrainingMode
from src.training.model_card import write_model_card
from tests.support.factories import make_choice

if TYPE_CHECKING:
    from pathlib import Path

    from src.models import ValidationChoice

MODES = list(TrainingMode)


@pytest.fixture
def base(tmp_path: Path) -> BaseModel:
    return BaseModel(source=str(tmp_path / "cache" / "of-the-user"), sha256="c" * 64, name="all-MiniLM-L6-v2")


def write(
    folder: Path, base: BaseModel, mode: TrainingMode, choice: ValidationChoice | None = None, **changes: object
) -> str:
    values = {"name": mode.value, "mode": mode, "lora": LoraSettings() if mode is TrainingMode.LORA else None}
    write_model_card(folder, TrainConfig.model_validate(values | changes), base, 225, choice, warmup=7)
    return (folder / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("mode", "library", "what"),
    [
        (TrainingMode.STANDARD, "sentence-transformers", "A full fine-tune of `all-MiniLM-L6-v2`"),
        (TrainingMode.LORA, "peft", "A LoRA adapter of `all-MiniLM-L6-v2`"),
    ],
)
def test_it_says_what_the_folder_is(
    tmp_path: Path, base: BaseModel, mode: TrainingMode, library: str, what: str
) -> None:
    text = write(tmp_path, base, mode)
    _, header, body = text.split("---\n", maxsplit=2)

    assert yaml.safe_load(header) == {"library_name": library, "pipeline_tag": "sentence-similarity"}
    assert body.splitlines()[1] == f"# {mode.value}"
    assert what in body


@pytest.mark.parametrize("mode", MODES)
def test_it_tells_the_recipe_that_was_used(tmp_path: Path, base: BaseModel, mode: TrainingMode) -> None:
    text = write(
        tmp_path,
        base,
        mode,
        name="mine",
        epochs=3,
        batch_size=24,
        learning_rate=2e-4,
        seed=11,
        loss="cosent",
    )
    table = dict(re.findall(r"^\| (\w.*) \| (.*) \|$", text, re.MULTILINE))

    assert table == {
        "base weights, SHA-256": f"`{'c' * 64}`",
        "loss": "cosent",
        "epochs, batch size": "3, 24",
        "learning rate, warm-up steps": "0.0002, 7",
        "seed": "11",
        "checkpoint": "step 225, the best Spearman on the test pairs: scores on these are optimistic",
    }
    assert "# mine\n" in text


@pytest.mark.parametrize(
    ("mode", "loads"),
    [
        (TrainingMode.STANDARD, ['SentenceTransformer("path/to/this/folder")']),
        (
            TrainingMode.LORA,
            ['SentenceTransformer("path/to/the/base/model")', 'model.load_adapter("path/to/this/folder")'],
        ),
    ],
)
def test_it_shows_how_this_kind_of_folder_is_loaded(
    tmp_path: Path, base: BaseModel, mode: TrainingMode, loads: list[str]
) -> None:
    code = write(tmp_path, base, mode).split("```")[1]

    assert all(call in code for call in loads)
    compile(code.removeprefix("python"), "card", "exec")


@pytest.mark.parametrize("mode", MODES)
def test_it_names_no_path_of_the_machine_and_leaves_no_field_unfilled(
    tmp_path: Path, base: BaseModel, mode: TrainingMode
) -> None:
    text = write(tmp_path, base, mode)

    assert base.source not in text
    assert str(tmp_path) not in text
    assert "{" not in text


@pytest.mark.parametrize("mode", MODES)
def test_the_same_recipe_writes_the_same_card(tmp_path: Path, base: BaseModel, mode: TrainingMode) -> None:
    assert write(tmp_path / "a", base, mode) == write(tmp_path / "b", base, mode)


def test_it_says_which_pairs_chose_the_checkpoint(tmp_path: Path, base: BaseModel) -> None:
    on_test = write(tmp_path, base, TrainingMode.STANDARD)
    on_validation = write(tmp_path, base, TrainingMode.STANDARD, make_choice())

    assert "| checkpoint | step 225, the best Spearman on the test pairs: scores on these are optimistic |" in on_test
    assert "step 225, epoch 3, the best Spearman on 72 train pairs that were set aside; then trained" in on_validation


def test_it_says_among_how_many_trials_the_recipe_was_chosen(tmp_path: Path, base: BaseModel) -> None:
    assert "trials" not in write(tmp_path, base, TrainingMode.STANDARD)
    card = write(tmp_path, base, TrainingMode.STANDARD, chosen_among=12)

    assert "| recipe | chosen among 12 trials on validation pairs |\n" in card
