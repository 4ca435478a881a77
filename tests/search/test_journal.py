from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from src.core.errors import ArtifactError, PipelineError, UnfinishedTrainingError
from src.models import TrainingMode, Trial, TrialState
from src.search.journal import ROUND, TRIES, Journal, ended_trials, remove_journal
from src.search.space import parse_space

if TYPE_CHECKING:
    from pathlib import Path

MADE_FROM = {"train": "a", "code": "b"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "search" / "searched.journal"


def opened(file: Path, seed: int = 1, **changes: str) -> Journal:
    return Journal(file, MADE_FROM | changes, parse_space(None, TrainingMode.LORA), seed)


def ended(number: int, parameters: dict, state: TrialState = TrialState.COMPLETE) -> Trial:
    """A trial whose value is a function of its parameters."""
    value = parameters["learning_rate"] * 100 + parameters["epochs"] / 100
    return Trial(
        number=number,
        parameters=parameters,
        state=state,
        spearman=None if state is TrialState.FAILED else value,
        auc_roc=None,
        epoch=None,
        curve={10: value / 2, 20: value},
        steps=8,
        seconds=1.0,
    )


def drawn(file: Path, n_trials: int, calls: int) -> list[dict]:
    """The parameters of a whole search, in whose every call at most some trials end."""
    while todo := opened(file).next_round(n_trials):
        for number, parameters in list(todo.items())[:calls]:
            opened(file).finish(ended(number, parameters))
    return [dict(trial.parameters) for trial in opened(file).trials()]


def test_the_recipes_do_not_depend_on_how_often_the_search_was_cut_off(tmp_path: Path) -> None:
    at_once, cut_off = (drawn(tmp_path / name / "a.journal", 14, calls) for name, calls in (("one", ROUND), ("two", 1)))

    assert at_once == cut_off
    assert len(at_once) == 14


def test_the_first_trial_is_the_usual_recipe_and_another_seed_draws_others(file: Path, tmp_path: Path) -> None:
    first, other = opened(file).next_round(4), opened(tmp_path / "other" / "a.journal", seed=2).next_round(4)

    assert first[0]["learning_rate"] == 5e-4
    assert first[0]["loss"] == "cosine"
    assert first[0] == other[0]
    assert first[1] != other[1]


def test_no_more_trials_are_drawn_than_were_asked_for(file: Path) -> None:
    assert len(opened(file).next_round(2)) == 2
    assert list(opened(file).next_round(1)) == [0]


def test_what_a_killed_process_left_is_tried_again_with_the_same_parameters(file: Path) -> None:
    journal = opened(file)
    before = journal.next_round(3)
    journal.start(0)
    journal.finish(ended(0, before[0]))
    journal.start(1)
    # half of a line, and a lock that nobody holds
    file.write_bytes(file.read_bytes() + b'{"op_code":6,"wor')
    file.with_name("searched.journal.lock").touch()

    again = opened(file).next_round(3)

    assert again == {1: before[1], 2: before[2]}
    opened(file).finish(ended(1, before[1], TrialState.FAILED))
    assert [trial.state for trial in opened(file).trials()] == [TrialState.COMPLETE, TrialState.FAILED]


def test_a_trial_during_which_the_process_ended_three_times_is_given_up(file: Path) -> None:
    parameters = opened(file).next_round(2)
    for _ in range(TRIES):
        assert 0 in opened(file).next_round(2)
        opened(file).start(0)

    assert list(opened(file).next_round(2)) == [1]
    assert opened(file).given_up() == [(0, parameters[0])]


def test_a_trial_is_pruned_by_the_complete_trials_of_the_rounds_before(file: Path) -> None:
    journal = opened(file)
    states = [TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAILED, TrialState.COMPLETE]
    for (number, parameters), state in zip(journal.next_round(5).items(), states, strict=True):
        journal.finish(ended(number, parameters, state))

    first, _, _, last = journal.trials()
    assert journal.curves(3) == ()
    assert journal.curves(4) == (first.curve, last.curve)


def test_trials_of_another_search_are_refused_with_what_changed(file: Path) -> None:
    opened(file)

    with pytest.raises(UnfinishedTrainingError, match=r"stand \(changed since: code, train\); .*--discard"):
        opened(file, train="x", code="y")


@pytest.mark.parametrize(
    "content", [b"no json\nno json\n", b'{"op_code":0}\n[]\n', b"\xff\xfe\n\n", b"[" * 5000 + b"\n\n"]
)
def test_a_damaged_journal_is_told_in_one_line(file: Path, content: bytes) -> None:
    file.parent.mkdir()
    file.write_bytes(content)

    with pytest.raises(ArtifactError, match=r"searched\.journal: damaged \(.*\); --discard") as told:
        opened(file)
    assert "\n" not in str(told.value)

    remove_journal(file)
    assert opened(file).trials() == ()


def test_what_is_no_file_is_left_alone(file: Path, tmp_path: Path) -> None:
    file.parent.mkdir()
    file.symlink_to(tmp_path / "elsewhere")

    with pytest.raises(PipelineError, match="is not a regular file; move it away"):
        opened(file)
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("left", ["nothing", "half a line", "a search without what it is made from"])
def test_a_search_that_was_killed_at_its_start_has_no_trials(file: Path, left: str) -> None:
    file.parent.mkdir()
    if left == "a search without what it is made from":
        opened(file)
        lines = file.read_bytes().splitlines(keepends=True)
        file.write_bytes(lines[0])
    else:
        file.write_bytes(b"" if left == "nothing" else b'{"op_code": 0, "wor')

    assert ended_trials(file, MADE_FROM) == ()
