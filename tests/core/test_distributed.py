from __future__ import annotations

import socket

import pytest

from src.core.distributed import barrier
from src.core.errors import PipelineError


def test_processes_that_cannot_meet_are_told_where_and_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        launch = {"RANK": "0", "WORLD_SIZE": "2", "LOCAL_RANK": "0", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
        for name, value in launch.items():
            monkeypatch.setenv(name, value)

        with pytest.raises(PipelineError, match=f"cannot meet at MASTER_ADDR:MASTER_PORT, 127.0.0.1:{port}: .*; start"):
            barrier()
