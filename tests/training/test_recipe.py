from __future__ import annotations

import shlex

import pytest

from src.cli import main
from src.core.errors import UserInputError
from src.models import LoraSettings, SelectOn, TrainConfig, TrainingMode
from src.training.options import recipe_options
from src.training.recipe import recipe_command, train_config

LORA_OPTIONS = {"rank": 4, "alpha": 32, "dropout": 0.2, "target_modules": "q,v"}
OPTIONS = {
    "epochs": 2,
    "batch_size": 32,
    "learning_rate": 1e-3,
    "warmup_steps": 10,
    "eval_steps": 50,
    "precision": "fp32",
    "loss": "cosent",
    "instruction": "Judge it: 'this' $PATH",
    "select_on": "validation",
    "chosen_among": 12,
}


def recipe(
    mode: str = "standard", name: str | None = None, seed: int = 42, **options: float | str | None
) -> TrainConfig:
    return train_config(seed=seed, mode=mode, name=name, **options)


@pytest.mark.parametrize("mode", list(TrainingMode))
def test_with_no_option_it_is_the_recipe_of_the_design(mode: TrainingMode) -> None:
    nothing_given = dict.fromkeys([*OPTIONS, *LORA_OPTIONS])
    config = recipe(mode.value, **nothing_given)

    assert config == TrainConfig(
        name=mode.value,
        mode=mode,
        epochs=4,
        batch_size=16,
        learning_rate=2e-5,
        warmup_steps=100,
        eval_steps=500,
        precision="auto",
        loss="cosine",
        seed=42,
        lora=LoraSettings(rank=8, alpha=16, dropout=0.1, target_modules=None) if mode is TrainingMode.LORA else None,
    )


@pytest.mark.parametrize("mode", list(TrainingMode))
@pytest.mark.parametrize(("option", "value"), OPTIONS.items())
def test_each_option_changes_its_own_field_alone(mode: TrainingMode, option: str, value: float | str) -> None:
    plain, changed = recipe(mode.value), recipe(mode.value, **{option: value})

    assert changed.model_dump() == plain.model_dump() | {option: value}


@pytest.mark.parametrize(("option", "value"), LORA_OPTIONS.items())
def test_each_option_of_the_adapter_changes_the_adapter_alone(option: str, value: float | str) -> None:
    plain, changed = recipe("lora"), recipe("lora", **{option: value})

    assert plain.lora is not None
    assert changed.lora is not None
    read = ("q", "v") if option == "target_modules" else value
    assert changed.lora.model_dump() == plain.lora.model_dump() | {option: read}
    assert changed.model_copy(update={"lora": plain.lora}) == plain


def test_the_seed_and_the_name_are_part_of_the_recipe() -> None:
    config = recipe("lora", name="lora-tuned", seed=7)

    assert (config.name, config.seed, config.mode) == ("lora-tuned", 7, TrainingMode.LORA)


@pytest.mark.parametrize("option", LORA_OPTIONS)
def test_an_option_of_the_adapter_without_lora_is_refused_by_its_name(option: str) -> None:
    with pytest.raises(UserInputError, match=rf"^--{option.replace('_', '-')} belongs to --mode lora; leave it out, "):
        recipe("standard", **{option: LORA_OPTIONS[option]})


@pytest.mark.parametrize("name", ["baseline", "finetuned"])
@pytest.mark.parametrize("mode", list(TrainingMode))
def test_a_name_whose_files_would_be_another_models_is_refused(mode: TrainingMode, name: str) -> None:
    with pytest.raises(UserInputError, match=rf"^--name {name}: taken by the pipeline itself; choose another$"):
        recipe(mode.value, name=name)


@pytest.mark.parametrize(("mode", "name"), [("standard", "lora"), ("lora", "standard")])
def test_the_name_of_a_mode_goes_with_that_mode_alone(mode: str, name: str) -> None:
    with pytest.raises(UserInputError, match=rf"^--name {name} goes with --mode {name}; choose another name"):
        recipe(mode, name=name)


@pytest.mark.parametrize("mode", list(TrainingMode))
def test_the_name_of_a_mode_may_be_given_with_it(mode: TrainingMode) -> None:
    assert recipe(mode.value, name=mode.value) == recipe(mode.value)


