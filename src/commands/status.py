"""`status`: which stages are fresh, stale or missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from .command import Command, pass_run
from .options import JSON, SELECT_ON, TARGET_MODULES
from .output import print_json_list, stdout
from .program import program_with_options

if TYPE_CHECKING:
    from ..workflow.context import RunContext


@click.command(cls=Command)
@click.option("--verify", is_flag=True, help="Hash every file again.")
@SELECT_ON
@TARGET_MODULES
@JSON
@pass_run
def status(
    context: RunContext, *, verify: bool, select_on: str | None, target_modules: str | None, as_json: bool
) -> None:
    """Show which stages are fresh, stale or missing.

    Below each stands the command that makes it.
    """
    from ..models import SelectOn  # noqa: PLC0415 - Pydantic
    from ..pipeline import project_status  # noqa: PLC0415
    from ..report.terminal import show_status  # noqa: PLC0415 - not for --help

    program = program_with_options(click.get_current_context())
    chosen = SelectOn(select_on) if select_on else None
    found = project_status(context, verify=verify, select_on=chosen, target_modules=target_modules)
    if as_json:
        print_json_list("stages", found)
    else:
        show_status(stdout(), found, program)
