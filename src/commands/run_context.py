"""The run that the shared options describe."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from ..core.distributed import is_main_process, world_size
from ..core.environment_variables import device_of_launch, refuse_environment
from ..core.errors import UserInputError
from .data_options import data_options
from .paths import real_path
from .program import program

if TYPE_CHECKING:
    from ..workflow.context import RunContext

_SHARED_COMMANDS = ("baseline", "train", "evaluate")


def run_context(command: str | None, options: dict[str, Any]) -> RunContext:
    """The run context of a command.

    Args:
        command: Name of the command.
        options: Values of the shared options, by name.

    Raises:
        UserInputError: The environment, a path, or what says what the data is cannot be used.
    """
    refuse_environment(os.environ)
    from ..core.paths import ProjectPaths  # noqa: PLC0415
    from ..core.progress import Reporter, set_up_logging  # noqa: PLC0415
    from ..embedding.loading import go_offline  # noqa: PLC0415 - numpy; not for --help
    from ..workflow.context import RunContext  # noqa: PLC0415

    _check_processes(command)
    go_offline()
    verbosity = int(options["verbose"]) - int(options["quiet"]) if is_main_process() else -1
    set_up_logging(verbosity)
    root = real_path("--root", options["root"])
    data_dir = real_path("--data-dir", options["data_dir"] or root / "data" / "raw")
    return RunContext(
        paths=ProjectPaths(root=root, data_dir=data_dir),
        data=data_options(options),
        base_model=options["base_model"],
        allow_download=options["allow_download"],
        max_seq_length=options["max_seq_length"],
        prompt_1=options["prompt_1"],
        prompt_2=options["prompt_2"],
        device_wanted=device_of_launch(os.environ, options["device"]),
        seed=options["seed"],
        command=f"{program()} {command}",
        reporter=Reporter(verbosity),
    )


def _check_processes(command: str | None) -> None:
    if world_size() > 1 and command not in _SHARED_COMMANDS:
        raise UserInputError(
            f"{command}: runs in one process; torchrun shares the work of {', '.join(_SHARED_COMMANDS)} alone"
        )
