"""Small searches."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from src.models import TrainConfig
from src.scheduling.in_process import InProcess
from src.search.searching import search
from src.search.space import parse_space
from tests.support.finished_run import recipe

if TYPE_CHECKING:
    from src.models import Search, TrainingInfo
    from src.workflow.context import RunContext

SPACE = "learning_rate=1e-3:2e-2,epochs=1,batch_size=16:24,warmup_share=0.1,loss=cosine:cosent"
BASE = recipe("standard").model_copy(update={"name": "searched"})


def searched(context: RunContext, n_trials: int, space: str = SPACE, **options: object) -> tuple[Search, TrainingInfo]:
    """A search of the standard recipe, in this process."""
    given = {"scheduler": InProcess(), "recipe_text": TrainConfig.model_dump_json} | options
    return search(dataclasses.replace(context), BASE, parse_space(space, BASE.mode), n_trials, **given)
