"""The plan of a command: which stages it makes, and what they are expected to cost. Nothing below the root changes."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.errors import PipelineError
from ..embedding.model_folder_checks import read_base
from ..models import Plan
from ..storage.lock import refuse_links
from ..storage.transaction import consistent_read
from .durations import Durations
from .resources import checkpoint_bytes, memory_bytes, model_size, result_bytes
from .work import reasons

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..workflow.context import RunContext
    from .work import Work


def make_plan(context: RunContext, work: Callable[[], Sequence[Work]]) -> Plan:
    """What a command would do.

    Args:
        context: The run; nothing below its root is written.
        work: The stages of the command, each behind those that it is made from; see `planning/work.py`.

    Raises:
        PipelineError: Results of an interrupted command are not in their places yet.
        UserInputError: The command would be refused.
    """

    def unfinished() -> None:
        raise PipelineError(
            f"{context.paths.root}: an interrupted command left results that are not in their places; run `status`, "
            "which moves them, and then this again"
        )

    def read() -> tuple[Sequence[Work], dict[str, str]]:
        stages = work()
        return stages, reasons(stages)

    refuse_links(context.paths)
    stages, why = consistent_read(context.paths, unfinished, read)
    made = [one for one in stages if why[one.stage]]
    durations, base = Durations(context), context.base
    trained = [(one, model_size(one.recipe, base)) for one in made if one.recipe is not None]
    kept = [size for one, size in trained if not one.n_trials]
    embedding = sum(one.stage.startswith("embeddings-") for one in made)
    n_pairs = sum(map(len, context.pair_sets.values()))
    return Plan(
        stages=tuple(durations.planned(one, why[one.stage]) for one in stages),
        n_measured_steps=durations.n_measured_steps,
        memory_bytes=memory_bytes([size for _, size in trained], n_pairs),
        result_bytes=result_bytes(kept, embedding * n_pairs, read_base(Path(base.source)).dimensions),
        checkpoint_bytes=checkpoint_bytes(kept),
        free_bytes=shutil.disk_usage(_existing(context.paths.root)).free,
    )


def _existing(folder: Path) -> Path:
    return next(path for path in (folder, *folder.parents) if path.exists())
