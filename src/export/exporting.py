"""`export`: write a model of a run as a folder of its own, load it again from there, and refuse one that lost.

Both sides embed the test pairs, with all that comes after the encoder. The lower end of the interval of the paired
difference decides: a loss that cannot be ruled out counts as one.
"""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..core.errors import GateError, UserInputError
from ..core.extras import require_extra
from ..core.formatting import signed, signed_interval
from ..data_loader import data_file
from ..embedding.encoder import ENCODE_BATCH, distinct_texts, encode_texts, pair_embeddings, refuse_without_direction
from ..embedding.loading import loaded_model, no_imports_from_here
from ..embedding.model_files import ADAPTER_WEIGHTS, USE_ANOTHER, WEIGHTS
from ..embedding.model_folder_checks import read_base
from ..embedding.prompts import prompts_of
from ..embedding_stage import source_prompts
from ..evaluation.estimates import ranking_difference, ranking_metric, scored, why_no_interval
from ..evaluation.metric_registry import metric_label
from ..evaluation.variance import Sample
from ..judged_stage import folder_to_embed_with
from ..metrics import cosine_similarities
from ..models import UNCHANGED, Export, ExportFormat, ExportSide, JudgedModel, Split
from ..post_training_eval import read_model
from ..preparation.new_files import new_folder, refuse_taken_folder
from ..report.markdown import judged_card
from ..report.model_card import exported_card
from ..storage.files import fingerprint, read_text, write_json, write_text
from ..training.model_card import MODEL_CARD
from ..wording import reasons
from .onnx_files import (
    FOLDER,
    ONNX_FILE,
    prepare_tokenizer,
    quantise,
    refuse_unfit,
    this_variant,
    write_onnx,
)
from .onnx_model import OnnxModel
from .saving import merge_adapter, save_plain

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray
    from sentence_transformers import SentenceTransformer

    from ..embedding_stage import ModelSource
    from ..models import PairedDifference, PairSet
    from ..workflow.context import RunContext

RECORD = "export.json"
TOLERANCE = 0.01
EXTRA, PACKAGES = "export", ("onnx", "onnxruntime")
_ANY_LOSS = 1.0
_MEGABYTE = 1e6


class _Side(NamedTuple):
    """What one side says of the N test pairs, and what it costs."""

    cosines: NDArray[np.float64]  # (N,)
    texts_per_second: float
    megabytes: float  # of weights


def export_model(
    context: RunContext,
    name: str,
    form: ExportFormat,
    output: Path,
    *,
    tolerance: float = TOLERANCE,
    force: bool = False,
) -> Export:
    """Write a model as a folder of its own, and measure what that cost.

    The folder appears when the model was found right. Otherwise nothing is written.

    Args:
        context: The run; nothing is written below its root.
        name: Name of a training or of a judged model.
        form: What to export it as.
        output: The folder; nothing or an empty folder may stand there.
        tolerance: Largest loss, 0 to 1, of the metric that models are compared by. The lower end of the interval of the
            paired difference must not lie below its negative. 1 takes any loss.
        force: Whether an earlier export may be replaced.

    Raises:
        UserInputError: The folder may not be written, or a package is missing.
        MissingStageError: There is no such model, or it is stale.
        GateError: The exported model may lose more than is tolerated.
    """
    if form is not ExportFormat.MERGED:
        require_extra(EXTRA, PACKAGES, f"--format {form}")
    refuse_taken_folder("--output", output, RECORD, force=force)
    if any(map(output.is_relative_to, context.paths.folders_of_results())):
        raise UserInputError(f"--output {output}: stages keep their results there; choose another --output")
    return context.consistent_read(lambda: _export(context, name, form, output, tolerance))


def _export(context: RunContext, name: str, form: ExportFormat, output: Path, tolerance: float) -> Export:
    started = time.monotonic()
    source, pairs = read_model(context, name), context.pair_sets[Split.TEST]
    place = folder_to_embed_with(context, name) if isinstance(source, JudgedModel) else context.paths.model(name)
    for used in (place, Path(context.base.source)):
        if used.is_relative_to(output):
            raise UserInputError(f"--output {output}: {name} is read from there; choose another --output")
    with new_folder(output) as folder:
        original, file = _write(context, source, place, form, folder)
        exported = _read_again(context, form, folder)
        found = Export(
            name=name,
            format=form,
            file=file,
            source_sha256=source.weights_sha256,
            base_sha256=context.base.sha256,
            test_data=data_file(pairs),
            n_texts=len(distinct_texts([pairs])),
            tolerance=tolerance,
            provenance=context.provenance(_made_from(context, source, form), started, device=_device(context, form)),
            **_beside(original, exported, pairs, name, form),
        )
        _refuse_loss(found)
        write_json(folder / RECORD, found)
        card = judged_card(source) if isinstance(source, JudgedModel) else read_text(place / MODEL_CARD)
        write_text(folder / MODEL_CARD, exported_card(card, found))
    return found


def _made_from(context: RunContext, source: ModelSource, form: ExportFormat) -> str:
    known = {"weights": source.weights_sha256, "base": context.base_fingerprint, "format": form.value}
    return fingerprint(known | {Split.TEST.value: context.data_hashes[Split.TEST]})


def _device(context: RunContext, form: ExportFormat) -> str:
    """ONNX and int8 are for a processor, and are compared on it."""
    return context.device if form is ExportFormat.MERGED else "cpu"


