"""Stage `search`: the trials that have ended as tables, and the recipe that they chose."""

from __future__ import annotations

import csv
import io
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from ..core.errors import PipelineError, StageError
from ..core.paths import SEARCHED, TRIALS_SUFFIX, is_name
from ..core.shell import shell_word
from ..data_loader import data_file
from ..models import Search, SelectOn, Split, TrainConfig, TrainingMode, TrialState
from ..storage.files import fingerprint, is_file, write_json, write_text
from ..training.lora_targets import usual_targets
from ..training_stage import training_inputs
from ..workflow.code_version import code_version
from ..workflow.stage import Stage, read_record, read_result
from .space import default_space, recipe_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..core.paths import ProjectPaths
    from ..models import Trial
    from ..workflow.context import RunContext
    from .space import Space

_COLUMNS = ("spearman", "auc_roc", "epoch", "steps", "seconds", "reason")


def search_stage(
    context: RunContext,
    base: TrainConfig,
    space: Space,
    trials: Sequence[Trial],
    recipe_text: Callable[[TrainConfig], str],
) -> Stage[Search]:
    """What a search found, as it is written.

    Args:
        context: The run.
        base: The recipe without what the search varies; its name is the search's.
        space: What the search varies.
        trials: Those that have ended.
        recipe_text: A recipe as YAML.
    """

    def make(paths: ProjectPaths, made_from: str) -> None:
        found = _found(context, base, space, trials, made_from)
        write_json(paths.trials(base.name), found)
        write_text(paths.trials_table(base.name), trials_csv(found))
        if found.recipe is not None:
            write_text(paths.searched_recipe(base.name), recipe_text(found.recipe))

    known = fingerprint({str(trial.number): trial.model_dump_json() for trial in trials})
    return _stage(
        context,
        base.name,
        lambda: {**made_from(context, base, space), "trials": f"{len(trials)} {known}"},
        make,
        _command(context, base, space.text, len(trials)),
    )


def known_search_stage(context: RunContext, name: str, *, verify: bool = True) -> Stage[Search]:
    """A search that was made before; it can be read, not made.

    Args:
        context: The run.
        name: The search's.
        verify: Hash its files instead of looking at their sizes only.
    """

    def make(_paths: ProjectPaths, _made_from: str) -> None:
        raise PipelineError(f"{name}: a search is made by its command; run `search`")

    return _stage(context, name, lambda: _of_run(context), make, _recorded_command(context, name), verify=verify)


def known_searches(context: RunContext) -> list[str]:
    """Names of the searches that are there."""
    files = sorted(context.paths.searches.glob(f"*{TRIALS_SUFFIX}"))
    names = [file.name.removesuffix(TRIALS_SUFFIX) for file in files if is_file(file)]
    return [name for name in names if is_name(name) and is_file(context.paths.stage_record(_stage_name(name)))]


def made_from(context: RunContext, base: TrainConfig, space: Space) -> dict[str, str]:
    """Everything that a trial is made from besides its parameters; no test pair is part of it."""
    return {"recipe": base.model_dump_json(), "space": space.text, **_of_run(context)}


def trials_csv(found: Search) -> str:
    """The trials as CSV, one a line."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["number", "state", *found.space, *_COLUMNS])
    for trial in found.trials:
        parameters = [trial.parameters[name] for name in found.space]
        rows.writerow([trial.number, trial.state.value, *parameters, *(getattr(trial, name) for name in _COLUMNS)])
    return text.getvalue()


def best_of(trials: Sequence[Trial]) -> Trial | None:
    """The complete trial with the highest Spearman, the first one of equals."""
    complete = [trial for trial in trials if trial.state is TrialState.COMPLETE]
    return max(complete, key=lambda trial: (trial.spearman or 0.0, -trial.number), default=None)


def chosen_recipe(context: RunContext, base: TrainConfig, trials: Sequence[Trial]) -> TrainConfig | None:
    """The recipe of the best trial, which says among how many it was chosen; None where no trial is complete.

    Args:
        context: The run.
        base: The recipe without what the search varies.
        trials: Those that have ended.
    """
    best = best_of(trials)
    if best is None:
        return None
    judged = sum(trial.state is not TrialState.FAILED for trial in trials)
    recipe = recipe_of(base, best.parameters, len(context.pair_sets[Split.TRAIN]))
    return recipe.model_copy(update={"chosen_among": judged if judged > 1 else None})


def _stage(
    context: RunContext,
    name: str,
    inputs: Callable[[], dict[str, str]],
    make: Callable[[ProjectPaths, str], None],
    command: str,
    *,
    verify: bool = True,
) -> Stage[Search]:
    stage = _stage_name(name)
    return Stage(
        context=context,
        name=stage,
        command=command,
        inputs=inputs,
        make=make,
        load=lambda: read_result(context.paths, stage, context.paths.trials(name), Search),
        verify=verify,
    )


def _found(context: RunContext, base: TrainConfig, space: Space, trials: Sequence[Trial], made_from: str) -> Search:
    pairs, validation = context.pair_sets[Split.TRAIN], context.validation_pairs
    best = best_of(trials)
    return Search(
        mode=base.mode,
        space=space.values,
        seed=base.seed,
        trials=tuple(trials),
        best=None if best is None else best.number,
        recipe=chosen_recipe(context, base, trials),
        train_data=data_file(pairs),
        validation_data=None if validation is None else data_file(validation),
        provenance=context.provenance(made_from, time.monotonic(), device=context.device),
    )


def _of_run(context: RunContext) -> dict[str, str]:
    """What a search is made from besides what its command says."""
    on_validation = TrainConfig(name=SEARCHED, mode=TrainingMode.STANDARD, select_on=SelectOn.VALIDATION)
    return {**training_inputs(context, made_by=on_validation), "code": code_version("search")}


def _recorded_command(context: RunContext, name: str) -> str:
    """The command that made a search, as its record says."""
    try:
        known = read_record(context.paths, _stage_name(name)).inputs
        base = TrainConfig.model_validate_json(known["recipe"])
        return _command(context, base, known["space"], int(known["trials"].partition(" ")[0]))
    except (StageError, KeyError, ValueError):
        return "search"


def _command(context: RunContext, base: TrainConfig, space: str, n_trials: int) -> str:
    named = "" if base.name == SEARCHED else f" --name {base.name}"
    varied = "" if space == default_space(base.mode).text else f" --space {shell_word(space)}"
    targets, usual = base.lora.target_modules if base.lora else None, None
    with suppress(PipelineError):  # a base model that is gone; the command names the modules then
        usual = usual_targets(context.base)
    adapted = "" if targets in (None, usual) else f" --target-modules {','.join(targets or ())}"
    return f"search --mode {base.mode} --trials {n_trials}{named}{varied}{adapted}"


def _stage_name(name: str) -> str:
    return f"search-{name}"
