from __future__ import annotations

import pytest

from src.commands.trainings import scheduler_of
from src.core.errors import UserInputError


def test_ray_within_several_processes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of them would start the same trainings."""
    monkeypatch.setenv("WORLD_SIZE", "2")

    with pytest.raises(UserInputError, match="--ray: starts processes of its own"), scheduler_of("local"):
        pass
