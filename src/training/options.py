"""The options of `train`, made from the fields of the recipe: their names, types, choices, defaults and help."""

from __future__ import annotations

from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

import click

from ..core.option_types import FiniteFloat, Text
from ..models import LoraSettings, TrainConfig
from .recipe import option_fields

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

# the default of a field that the recipe fills in from another one, or from the data
_DERIVED = {
    "name": "the mode",
    "select_on": "test for dating pairs, else validation",
    "instruction": "none",
    "target_modules": "those of the base model's family",
}


@cache
def recipe_options() -> tuple[click.Option, ...]:
    """One option for each field of the recipe and of its adapter; one that is not given has the value None."""
    own, adapter = option_fields(TrainConfig), option_fields(LoraSettings)
    return (
        *(_option(name, field, _sentence(field)) for name, field in own.items()),
        *(_option(name, field, f"LoRA only: {field.description}.") for name, field in adapter.items()),
    )


def _option(name: str, field: FieldInfo, about: str) -> click.Option:
    required = field.is_required() and name not in _DERIVED
    default = "" if required else f"  [default: {_DERIVED.get(name, field.default)}]"
    return click.Option([f"--{name.replace('_', '-')}"], type=_type(field), required=required, help=f"{about}{default}")


def _sentence(field: FieldInfo) -> str:
    text = field.description or ""
    return f"{text[:1].upper()}{text[1:]}."


def _type(field: FieldInfo) -> Any:  # noqa: ANN401 - whatever click takes for a type
    kind = field.annotation
    if isinstance(kind, type) and issubclass(kind, Enum):
        return click.Choice([member.value for member in kind])
    if get_origin(kind) is Literal:
        return click.Choice(get_args(kind))
    if kind is float:
        return FiniteFloat()
    # a list is one text with commas
    return Text() if kind not in (int, float) else kind
