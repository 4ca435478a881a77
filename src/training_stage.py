"""Stage `train`: one training, recorded; and what a later stage needs to know of it."""

from __future__ import annotations

import platform
from collections import Counter
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from pydantic import ValidationError

from .core.distributed import is_main_process, world_size
from .core.errors import (
    ArtifactError,
    DataFileError,
    MissingStageError,
    PipelineError,
    StageError,
    UserInputError,
)
from .core.paths import INFO_SUFFIX, INSTRUCTION, MODEL_SUFFIX, SHALLOW_BASELINES, TAKEN_NAMES, TUNED_LORA, is_name
from .embedding.prompts import refuse_prompts, told
from .models import NO_PROMPTS, SelectOn, Split, TrainConfig, TrainingInfo, TrainingMode
from .storage.files import is_file, is_folder, write_json
from .training.checkpoints import remove_all, remove_own
from .training.lora_targets import adapted_modules, usual_targets, with_targets
from .training.notices import unchanged
from .training.recipe import recipe_command, refuse_unchanged
from .training.seeds import by_recipe
from .training.selection import refuse_small_file, validation_phases
from .workflow.code_version import code_version
from .workflow.environment import ADAPTERS, MODELS, NUMBERS, versions
from .workflow.stage import Stage, read_record, read_result, refuse_other_data

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .core.paths import ProjectPaths
    from .trainer import StandardTrainer
    from .workflow.context import RunContext

# what makes the trainings of `run` where nothing is recorded; `run` alone knows a learning rate and an instruction
_COMMANDS_OF_RUN = MappingProxyType(
    {mode.value: f"train --mode {mode}" for mode in TrainingMode}
    | {TUNED_LORA: "run", INSTRUCTION: "run --with-instruction"}
)


def training_stage(
    context: RunContext,
    name: str,
    recipe: TrainConfig | None = None,
    *,
    resume: bool = False,
    discard: bool = False,
    keep_unchanged: bool = False,
    verify: bool = True,
) -> Stage[TrainingInfo]:
    """One training.

    Args:
        context: The run.
        name: The training's name.
        recipe: The recipe that it has to have; None where any will do: such a stage can be read, not made.
        resume: Go on from the newest complete checkpoint of the same recipe.
        discard: Remove checkpoints of another recipe, data or code.
        keep_unchanged: A training that changed nothing is a result; otherwise it is an error.
        verify: Hash its files instead of looking at their sizes only.
    """
    if recipe is not None:
        with suppress(PipelineError):  # a base model that cannot be used is told by the inputs
            recipe = with_targets(recipe, context.base)

    def make(paths: ProjectPaths, fingerprint: str) -> None:
        if recipe is None:
            raise not_trained(context, name)
        prompts = recipe.prompts(context.base.prompts)
        if prompts != NO_PROMPTS:
            context.reporter.say(told(name, prompts))
        info = trainer_of(context, recipe).train(fingerprint, resume=resume, discard=discard, folder=paths.model(name))
        if info.changed_nothing and not keep_unchanged:
            remove_own(context.paths.checkpoints(name), fingerprint)  # they would stand in the way of another recipe
            refuse_unchanged(info)
        write_json(paths.training_info(name), info)

    def assist(fingerprint: str) -> None:
        if recipe is not None:
            trainer_of(context, recipe).assist(fingerprint, resume=resume, discard=discard)

    return Stage(
        context=context,
        name=_stage_name(name),
        command=_command(context, name, recipe),
        inputs=lambda: training_inputs(context, recipe, made_by=_recorded_recipe(context, name)),
        make=make,
        load=lambda: _load(context, name),
        on_other_ranks=assist,
        verify=verify,
    )


def _load(context: RunContext, name: str) -> TrainingInfo:
    """What is known of a training.

    Raises:
        ArtifactError: The file is damaged, or belongs to another training than the one whose folder is there.
    """
    path = context.paths.training_info(name)
    info = read_result(context.paths, _stage_name(name), path, TrainingInfo)
    chosen_on = {Split.TEST: info.eval_data} if info.choice is None else {Split.VALIDATION: info.choice.file}
    refuse_other_data(context, path, {Split.TRAIN: info.train_data, **chosen_on})
    record = read_record(context.paths, _stage_name(name))
    if info.config.model_dump_json() != record.inputs.get("recipe"):
        raise ArtifactError(f"{path}: damaged, its recipe is not the recorded one")
    if info.weights_sha256 not in {output.sha256 for output in record.provenance.outputs}:
        raise ArtifactError(f"{path}: damaged, its weights are not those of the model folder")
    return info


