"""A tiny base model with prompts of its own, as e5 and bge have them."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from src.workflow.context import RunContext

PROMPT = "query: "
DEFAULT = {"prompts": {"task": PROMPT}, "default_prompt_name": "task"}
SETTINGS, POOLING = "config_sentence_transformers.json", "1_Pooling/config.json"


def copy_with(folder: Path, target: Path, file: str, **settings: object) -> Path:
    """A copy of a model's folder with more in one of its configuration files."""
    shutil.copytree(folder, target)
    path = target / file
    path.write_text(json.dumps(json.loads(path.read_text()) | settings))
    return target


def with_prompts(context: RunContext, **settings: object) -> RunContext:
    """A context whose base model says more of its prompts; a default prompt without anything given."""
    target = context.paths.root.parent / "prompted"
    folder = copy_with(Path(context.base_model or ""), target, SETTINGS, **(settings or DEFAULT))
    return dataclasses.replace(context, base_model=str(folder))