# --- both sides -----------------------------------------------------------------------------------------


def _write(
    context: RunContext, source: ModelSource, place: Path, form: ExportFormat, folder: Path
) -> tuple[_Side, str]:
    """Score the test pairs with the model of the run, and write it; its side, and the file of the new weights."""
    pairs = source_prompts(context, source).before(context.pair_sets[Split.TEST])
    foreign = isinstance(source, JudgedModel)
    files = [file for file in (place / WEIGHTS, place / ADAPTER_WEIGHTS) if file.is_file()]
    if place / ADAPTER_WEIGHTS in files:
        files.append(read_base(Path(context.base.source)).weights)
    context.reporter.say("Embedding the test pairs with the model of the run")
    with loaded_model(context.base, _device(context, form), place, foreign=foreign) as model:
        side = _measured(partial(encode_texts, model), pairs, files)
        context.reporter.say(f"Writing it as {form}, and embedding them again")
        merge_adapter(model)
        with no_imports_from_here():
            file = _save(model, form, folder)
        del model
    return side, file


def _save(model: SentenceTransformer, form: ExportFormat, folder: Path) -> str:
    """Write a model; the file of its weights, from the folder."""
    save_plain(model, folder)
    if form is ExportFormat.MERGED:
        return WEIGHTS
    refuse_unfit(model)
    prepare_tokenizer(model, folder)
    onnx = folder / FOLDER / ONNX_FILE
    write_onnx(model, onnx)
    (folder / WEIGHTS).unlink()
    if form is ExportFormat.INT8:
        variant = this_variant()
        quantise(onnx, onnx.with_name(variant.file), variant)
        onnx.unlink()
        return f"{FOLDER}/{variant.file}"
    return f"{FOLDER}/{ONNX_FILE}"


def _read_again(context: RunContext, form: ExportFormat, folder: Path) -> _Side:
    """Load what was written, and score the test pairs with it."""
    pairs = prompts_of(folder, USE_ANOTHER).before(context.pair_sets[Split.TEST])
    files = sorted(file for ending in (".safetensors", ".onnx") for file in folder.rglob(f"*{ending}"))
    if form is not ExportFormat.MERGED:
        return _measured(OnnxModel(folder).embed, pairs, files)
    with loaded_model(context.base, _device(context, form), folder, foreign=True) as model:
        side = _measured(partial(encode_texts, model), pairs, files)
        del model
    return side


def _measured(embed: Callable[[Sequence[str]], NDArray[np.float32]], pairs: PairSet, files: Sequence[Path]) -> _Side:
    rows = distinct_texts([pairs])
    texts = list(rows)
    embed(texts[:ENCODE_BATCH])  # the first batch is slower
    started = time.perf_counter()
    vectors = embed(texts)
    seconds = time.perf_counter() - started
    refuse_without_direction(texts, vectors)
    return _Side(
        cosine_similarities(pair_embeddings(pairs, rows, vectors)),
        len(texts) / seconds,
        sum(file.stat().st_size for file in files) / _MEGABYTE,
    )


# --- the loss -------------------------------------------------------------------------------------------


def _beside(original: _Side, exported: _Side, pairs: PairSet, name: str, form: ExportFormat) -> dict[str, Any]:
    """The fields of an export that compare its sides."""
    sample = Sample.of(pairs)
    difference = ranking_difference(exported.cosines, original.cosines, sample, form.value, name)
    if difference.value is None:
        raise UserInputError(f"{pairs.path}: the pairs have one label only; what an export loses cannot be measured")
    change = float(np.abs(exported.cosines - original.cosines).max())
    too_few = why_no_interval(sample, of_grades=sample.grades is not None)
    return {
        "original": _side(original, sample),
        "exported": _side(exported, sample),
        "difference": difference,
        "reason": too_few or (reasons.NO_SPREAD if difference.low is None else ""),
        "least": _least(difference, change, too_few),
        "largest_cosine_difference": change,
    }


def _least(difference: PairedDifference, change: float, too_few: str) -> float | None:
    """Where the difference lies at the least; None where nobody knows.

    The interval of two perfect rankings of few pairs is wide, also where the rankings are the same.
    """
    if change <= UNCHANGED:
        return 0.0
    if too_few:
        return None
    return difference.value if difference.low is None else difference.low


def _side(side: _Side, sample: Sample) -> ExportSide:
    compute = ranking_metric(sample).compute
    return ExportSide(
        score=compute(scored(side.cosines, sample)) if compute else None,
        weights_megabytes=side.megabytes,
        texts_per_second=side.texts_per_second,
    )


def _refuse_loss(found: Export) -> None:
    """Refuse a model that may have lost more than is tolerated; without an interval nobody knows what it lost.

    Raises:
        GateError: It may.
    """
    if found.tolerance >= _ANY_LOSS or (found.least is not None and found.least >= -found.tolerance):
        return
    what = f"{found.name} as {found.format}"
    if found.least is None:
        raise GateError(
            f"{what}: what it loses is not known ({found.reason}); nothing was written; give more test pairs, or "
            "--tolerance 1 to take any loss"
        )
    change = found.difference
    raise GateError(
        f"{what}: {metric_label(change.metric)} {signed(change.value)} {signed_interval(change.low, change.high)}, "
        f"which may be a loss of more than --tolerance {found.tolerance:g}; nothing was written; take another "
        "--format, give more test pairs, or a larger --tolerance"
    )
