"""Several processes as `torchrun` starts them: all compute, one writes. A single process notices nothing."""

from __future__ import annotations

import os
from typing import Any


def rank() -> int:
    """Number of this process, from 0."""
    return int(os.environ.get("RANK", "0"))


def world_size() -> int:
    """How many processes there are."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def is_writer() -> bool:
    """Whether this process is the one that writes files and speaks to the user."""
    return rank() == 0


def agree(*, writers_answer: bool) -> bool:
    """The writer's answer, in every process; the others' own is not looked at."""
    if world_size() == 1:
        return writers_answer
    import torch  # noqa: PLC0415 - heavy; a single process needs none

    answer = torch.tensor([int(writers_answer)])
    _group().broadcast(answer, src=0)
    return bool(answer.item())


def wait_for_all() -> None:
    """Go on when every process has come here."""
    if world_size() > 1:
        _group().barrier()


def _group() -> Any:  # noqa: ANN401 - a module
    import torch  # noqa: PLC0415 - heavy; a single process needs none

    if not torch.distributed.is_initialized():
        backend = "cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo"
        torch.distributed.init_process_group(backend)
    return torch.distributed
