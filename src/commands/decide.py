"""`decide`: decide again by other rules."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..core.errors import StageError, UserInputError
from ..core.option_types import PathTo
from .command import Command, pass_run
from .decisions import decides, gate, rules
from .options import JSON
from .output import print_json, stdout

if TYPE_CHECKING:
    from ..workflow.context import RunContext


@click.command(cls=Command)
@click.option(
    "--from", "source", type=PathTo(path_type=Path, dir_okay=False), required=True, help="A comparison_result.json."
)
@decides
@JSON
@pass_run
def decide(
    _context: RunContext,
    *,
    source: Path,
    fail_on: str,
    as_json: bool,
    **given: Any,  # noqa: ANN401 - click's own types
) -> None:
    """Decide again by other rules, from a result of compare.

    Nothing is measured or written.
    """
    from ..models import ComparisonResult  # noqa: PLC0415
    from ..report.terminal import show_verdict  # noqa: PLC0415 - heavy; not for --help
    from ..storage.files import read_json  # noqa: PLC0415
    from ..verdict.judge import judge_again  # noqa: PLC0415

    try:
        result = read_json(source, ComparisonResult)
    except StageError as error:
        raise UserInputError(f"--from {error}; give a comparison_result.json that `compare` wrote") from None
    verdict = judge_again(result, rules(given))
    if as_json:
        print_json(verdict)
    else:
        show_verdict(stdout(), verdict)
    gate(verdict.decision.outcome, fail_on)
