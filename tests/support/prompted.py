"""A tiny base model with a prompt of its own, as e5 and bge have one."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from src.workflow.context import RunContext

PROMPT = "query: "
SETTINGS = "config_sentence_transformers.json"


def with_settings(context: RunContext, home: Path, **settings: object) -> RunContext:
    """The context with a copy of its base model whose settings say more."""
    folder = home / "prompted"
    shutil.copytree(Path(context.base_model or ""), folder)
    file = folder / SETTINGS
    file.write_text(json.dumps(json.loads(file.read_text()) | settings))
    return dataclasses.replace(context, base_model=str(folder))
