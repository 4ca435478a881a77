from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml

from tests.support.data_files import records, write_jsonl
from tests.support.real_command import DONE, WRONG

if TYPE_CHECKING:
    from collections.abc import Callable

    from src.workflow.context import RunContext
    from tests.support.real_command import Ended

SPACE = "learning_rate=1e-2,epochs=1,batch_size=16:24,warmup_share=0.1,loss=cosine"


def test_a_search_ends_with_a_recipe_that_train_takes(run: Callable[..., Ended], context: RunContext) -> None:
    folder = context.paths.data_dir
    write_jsonl(folder / "validation.jsonl", records(24, "v"))
    names = {"train": "dating_pairs", "test": "eval_pairs", "validation": "validation"}
    files = [one for split, name in names.items() for one in (f"--{split}-file", folder / f"{name}.jsonl")]

    found = run("search", "--mode", "standard", "--trials", 2, "--space", SPACE, *files)

    assert found.code == DONE, found.err
    assert "Trials, on validation pairs" in found.out
    assert "2 complete" in found.out
    file = context.paths.searched_recipe("searched")
    recipe = yaml.safe_load(file.read_text(encoding="utf-8"))
    assert recipe["select_on"] == "validation"
    assert recipe["training"]["chosen_among"] == 2
    again = run("train", "--config", file)
    assert "train-searched: up to date, nothing to do" in again.err


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--space", "rank=8"), "Error: --space: rank=8: belongs to --mode lora\n"),
        (("--name", "lora"), "Error: --name lora goes with --mode lora"),
        (("--ray", "nowhere"), "Error: --ray nowhere: local or HOST:PORT is expected\n"),
    ],
)
def test_what_cannot_be_is_refused_before_any_trial(
    run: Callable[..., Ended], context: RunContext, options: tuple[str, ...], told: str
) -> None:
    found = run("search", "--mode", "standard", "--trials", 2, *options)

    assert (found.code, found.out) == (WRONG, "")
    assert found.err.startswith(told)
    assert not context.paths.root.exists()
