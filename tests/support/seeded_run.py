"""A finished run, two of whose trainings were repeated with two more seeds, made once for the session and copied."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from src.comparison import comparison_stage
from src.core.paths import ProjectPaths
from src.post_training_eval import seed_stages
from src.training.seeds import with_seeds
from src.training_stage import run_training
from tests.support.finished_run import copy_finished_run, recipe

if TYPE_CHECKING:
    from src.workflow.context import RunContext

SEEDS = (42, 43, 44)


def train_other_seeds(context: RunContext, *names: str) -> None:
    """Repeat trainings of a finished run with two more seeds, and embed the pairs with their models."""
    for config in with_seeds([recipe(name, seed=SEEDS[0]) for name in names], SEEDS):
        if config.seed != SEEDS[0]:
            run_training(context, config, keep_unchanged=True)
    for stage in seed_stages(context).values():
        stage.ensure()


def copy_seeded_run(context: RunContext) -> None:
    """Fill the root of a context with the run, compared."""
    made = Path(context.base_model or "").parent / "seeded_run"
    if not made.exists():
        half_done = made.with_name("seeded_run_half_done")
        inside = dataclasses.replace(context, paths=ProjectPaths(root=half_done, data_dir=context.paths.data_dir))
        copy_finished_run(inside)
        train_other_seeds(inside, "standard", "lora")
        comparison_stage(inside).ensure()
        half_done.rename(made)
    shutil.copytree(made, context.paths.root)
