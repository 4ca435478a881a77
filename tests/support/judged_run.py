"""A run that trained nothing and judged three models of others, made once for the whole session and copied."""

from __future__ import annotations

import dataclasses
import json
import shutil
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import torch
from peft import LoraConfig, get_peft_model
from sentence_transformers import SentenceTransformer

from src.baseline_analysis import baseline_stage
from src.comparison import comparison_stage
from src.core.paths import ProjectPaths
from src.evaluation import purity_range
from src.models import DecisionRules
from src.post_training_eval import judge_folder
from tests.support.tiny_bases import Shape, build_base

if TYPE_CHECKING:
    from src.workflow.context import RunContext

PROMPT = "compare: "
SAME, ADAPTER, WIDE = "same", "adapter", "wide"
JUDGED = (ADAPTER, SAME, WIDE)
CANDIDATE = WIDE


def foreign_folders(base: Path) -> dict[str, Path]:
    """The base model itself, a plain PEFT adapter, and a model of 16 dimensions with a default prompt; made once."""
    home = base.parent / "foreign"
    if not home.exists():
        half_done = home.with_name("foreign_half_done")
        shutil.copytree(base, half_done / SAME)
        save_plain_adapter(base, half_done / ADAPTER)
        build_base(half_done / "built", Shape("bert", width=16)).rename(half_done / WIDE)
        set_prompt(half_done / WIDE, PROMPT)
        half_done.rename(home)
    return {name: home / name for name in JUDGED}


def save_plain_adapter(base: Path, folder: Path) -> None:
    """Write a LoRA adapter as the peft package does, which knows nothing of sentence-transformers."""
    torch.manual_seed(1)
    network = SentenceTransformer(str(base), device="cpu")[0].model
    with warnings.catch_warnings():
        # peft asks for what transformers calls otherwise by now
        warnings.simplefilter("ignore", FutureWarning)
        adapted = get_peft_model(network, LoraConfig(r=2, lora_alpha=4, target_modules=["query", "value"]))
    for name, weight in adapted.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weight)
    adapted.save_pretrained(str(folder))


def set_prompt(folder: Path, text: str, name: str = "task") -> None:
    """Give a model a default prompt."""
    file = folder / "config_sentence_transformers.json"
    settings = json.loads(file.read_text()) | {"prompts": {name: text}, "default_prompt_name": name}
    file.write_text(json.dumps(settings))


def copy_judged_run(context: RunContext) -> RunContext:
    """Fill the root of a context with the run, and name its candidate."""
    context = dataclasses.replace(context, rules=DecisionRules(candidate=CANDIDATE))
    base = Path(context.base_model or "")
    made = base.parent / "judged_run"
    if not made.exists():
        half_done = made.with_name("judged_run_half_done")
        _judge_all(context, half_done, foreign_folders(base))
        half_done.rename(made)
    shutil.copytree(made, context.paths.root)
    return context


def _judge_all(context: RunContext, root: Path, folders: dict[str, Path]) -> None:
    made_in = dataclasses.replace(context, paths=ProjectPaths(root=root, data_dir=context.paths.data_dir))
    with pytest.MonkeyPatch.context() as patch:
        # maps by other seeds take most of the time, and no test looks at their range
        patch.setattr(purity_range, "SEEDS", 2)
        baseline_stage(made_in).ensure()
        for name, folder in folders.items():
            judge_folder(made_in, folder, name)
    comparison_stage(made_in).ensure()
