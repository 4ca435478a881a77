"""The trials of a search as they go on, in a file that lasts through a kill.

The file is Optuna's: one line of JSON an operation. Only the process that holds the root's lock opens it.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
import optuna
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock
from optuna.trial import TrialState as State

from ..core.errors import ArtifactError, PipelineError, UnfinishedTrainingError, first_line
from ..models import Trial, TrialState
from ..storage.files import is_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from optuna.trial import FrozenTrial

    from .space import Number, Space

# drawn together, knowing the rounds before alone: so the same recipes are tried on one machine and on several
ROUND = 4
# trials that are drawn at random before the others are drawn where the good ones lie
_RANDOM = 8
# a trial during which the process ended so often is not tried again
TRIES = 3
_STUDY = "search"
_MADE_FROM, _RESULT, _TRIES = "made_from", "result", "tries"
_LOCK = ".lock"
_STATES = {
    TrialState.COMPLETE: State.COMPLETE,
    TrialState.PRUNED: State.PRUNED,
    TrialState.FAILED: State.FAIL,
}


class Journal:
    """The trials of one search."""

    def __init__(self, file: Path, made_from: Mapping[str, str], space: Space, seed: int) -> None:
        """Open the journal, or begin it.

        Args:
            file: Where it lies.
            made_from: Everything that the value of a trial depends on besides its parameters.
            space: What is varied.
            seed: Of the draws.

        Raises:
            UnfinishedTrainingError: Its trials were made from something else.
            ArtifactError: It is damaged.
        """
        self._file, self._space, self._seed = file, space, seed
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        with _told(file):
            _prepare(file)
            self._study = optuna.create_study(
                study_name=_STUDY, storage=_storage(file), direction="maximize", load_if_exists=True
            )
            known = self._study.user_attrs.get(_MADE_FROM)
            if known is None:
                self._study.set_user_attr(_MADE_FROM, dict(made_from))
        if known is not None:
            _refuse_other(file, known, made_from)

    def trials(self) -> tuple[Trial, ...]:
        """The trials that have ended, in the order of their numbers."""
        with _told(self._file):
            return _ended(self._all())

    def next_round(self, n_trials: int) -> dict[int, dict[str, Number]]:
        """The parameters of the trials to measure now, by their numbers; none where so many have ended.

        Those that a killed process left are among them, with the parameters that they had.

        Args:
            n_trials: Trials of the whole search.
        """
        with _told(self._file):
            known = self._all()
            started = len(known) - len(known) % ROUND
            of_round = known[started:]
            running = [one for one in known if not one.state.is_finished()]
            if not running or (of_round and not any(one.state.is_finished() for one in of_round)):
                for number in range(len(known), min(started + ROUND, n_trials)):
                    self._draw(self._ask(number))
                running = [one for one in self._all() if not one.state.is_finished()]
            return {
                one.number: self._draw(self._again(one))
                for one in running
                if one.number < n_trials and one.user_attrs.get(_TRIES, 0) < TRIES
            }

    def given_up(self) -> list[tuple[int, dict[str, Number]]]:
        """The trials during which the process ended too often."""
        with _told(self._file):
            return [
                (one.number, self._draw(self._again(one)))
                for one in self._all()
                if not one.state.is_finished() and one.user_attrs.get(_TRIES, 0) >= TRIES
            ]

    def curves(self, number: int) -> tuple[dict[int, float], ...]:
        """The curves that a trial is pruned by: of the complete trials of the rounds before."""
        first = number - number % ROUND
        complete = (one for one in self.trials() if one.number < first and one.state is TrialState.COMPLETE)
        return tuple(dict(one.curve) for one in complete)

    def start(self, number: int) -> None:
        """Note that a trial is tried once more."""
        with _told(self._file):
            one = self._all()[number]
            self._again(one).set_user_attr(_TRIES, one.user_attrs.get(_TRIES, 0) + 1)

    def finish(self, result: Trial) -> None:
        """Keep the result of a trial."""
        with _told(self._file):
            one = self._all()[result.number]
            trial = self._again(one)
            for place, value in result.curve.items():
                if place not in one.intermediate_values:
                    trial.report(value, place)
            trial.set_user_attr(_RESULT, result.model_dump_json())
            values = result.spearman if result.state is TrialState.COMPLETE else None
            self._study.tell(result.number, values, state=_STATES[result.state])

    def _all(self) -> list[FrozenTrial]:
        """Every trial that was drawn."""
        return [one for one in self._study.get_trials(deepcopy=False) if one.state is not State.WAITING]

    def _ask(self, number: int) -> optuna.Trial:
        if number == 0 and not self._study.get_trials(deepcopy=False):
            self._study.enqueue_trial(dict(self._space.usual))
        self._study.sampler = self._sampler(number)
        return self._study.ask()

    def _again(self, one: FrozenTrial) -> optuna.Trial:
        """A trial that was drawn before; what was drawn of it stays."""
        self._study.sampler = self._sampler(one.number)
        return optuna.Trial(self._study, one._trial_id)  # noqa: SLF001 - there is no other way back to it

    def _draw(self, trial: optuna.Trial) -> dict[str, Number]:
        return self._space.draw(trial)

    def _sampler(self, number: int) -> Any:  # noqa: ANN401 - the library's own type
        """The sampler of one trial: its random numbers do not depend on how many calls the search took."""
        seed = int(np.random.SeedSequence([self._seed, number]).generate_state(1)[0])
        return optuna.samplers.TPESampler(n_startup_trials=_RANDOM, seed=seed)


def ended_trials(file: Path, made_from: Mapping[str, str]) -> tuple[Trial, ...]:
    """The trials of a search that have ended, in the order of their numbers; nothing is written.

    Args:
        file: Its journal; where there is none, no trial has ended.
        made_from: See `Journal`.

    Raises:
        UnfinishedTrainingError: Its trials were made from something else.
        ArtifactError: It is damaged.
    """
    lines = _whole_lines(file.read_bytes()) if is_file(file) else b""
    if not lines:
        return ()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    with _told(file), TemporaryDirectory() as folder:
        copy = Path(folder) / file.name
        copy.write_bytes(lines)
        study = optuna.load_study(study_name=_STUDY, storage=_storage(copy))
        known = study.user_attrs.get(_MADE_FROM)
        trials = _ended(study.get_trials(deepcopy=False))
    # a search that was ended before it wrote what it is made from has no trials
    if known is not None:
        _refuse_other(file, known, made_from)
    return trials


def remove_journal(file: Path) -> None:
    """Remove the journal of a search, whatever is in it."""
    for path in (file, _lock_of(file)):
        path.unlink(missing_ok=True)


@contextmanager
def _told(file: Path) -> Iterator[None]:
    """Turn what the library raises over its file into one of our errors."""
    try:
        yield
    except PipelineError:
        raise
    except OSError as error:
        raise PipelineError(f"{file}: cannot be used: {error.strerror or error}; mend that") from None
    except Exception as error:  # noqa: BLE001 - the library raises many kinds over a file that it cannot read
        raise ArtifactError(f"{file}: damaged ({first_line(error)}); --discard removes it and begins again") from None


def _storage(file: Path) -> JournalStorage:
    return JournalStorage(JournalFileBackend(str(file), JournalFileOpenLock(str(file))))


def _ended(trials: Iterable[FrozenTrial]) -> tuple[Trial, ...]:
    return tuple(Trial.model_validate_json(one.user_attrs[_RESULT]) for one in trials if one.state.is_finished())


def _refuse_other(file: Path, known: Mapping[str, str], made_from: Mapping[str, str]) -> None:
    changed = [name for name, value in made_from.items() if known.get(name) != value]
    if changed:
        raise UnfinishedTrainingError(
            f"{file}: trials of another search stand (changed since: {', '.join(sorted(changed))}); "
            "give the same, another --name, or --discard to remove them"
        )


def _prepare(file: Path) -> None:
    """Take away what a killed process left: a lock, and half of a last line.

    Raises:
        PipelineError: Something else stands there.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    _lock_of(file).unlink(missing_ok=True)
    if not os.path.lexists(file):
        return
    if not is_file(file):
        raise PipelineError(f"{file}: is not a regular file; move it away and run again")
    content = file.read_bytes()
    whole = _whole_lines(content)
    if whole != content:
        with file.open("r+b") as opened:
            opened.truncate(len(whole))
            os.fsync(opened.fileno())


def _whole_lines(content: bytes) -> bytes:
    return content[: content.rfind(b"\n") + 1]


def _lock_of(file: Path) -> Path:
    return file.with_name(file.name + _LOCK)