@pytest.mark.parametrize(
    ("option", "value", "shown"),
    [
        ("epochs", 0, "--epochs is "),
        ("epochs", 1001, "--epochs is "),
        ("batch_size", 0, "--batch-size is "),
        ("batch_size", 4097, "--batch-size is "),
        ("learning_rate", 0.0, "--learning-rate is "),
        ("learning_rate", 1.5, "--learning-rate is "),
        ("learning_rate", float("nan"), "--learning-rate is "),
        ("learning_rate", float("inf"), "--learning-rate is "),
        ("warmup_steps", -1, "--warmup-steps is "),
        ("eval_steps", 0, "--eval-steps is "),
        ("precision", "fp16", "--precision is "),
        ("loss", "triplet", "--loss is "),
        ("rank", 0, "--rank is "),
        ("rank", 385, "--rank is "),
        ("alpha", 0, "--alpha is "),
        ("dropout", 1.0, "--dropout is "),
        ("dropout", -0.1, "--dropout is "),
    ],
)
def test_a_value_out_of_range_is_refused_with_the_option_what_was_given_and_what_may_be(
    option: str, value: float | str, shown: str
) -> None:
    with pytest.raises(UserInputError) as caught:
        recipe("lora", **{option: value})

    message = str(caught.value)
    assert message.startswith(f"{shown}{value!r}; it should be ")
    assert "\n" not in message


@pytest.mark.parametrize("names", ["q,,v", "../x", "a.b", ",", "0"])
def test_target_modules_that_are_no_names_are_refused(names: str) -> None:
    with pytest.raises(UserInputError, match=r"^--target-modules is .*; names of modules are expected, with commas"):
        recipe("lora", target_modules=names)


@pytest.mark.parametrize("name", ["../x", "a b", "A", "-x", "a/b", "x" * 41, "é", "a.b"])
def test_a_name_that_cannot_be_a_folder_everywhere_is_refused(name: str) -> None:
    with pytest.raises(UserInputError, match=r"^--name is .*; lower-case letters.* a letter or digit first$"):
        recipe(name=name)


# --- back to a command ----------------------------------------------------------------------------------


def parsed(command: str, seed: int) -> TrainConfig:
    """The recipe that a command line is read as, with a seed where it gives none."""
    arguments = shlex.split(command)
    before, after = arguments[: arguments.index("train")], arguments[arguments.index("train") + 1 :]
    options = main.commands["train"].make_context("train", after).params
    del options["resume"], options["discard"], options["as_json"]
    return train_config(seed=int(before[1]) if before else seed, **options)


@pytest.mark.parametrize(
    ("config", "command"),
    [
        (recipe("standard"), "train --mode standard"),
        (recipe("lora", name="lora"), "train --mode lora"),
        (recipe("lora", name="mine", learning_rate=5e-4), "train --mode lora --name mine --learning-rate 0.0005"),
        (recipe("standard", seed=7), "--seed 7 train --mode standard"),
    ],
)
def test_the_command_of_a_recipe_has_no_more_options_than_it_needs(config: TrainConfig, command: str) -> None:
    assert recipe_command(config, seed=42) == command


def test_the_command_names_target_modules_that_are_not_the_usual_ones_of_the_base_model() -> None:
    config = recipe("lora", target_modules="q,v")

    assert recipe_command(config, seed=42, targets=("q", "v")) == "train --mode lora"
    assert recipe_command(config, seed=42, targets=("query", "value")) == "train --mode lora --target-modules q,v"


def test_the_command_says_what_chooses_where_that_is_not_what_the_data_has_by_default() -> None:
    on_test, on_validation = (train_config(seed=42, mode="lora", name=None, select_on=one) for one in SelectOn)

    assert recipe_command(on_test, seed=42, select_on=SelectOn.VALIDATION) == "train --mode lora --select-on test"
    assert recipe_command(on_validation, seed=42, select_on=SelectOn.VALIDATION) == "train --mode lora"


@pytest.mark.parametrize("seed", [7, 42])
def test_the_command_of_a_recipe_trains_by_it_whatever_its_options(seed: int) -> None:
    for config in (
        recipe("lora", name="mine", seed=7, **OPTIONS, **LORA_OPTIONS),
        recipe("standard", name="mine", seed=7, **OPTIONS),
        recipe("lora", learning_rate=1.2345678901234567e-7),
    ):
        assert parsed(recipe_command(config, seed=seed), seed) == config


def test_every_option_of_the_recipe_is_tried_here() -> None:
    options = {option.name for option in recipe_options()}

    assert options == {"mode", "name", *OPTIONS, *LORA_OPTIONS}
