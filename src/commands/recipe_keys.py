"""Which options a recipe has keys for, and what a recipe says of the options of a command."""

from __future__ import annotations

from typing import Any, cast

import click

# options that a recipe file has no keys for: where results go and how they are shown, what may leave the machine, and
# the recipe itself
NOT_IN_RECIPE = ("root", "config", "settings", "allow_download", "quiet", "verbose", "as_json")
# keys of a recipe that stand in no section, because several commands take them
_WITHOUT_SECTION = (
    *("base_model", "max_seq_length", "prompt_1", "prompt_2", "device", "seed", "seeds"),
    *("select_on", "with_instruction", "redact", "space"),
)
OF_TRAIN = "keys of the recipe that train alone takes"


def from_recipe(ctx: click.Context) -> dict[str, Any] | None:
    """What the recipe says of the options of a command, by their names; None where there is no recipe.

    `train` and `curve` alone take the section of the training: `evaluate` has a --mode and a --name of another meaning.
    """
    shared = ctx.find_root().params
    file, settings = shared.get("config"), shared.get("settings", ())
    if file is None and not settings:
        return None
    from ..preparation.recipe_file import TRAINING, read_recipe, values_of  # noqa: PLC0415 - PyYAML; not for --help

    recipe = read_recipe(file, settings, recipe_sections(ctx))
    alone = values_of(recipe, leave_out=(TRAINING,))
    every = values_of(recipe)
    ctx.meta[OF_TRAIN] = sorted(every.keys() - alone.keys())
    return every if ctx.info_name in ("train", "curve", "recipe") else alone


def recipe_sections(ctx: click.Context) -> dict[str, list[click.Option]]:
    """The options that a recipe has keys for, by section; those of the section "" stand in none."""
    from ..training.options import recipe_options  # noqa: PLC0415 - Pydantic; not for --help

    group = cast("click.Group", ctx.find_root().command)
    run, search, quality, comparison = (
        _options(group.commands[name]) for name in ("run", "search", "evaluate-data", "compare")
    )
    shared = _options(group)
    alone = {option.name: option for option in [*shared, *run, *search] if option.name in _WITHOUT_SECTION}
    sections = {"data": shared, "quality": quality, "training": recipe_options(), "comparison": comparison}
    return {
        "": [alone[name] for name in _WITHOUT_SECTION],
        **{name: [one for one in found if one.name not in alone] for name, found in sections.items()},
    }


def _options(command: click.Command) -> list[click.Option]:
    options = [option for option in command.params if isinstance(option, click.Option)]
    return [option for option in options if option.name not in NOT_IN_RECIPE]
