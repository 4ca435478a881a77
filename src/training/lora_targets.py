"""Which modules of the base model LoRA adapts; known from the names of its tensors, before anything is loaded."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..core.errors import NAME_LIMIT, UserInputError, printable
from ..embedding.model_folder_checks import read_base

if TYPE_CHECKING:
    from ..embedding.base_model import BaseModel
    from ..models import TrainConfig


def with_targets(config: TrainConfig, base: BaseModel) -> TrainConfig:
    """A recipe that names what LoRA adapts: what was given, else what is usual for the base model's family.

    Args:
        config: The recipe; one without LoRA stays as it is.
        base: The base model; where it has nothing to adapt, the recipe stays as it is.
    """
    if config.lora is None or config.lora.target_modules is not None:
        return config
    targets = usual_targets(base)
    return config.model_copy(update={"lora": config.lora.model_copy(update={"target_modules": targets})})


def usual_targets(base: BaseModel) -> tuple[str, ...] | None:
    """The last names of the modules that LoRA adapts if none are given; None where there is nothing to adapt."""
    return read_base(Path(base.source)).architecture.targets or None


def adapted_modules(config: TrainConfig, base: BaseModel) -> tuple[str, ...]:
    """Full names of the modules that a recipe adapts; none without LoRA.

    Args:
        config: The recipe.
        base: The base model.

    Raises:
        UserInputError: The base model has no modules for LoRA, or none of one of the given names.
    """
    lora = with_targets(config, base).lora
    if lora is None:
        return ()
    linear = read_base(Path(base.source)).architecture.linear_modules
    if lora.target_modules is None or not linear:
        raise UserInputError(
            f"--mode lora: {base.name} is a word embedding, without layers for LoRA; use --mode standard"
        )
    last = {name: name.rpartition(".")[2] for name in linear}
    unknown = sorted(set(lora.target_modules) - set(last.values()))
    if unknown:
        there = ", ".join(sorted(set(last.values())))
        shown = printable(",".join(unknown), NAME_LIMIT)
        raise UserInputError(f"--target-modules {shown}: no linear module of {base.name} has this name; it has {there}")
    return tuple(name for name in linear if last[name] in lora.target_modules)