def run_training(
    context: RunContext,
    recipe: TrainConfig,
    *,
    resume: bool = False,
    discard: bool = False,
    keep_unchanged: bool = False,
) -> TrainingInfo:
    """Train one model and publish its folder, unless this very training is up to date.

    Args:
        context: The run.
        recipe: How to train.
        resume: Go on from the newest complete checkpoint of the same recipe.
        discard: Remove checkpoints of another recipe, data or code.
        keep_unchanged: A training that changed nothing is a result, among others that it is compared with.

    Raises:
        UnfinishedTrainingError: Such checkpoints stand, and `discard` is not set.
        PipelineError: The training diverged or changed nothing, or the saved folder is not the trained model.
    """
    check_given(context, recipe)
    with context.writing():
        stage = training_stage(
            context, recipe.name, recipe, resume=resume, discard=discard, keep_unchanged=keep_unchanged
        )
        info = stage.ensure()
        if keep_unchanged:
            _tell_unchanged(context, info)
        else:
            refuse_unchanged(info)
        # only now: a training that is cut off before it is recorded can still be resumed
        if is_main_process():
            folder = context.paths.checkpoints(recipe.name)
            if discard:
                remove_all(folder)
            else:
                remove_own(folder, info.provenance.fingerprint)
        return info


def _tell_unchanged(context: RunContext, info: TrainingInfo) -> None:
    if info.changed_nothing:
        context.reporter.say(f"{unchanged(info.config.name)}; it is compared as it is")


def read_training(context: RunContext, name: str, *, verify: bool = True) -> TrainingInfo:
    """A finished training that a later stage builds on.

    Args:
        context: The run.
        name: The training's name.
        verify: Hash its files instead of looking at their sizes only.

    Raises:
        MissingStageError: There is no such training, or data, base model, packages or code changed since.
        ArtifactError: One of its files is damaged.
    """
    stage = training_stage(context, name, verify=verify)
    if name not in known_trainings(context) and not context.paths.stage_record(stage.name).exists():
        stage.inputs()  # a fault of the data is told first
        raise not_trained(context, name)
    return stage.require()


def training_inputs(
    context: RunContext, recipe: TrainConfig | None = None, *, made_by: TrainConfig | None = None
) -> dict[str, str]:
    """What a training is made from; eval or validation pairs are a part of it only where they choose the checkpoint.

    Args:
        context: The run.
        recipe: None where any will do.
        made_by: The recipe of its record, which then counts.
    """
    wanted = {} if recipe is None else {"recipe": recipe.model_dump_json()}
    known = recipe or made_by
    on_validation = known is not None and known.select_on is SelectOn.VALIDATION
    splits = [Split.TRAIN] if on_validation else [Split.TRAIN, Split.TEST]
    return {
        **wanted,
        **{split: context.data_hashes[split] for split in splits},
        **(context.validation_hash if on_validation else {}),
        "base": context.base_fingerprint,
        "prompts": (known.prompts(context.base.prompts) if known else context.base.prompts).model_dump_json(),
        "device": context.device,
        "packages": versions(*MODELS, *ADAPTERS, *NUMBERS),
        "code": code_version("training_stage"),
    }


def refuse_other_machine(context: RunContext, recipe: TrainConfig, wanted: Mapping[str, str]) -> None:
    """Refuse to train where the result would be another one than where it is wanted.

    Args:
        context: The run, as this machine sees it.
        recipe: The recipe.
        wanted: What the training is made from where it is wanted; see `training_inputs`.

    Raises:
        PipelineError: Base model, packages, device or code are others here.
    """
    found = training_inputs(context, recipe)
    changed = sorted(name for name, value in found.items() if wanted.get(name) != value)
    if changed:
        raise PipelineError(
            f"{platform.node()}: this worker has another {', '.join(changed)} than the machine that sent the task; "
            "install the same there"
        )


def not_trained(context: RunContext, name: str | None = None) -> MissingStageError:
    """What to say of a training that is not there; None stands for any."""
    what = "nothing was trained yet" if name is None else f"{name} was not trained yet"
    can_be_made = name if name is not None and name in _COMMANDS_OF_RUN else TrainingMode.STANDARD.value
    known = known_trainings(context)
    if known and can_be_made != name:
        return MissingStageError(f"{what}; choose one of {', '.join(known)}")
    return MissingStageError(what, command=_command(context, can_be_made))


def _command(context: RunContext, name: str, wanted: TrainConfig | None = None) -> str:
    """The command that makes a training as its record says that it was made."""
    made_by = _recorded_recipe(context, name)
    if made_by is not None and wanted in (None, made_by):
        usual = None
        if made_by.lora is not None:
            with suppress(PipelineError):  # the same
                usual = usual_targets(context.base)
        return recipe_command(made_by, seed=context.seed, select_on=context.profile.select_on, targets=usual)
    # without a mode, which nobody knows: the command asks for it
    return _COMMANDS_OF_RUN.get(name, f"train --name {name}")


