from __future__ import annotations

import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from src.cli import main
from src.models import LoraSettings, Loss, TrainConfig, TrainingMode
from src.training.options import recipe_options
from tests.support.real_command import REPOSITORY

# what no user may set with `train`
FIXED = {"seed", "lora", "weight_decay", "max_grad_norm"}
FIELDS = {
    name: field
    for settings in (TrainConfig, LoraSettings)
    for name, field in settings.model_fields.items()
    if name not in FIXED
}


_HELP = """
import sys
from src.cli import entry

try:
    entry()
finally:
    print("pydantic" in sys.modules)
"""


# their defaults are told in words
DERIVED = ("select_on", "instruction", "target_modules")


def option_of(field: str) -> click.Option:
    return next(option for option in recipe_options() if option.name == field)


def shown_help() -> str:
    ended = CliRunner().invoke(main, ["train", "--help"])
    assert ended.exit_code == 0
    return " ".join(ended.output.split())


@pytest.mark.parametrize("field", FIELDS)
def test_every_field_that_a_user_may_set_is_an_option_that_shows_its_description(field: str) -> None:
    description = FIELDS[field].description

    assert description
    assert f"--{field.replace('_', '-')} " in shown_help()
    assert description[1:] in shown_help()


@pytest.mark.parametrize(("arguments", "needed"), [(["--help"], False), (["train", "--help"], True)])
def test_only_train_itself_reads_the_fields(arguments: list[str], needed: bool) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", _HELP, *arguments], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )

    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.endswith(f"\n{needed}\n")


def test_there_is_no_option_without_a_field() -> None:
    assert {option.name for option in recipe_options()} == set(FIELDS)


@pytest.mark.parametrize(
    "field", [name for name, field in FIELDS.items() if not field.is_required() and name not in DERIVED]
)
def test_an_option_shows_the_default_of_its_field_and_leaves_it_to_the_recipe(field: str) -> None:
    option = option_of(field)

    assert (option.help or "").endswith(f"  [default: {FIELDS[field].default}]")
    assert main.commands["train"].make_context("train", ["--mode", "lora"]).params[field] is None


def test_the_mode_must_be_given_and_names_the_model_by_default() -> None:
    assert option_of("mode").required
    assert not option_of("name").required
    assert "Names the model. [default: the mode]" in shown_help()


@pytest.mark.parametrize(
    ("field", "choices"),
    [("mode", list(TrainingMode)), ("loss", list(Loss)), ("precision", ["auto", "fp32", "bf16"])],
)
def test_an_option_offers_the_choices_of_its_field(field: str, choices: list[str]) -> None:
    kind = option_of(field).type

    assert isinstance(kind, click.Choice)
    assert list(kind.choices) == choices


@pytest.mark.parametrize(
    ("field", "given", "value"),
    [
        ("epochs", "3", 3),
        ("learning_rate", "1e-3", 1e-3),
        ("name", "mine", "mine"),
        ("dropout", "0", 0.0),
        ("target_modules", "q,v", "q,v"),
    ],
)
def test_an_option_is_read_as_the_type_of_its_field(field: str, given: str, value: float | str) -> None:
    option = f"--{field.replace('_', '-')}"
    params = main.commands["train"].make_context("train", ["--mode", "lora", option, given]).params

    assert params[field] == value
    assert type(params[field]) is type(value)


@pytest.mark.parametrize("field", LoraSettings.model_fields)
def test_the_options_of_the_adapter_say_that_they_belong_to_lora(field: str) -> None:
    assert (option_of(field).help or "").startswith("LoRA only: ")
