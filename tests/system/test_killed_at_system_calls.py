"""Stages killed by SIGKILL at each system call that changes a file, with strace's fault injection."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.support.finished_run import copy_finished_run
from tests.support.real_command import REPOSITORY, Place

if TYPE_CHECKING:
    from pathlib import Path

    from src.workflow.context import RunContext

# at most so many kills; of a stage with more calls every k-th is taken
STAGES = {"publication": 400, "evaluate-data": 120, "embeddings": 120, "train": 48, "report": 35}


def why_not() -> str:
    """Why strace cannot be used here, empty when it can."""
    if shutil.which("strace") is None:
        return "strace is not installed"
    ended = subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True, text=True, check=False)
    return ended.stderr.strip()


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_killed_at_any_system_call_leaves_old_or_new_and_needs_no_cleaning(
    context: RunContext, tiny_model: Path, stage: str
) -> None:
    if reason := why_not():
        pytest.skip(reason)
    if stage not in ("publication", "embeddings"):  # other records would list their files
        copy_finished_run(context)
    root, data = context.paths.root, context.paths.data_dir
    arguments = (stage, root, data, tiny_model, STAGES[stage])

    ended = subprocess.run(
        [sys.executable, "-m", "tests.support.killed_stage", *map(str, arguments)],
        cwd=REPOSITORY,
        env=Place.environment(),
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 0, ended.stderr
    found = json.loads(ended.stdout)
    wanted = -(-found["calls"] // found["step"])
    # another run may read a file more than the one that was counted
    assert found["killed"] >= 0.95 * wanted, found
    assert found["old"], found
    assert found["new"], found
