"""Several processes under `torchrun`: all ranks compute, rank 0 writes. In one process all of this is a no-op."""

from __future__ import annotations

import os
from typing import Any

from .errors import PipelineError, first_line


def rank() -> int:
    """Rank of this process, from 0."""
    return int(os.environ.get("RANK", "0"))


def world_size() -> int:
    """Number of processes."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def is_main_process() -> bool:
    """Whether this process is rank 0, which writes files and reports to the user."""
    return rank() == 0


def broadcast(*, answer: bool) -> bool:
    """Broadcast rank 0's answer to all ranks; the answers of the others are ignored."""
    if world_size() == 1:
        return answer
    import torch  # noqa: PLC0415 - heavy; a single process needs none

    sent = torch.tensor([int(answer)])
    _group().broadcast(sent, src=0)
    return bool(sent.item())


def barrier() -> None:
    """Wait until all ranks have reached this point."""
    if world_size() > 1:
        _group().barrier()


def _group() -> Any:  # noqa: ANN401 - a module
    import torch  # noqa: PLC0415 - heavy; a single process needs none

    if not torch.distributed.is_initialized():
        backend = "cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo"
        try:
            torch.distributed.init_process_group(backend)
        except (RuntimeError, ValueError) as error:
            where = f"{os.environ.get('MASTER_ADDR')}:{os.environ.get('MASTER_PORT')}"
            raise PipelineError(
                f"the processes cannot meet at MASTER_ADDR:MASTER_PORT, {where}: {first_line(error)}; "
                "start them with torchrun, or unset RANK, WORLD_SIZE and LOCAL_RANK"
            ) from None
    return torch.distributed
