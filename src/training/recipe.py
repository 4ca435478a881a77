"""Options of `train` to a checked recipe, and a recipe to the command line that has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ValidationError

from ..core.errors import NAME_LIMIT, ModelError, UserInputError, printable
from ..core.paths import NAME_RULE, TAKEN_NAMES
from ..core.shell import shell_word
from ..models import LoraSettings, SelectOn, TrainConfig, TrainingMode, Value
from .notices import unchanged

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

    from ..models import TrainingInfo

# fields that no option of `train` sets: --seed belongs to every command, and the others are fixed
_NOT_OPTIONS = ("seed", "lora", "weight_decay", "max_grad_norm")


def option_fields(settings: type[Value]) -> dict[str, FieldInfo]:
    """The fields of a recipe, or of its adapter, that an option of `train` sets, in their order."""
    return {name: field for name, field in settings.model_fields.items() if name not in _NOT_OPTIONS}


def train_config(*, seed: int, mode: str, name: str | None, **options: float | str | None) -> TrainConfig:
    """Build the recipe of one training; an option that was not given keeps the recipe's value.

    Raises:
        UserInputError: An option is out of its range, or belongs to the other mode.
    """
    given = {key: value for key, value in options.items() if value is not None}
    adapter = {key: given.pop(key) for key in option_fields(LoraSettings) if key in given}
    name = mode if name is None else name
    if name in TAKEN_NAMES:
        raise UserInputError(f"--name {name}: taken by the pipeline itself; choose another")
    if name in list(TrainingMode) and name != mode:
        raise UserInputError(f"--name {name} goes with --mode {name}; choose another name for --mode {mode}")
    if adapter and mode != TrainingMode.LORA:
        option = next(iter(adapter)).replace("_", "-")
        raise UserInputError(f"--{option} belongs to --mode lora; leave it out, or train with that mode")
    try:
        lora = LoraSettings.model_validate(adapter) if mode == TrainingMode.LORA else None
        return TrainConfig.model_validate({"name": name, "mode": mode, "seed": seed, "lora": lora, **given})
    except ValidationError as error:
        fault = error.errors()[0]
        # a fault of one name among several is told by the option
        place = [part for part in fault["loc"] if isinstance(part, str) and part in _every_field()]
        option = place[-1].replace("_", "-") if place else "mode"
        rules = {"name": NAME_RULE, "target-modules": "names of modules are expected, with commas between them"}
        rule = rules.get(option) or fault["msg"].replace("Input should be", "it should be")
        raise UserInputError(f"--{option} is {printable(repr(fault['input']), NAME_LIMIT)}; {rule}") from None


def with_given_targets(config: TrainConfig, target_modules: str | None) -> TrainConfig:
    """A recipe whose adapter is on the modules that an option names; one without an adapter stays as it is.

    Args:
        config: The recipe.
        target_modules: Their names, with commas between them; None where the option was not given.

    Raises:
        UserInputError: What was given is no list of names.
    """
    if target_modules is None or config.lora is None:
        return config
    given = train_config(seed=config.seed, mode=config.mode, name=None, target_modules=target_modules).lora
    targets = None if given is None else given.target_modules
    return config.model_copy(update={"lora": config.lora.model_copy(update={"target_modules": targets})})


def recipe_command(
    config: TrainConfig,
    *,
    seed: int,
    select_on: SelectOn = SelectOn.TEST,
    targets: tuple[str, ...] | None = None,
) -> str:
    """What to type after the program's name to train by a recipe, with no more options than it needs.

    Args:
        config: The recipe.
        seed: The one that a command line without it would have.
        select_on: The same.
        targets: The same, of LoRA's target modules.
    """
    usual = _options(train_config(seed=seed, mode=config.mode, name=None, select_on=select_on))
    if config.lora is not None:
        usual["target_modules"] = targets
    changed = {option: value for option, value in _options(config).items() if value != usual[option]}
    options = "".join(
        f" --{option.replace('_', '-')} {shell_word(str(_typed(value)))}" for option, value in changed.items()
    )
    seeded = "" if config.seed == seed else f"--seed {config.seed} "
    return f"{seeded}train --mode {config.mode}{options}"


def _typed(value: object) -> object:
    """A value as it is typed."""
    return ",".join(map(str, value)) if isinstance(value, tuple) else value


def differing(
    theirs: str, ours: TrainConfig, *, seed: int, select_on: SelectOn, targets: tuple[str, ...] | None = None
) -> tuple[str, str]:
    """What another recipe has that ours has not, in words, and the command that finishes its training.

    Args:
        theirs: The other recipe as JSON; whatever it is.
        ours: The recipe to compare it with.
        seed: The one that a command line without it would have.
        select_on: The same.
        targets: The same, of LoRA's target modules.

    Returns:
        For example `another recipe (learning rate 2e-5)` and `train --mode standard --resume`; no command where the
        other training cannot be finished.
    """
    try:
        other = TrainConfig.model_validate_json(theirs)
    except ValidationError:
        return "another training", ""
    mine, changed = _values(ours), {}
    for name, value in _values(other).items():
        if mine.get(name) != value:
            changed[name.replace("_", " ")] = str(_typed(value)).replace("e-0", "e-")
    if not changed:
        return "the same recipe on other data, or with another base model, device, code or packages", ""
    what = ", ".join(f"{name} {value}" for name, value in changed.items())
    return (
        f"another recipe ({what})",
        f"{recipe_command(other, seed=seed, select_on=select_on, targets=targets)} --resume",
    )


def refuse_unchanged(info: TrainingInfo) -> None:
    """Refuse a training that changed nothing.

    Raises:
        ModelError: The saved model's embeddings equal the base model's.
    """
    if info.changed_nothing:
        what = unchanged(info.config.name)
        raise ModelError(f"{what}; give a higher --learning-rate or more --epochs")


def _values(config: TrainConfig) -> dict[str, object]:
    """All fields of a recipe and of its adapter."""
    return {name: value for part in filter(None, (config, config.lora)) for name, value in part if name != "lora"}


def _every_field() -> set[str]:
    return {*TrainConfig.model_fields, *LoraSettings.model_fields}


def _options(config: TrainConfig) -> dict[str, object]:
    parts = filter(None, (config, config.lora))
    return {option: getattr(part, option) for part in parts for option in option_fields(type(part))}
