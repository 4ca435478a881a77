"""One training of a learning curve: trained in a root of its own, measured, and kept as its cosines alone.

What was measured is kept in a file, so that a curve that is cut off goes on with the next training. The training under
way is kept by its checkpoints.
"""

from __future__ import annotations

import hashlib
import shutil
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from ..core.errors import StageError
from ..core.paths import ProjectPaths
from ..embedding.loading import loaded_model
from ..models import CurveCosines, Split
from ..storage.files import fingerprint, read_json, write_json
from ..training.pair_evaluator import PairEvaluator
from ..training_stage import run_training, training_inputs
from ..workflow.code_version import code_version
from ..workflow.context import RunContext
from ..workflow.environment import MODELS, versions

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ..models import PairSet, Prompts, TrainConfig

    Cosines = dict[Split, tuple[float, ...]]

_KEY_LENGTH = 16
# this file and all that it imports: a changed picture makes no training stale
_CODE = "curve/points"


@dataclass(frozen=True)
class PartContext(RunContext):
    """A run on a part of the train pairs of another run, with a root of its own."""

    part: PairSet | None = None
    of: RunContext | None = None

    @cached_property
    def _all_sets(self) -> dict[Split, PairSet]:
        if self.part is None or self.of is None:
            return super()._all_sets
        validation = self.of.validation_pairs
        known = {} if validation is None else {Split.VALIDATION: validation}
        return {**self.of.pair_sets, **known, Split.TRAIN: self.part}


def curve_folder(context: RunContext) -> Path:
    """Where a learning curve and what it is made from are written."""
    return context.paths.root / "curve"


def measured_splits(context: RunContext) -> list[Split]:
    """The splits that a curve is drawn of."""
    return [split for split in (Split.TEST, Split.CHALLENGE) if split in context.pair_sets]


def part_context(context: RunContext, part: PairSet, seed: int) -> PartContext:
    """The run in which one training of the curve happens.

    Args:
        context: The run.
        part: The pairs that it trains on.
        seed: Of the training.
    """
    lines = hashlib.sha256(part.lines.tobytes()).hexdigest()
    given = {name: getattr(context, name) for name in RunContext.__dataclass_fields__}
    paths = ProjectPaths(root=curve_folder(context) / "work", data_dir=context.paths.data_dir)
    # its own hash: it is not the whole file
    named = replace(part, mapped_sha256=fingerprint({"file": part.content_sha256, "lines": lines}))
    return PartContext(**{**given, "paths": paths, "seed": seed}, part=named, of=context)


def point_cosines(context: RunContext, recipe: TrainConfig, part: PairSet) -> CurveCosines:
    """The cosines of the measured pairs by a model that is trained on a part, now or by an earlier curve.

    Args:
        context: The run; the caller holds its lock.
        recipe: How to train, with the seed of this training.
        part: The pairs to train on.

    Raises:
        PipelineError: The training failed.
    """
    inside = part_context(context, part, recipe.seed)

    def make() -> Cosines:
        run_training(inside, recipe, resume=True, discard=True, keep_unchanged=True)
        return _cosines(inside, recipe.prompts(context.base.prompts), inside.paths.model(recipe.name))

    return _kept(context, {**training_inputs(inside, recipe), **_measured(inside)}, make, work=inside.paths.root)


def base_cosines(context: RunContext) -> CurveCosines:
    """Those by the base model."""
    inputs = {"base": context.base_fingerprint, "prompts": context.base.prompts.model_dump_json(), **_measured(context)}
    return _kept(context, inputs, lambda: _cosines(context, context.base.prompts))


def _measured(context: RunContext) -> dict[str, str]:
    """What is measured, and by what code; the hashes of a part of train are those of the part."""
    hashes = {split.value: context.data_hashes[split] for split in measured_splits(context)}
    return {**hashes, "device": context.device, "packages": versions(*MODELS), "measured by": code_version(_CODE)}


def _kept(
    context: RunContext,
    inputs: dict[str, str],
    make: Callable[[], dict[Split, tuple[float, ...]]],
    *,
    work: Path | None = None,
) -> CurveCosines:
    """What was made from these inputs before, or is made now; then the folder that it was made in goes."""
    made_from = fingerprint(inputs)
    path = curve_folder(context) / "points" / f"{made_from[:_KEY_LENGTH]}.json"
    with suppress(StageError):
        known = read_json(path, CurveCosines)
        if known.fingerprint == made_from and _fits(context, known):
            return known
    found = CurveCosines(fingerprint=made_from, cosines=make())
    write_json(path, found)
    # not before the result is on the disk, nor where it was known: the folder may hold another training's checkpoints
    if work is not None:
        shutil.rmtree(work)
    return found


def _fits(context: RunContext, known: CurveCosines) -> bool:
    return {split: len(found) for split, found in known.cosines.items()} == {
        split: len(context.pair_sets[split]) for split in measured_splits(context)
    }


def _cosines(context: RunContext, prompts: Prompts, folder: Path | None = None) -> Cosines:
    with loaded_model(context.base, context.device, folder) as model:
        found = {
            split: tuple(PairEvaluator(prompts.before(context.pair_sets[split])).scores(model).tolist())
            for split in measured_splits(context)
        }
        del model
    return found
