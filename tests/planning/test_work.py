from __future__ import annotations

import pytest

from src.core.errors import MissingStageError
from src.models import StageState, StageStatus
from src.planning.work import Work, reasons


def work(name: str, state: StageState = StageState.FRESH, *after: str, reason: str = "") -> Work:
    return Work(name, lambda: StageStatus(stage=name, state=state, reason=reason, command=""), after)


def test_a_stage_is_made_for_its_own_reason_and_those_that_build_on_it_for_its() -> None:
    stages = [
        work("a"),
        work("b", StageState.STALE, "a", reason="changed since: code"),
        work("c", StageState.FRESH, "a", "b"),
        work("d", StageState.FRESH, "c"),
        work("e", StageState.FRESH, "a"),
    ]

    assert reasons(stages) == {"a": "", "b": "changed since: code", "c": "b is made", "d": "c is made", "e": ""}


@pytest.mark.parametrize("state", [StageState.MISSING, StageState.DAMAGED, StageState.STALE])
def test_what_is_not_fresh_is_made(state: StageState) -> None:
    assert reasons([work("a", state, reason="why")]) == {"a": "why"}


def test_a_status_that_needs_a_missing_stage_is_a_reason() -> None:
    def status() -> StageStatus:
        raise MissingStageError("train-lora has not been run")

    assert reasons([Work("embeddings-lora", status)]) == {"embeddings-lora": "train-lora has not been run"}