def _recorded_recipe(context: RunContext, name: str) -> TrainConfig | None:
    with suppress(StageError, KeyError, ValidationError):
        recipe = TrainConfig.model_validate_json(read_record(context.paths, _stage_name(name)).inputs["recipe"])
        return recipe if recipe.name == name else None
    return None


def check_given(context: RunContext, config: TrainConfig) -> None:
    """Refuse, before a model is loaded, what would only fail after the last step.

    Args:
        context: The run.
        config: The recipe.

    Raises:
        UserInputError: No pairs can choose a checkpoint, LoRA cannot adapt the base model, or that would be replaced.
    """
    held_out, validation = context.pair_sets[Split.TEST], context.validation_pairs
    if config.name in context.judged:
        raise UserInputError(f"--name {config.name}: a judged model has this name; choose another --name")
    if config.name in SHALLOW_BASELINES:
        raise UserInputError(f"--name {config.name}: a shallow baseline has this name; choose another --name")
    refuse_prompts(context.base, config.prompts(context.base.prompts), "leave out --instruction")
    context.refuse_copied_eval()
    if config.select_on is SelectOn.TEST and validation is not None:
        name = validation.path.name
        context.say_once(
            f"{name}: not used, because --select-on test chooses each checkpoint; --select-on validation takes it"
        )
    if config.select_on is SelectOn.VALIDATION:
        if validation is None:
            validation_phases(context.pair_sets[Split.TRAIN], config)
        else:
            refuse_small_file(validation)
    elif len(set(held_out.targets.tolist())) == 1:
        told = f"label {held_out.labels[0]}" if held_out.grades is None else f"grade {held_out.grades[0]:g}"
        raise DataFileError(
            f"{held_out.path}: all {len(held_out)} pairs have the {told}; Spearman, which chooses the checkpoint, "
            "needs two"
        )
    if config.batch_size % world_size():
        raise UserInputError(f"--batch-size {config.batch_size}: cannot be shared by {world_size()} processes")
    if Path(context.base.source).resolve().is_relative_to(context.paths.model(config.name)):
        raise UserInputError(f"--base-model {context.base.source}: training {config.name} replaces it; choose a --name")
    adapted_modules(config, context.base)


def known_trainings(context: RunContext) -> list[str]:
    """Names of the trainings that are there: standard first, then lora, then the others by name.

    Of info file, model folder and record, two are enough, so that a training that lost one of them is told and not left
    out; anything less was put there by someone else, which is told.
    """
    paths = context.paths
    infos = {path: path.name.removesuffix(INFO_SUFFIX) for path in paths.trainings.glob(f"*{INFO_SUFFIX}")}
    models = {path: path.name.removesuffix(MODEL_SUFFIX) for path in paths.models.glob(f"*{MODEL_SUFFIX}")}
    there = [*(infos[path] for path in filter(is_file, infos)), *(models[path] for path in filter(is_folder, models))]
    possible = [name for name in dict.fromkeys(there) if is_name(name) and name not in TAKEN_NAMES]
    recorded = [name for name in possible if is_file(paths.stage_record(_stage_name(name)))]
    parts = Counter([*there, *recorded])
    names = [name for name in possible if parts[name] > 1]
    context.leave_alone(sorted(path for path, name in (infos | models).items() if name not in names))
    modes = list(TrainingMode)
    return sorted(names, key=lambda name: (modes.index(TrainingMode(name)) if name in modes else len(modes), name))


def known_recipes(context: RunContext) -> list[str]:
    """Names of the trainings that are there, without those that another one is repeated in with other seeds."""
    seeds = {one.name for recipes in known_seeds(context).values() for one in recipes[1:]}
    return [name for name in known_trainings(context) if name not in seeds]


def known_seeds(context: RunContext) -> dict[str, tuple[TrainConfig, ...]]:
    """The recipes that were trained with several seeds, by the name of the first training, which stands first."""
    recorded = filter(None, (_recorded_recipe(context, name) for name in known_trainings(context)))
    return {name: recipes for name, recipes in by_recipe(recorded).items() if len(recipes) > 1}


def _stage_name(name: str) -> str:
    return f"train-{name}"


def trainer_of(context: RunContext, config: TrainConfig) -> StandardTrainer:
    """What does a training of this mode; nothing is loaded yet."""
    if config.mode is TrainingMode.LORA:
        from .lora_trainer import LoraTrainer  # noqa: PLC0415 - imports torch and peft

        return LoraTrainer(context, config)
    from .trainer import StandardTrainer  # noqa: PLC0415 - imports torch

    return StandardTrainer(context, config)
