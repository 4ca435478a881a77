"""Results of the pipeline's own, spoilt, and what is told of each: tables. A new reader or a new case is one line.

The record of a stage is made to fit the spoilt file: size and hash are those that it has now, so that only a look at
what the file holds can tell.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import pickle
import re
import shutil
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from src.baseline_analysis import baseline_embeddings, baseline_stage
from src.comparison import comparison_stage
from src.post_training_eval import evaluation_stage
from src.quality_stage import quality_stage
from src.storage.files import write_json
from src.storage.manifest import output_file
from src.training_stage import training_stage
from src.workflow.stage import read_record

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from src.core.paths import ProjectPaths
    from src.models import OutputFile
    from src.workflow.context import RunContext
    from src.workflow.stage import Stage

    # spoils a file, given another file of the same run
    Spoil = Callable[[Path, Path], object]


class Reader(NamedTuple):
    """A file, and the stage that reads it."""

    file: str
    stage: Callable[[RunContext], Stage[Any]]
    fit: tuple[str, ...]  # the records that list the file
    other: str  # what the file is mistaken for


class Attack(NamedTuple):
    """One way to spoil a file, and a pattern of what is told."""

    name: str
    spoil: Spoil
    words: str


def evaluation_of_lora(context: RunContext) -> Stage[Any]:
    return evaluation_stage(context, "lora")


def training_of_lora(context: RunContext) -> Stage[Any]:
    return training_stage(context, "lora")


JSON_READERS = (
    Reader("data/evaluation/data_quality_report.json", quality_stage, ("evaluate-data",), "eval/lora_metrics.json"),
    Reader("eval/baseline_metrics.json", baseline_stage, ("baseline",), "eval/lora_metrics.json"),
    Reader("eval/lora_metrics.json", evaluation_of_lora, ("evaluate-lora",), "eval/finetuned_metrics.json"),
    Reader(
        "training/lora_training_info.json", training_of_lora, ("train-lora",), "training/standard_training_info.json"
    ),
    Reader("eval/comparison_result.json", comparison_stage, ("compare",), "eval/baseline_metrics.json"),
    Reader(".pipeline/evaluate-lora.json", evaluation_of_lora, (), ".pipeline/evaluate-standard.json"),
    Reader(".pipeline/compare.json", comparison_stage, (), "eval/comparison_result.json"),
)
ARRAY_READERS = (
    Reader(
        "data/embeddings/baseline_eval.npy",
        baseline_embeddings,
        ("embeddings-baseline", "baseline"),
        "data/embeddings/baseline_train.npy",
    ),
    Reader(
        "data/embeddings/baseline_train.npy", baseline_stage, ("baseline",), "data/embeddings/baseline_challenge.npy"
    ),
    Reader(
        "data/embeddings/lora_challenge.npy",
        evaluation_of_lora,
        ("embeddings-lora", "evaluate-lora"),
        "data/embeddings/lora_eval.npy",
    ),
)


# --- records --------------------------------------------------------------------------------------------


def fit_records(paths: ProjectPaths, *stages: str) -> None:
    """Make the records of some stages list their files as they are now."""
    for stage in stages:
        known = read_record(paths, stage)
        outputs = tuple(_as_it_is(output, paths.root) for output in known.provenance.outputs)
        provenance = known.provenance.model_copy(update={"outputs": outputs})
        write_json(paths.stage_record(stage), known.model_copy(update={"provenance": provenance}))


def _as_it_is(output: OutputFile, root: Path) -> OutputFile:
    path = root / output.path
    return output_file(path, root) if path.is_file() and not path.is_symlink() else output


# --- any file -------------------------------------------------------------------------------------------


def content(make: Callable[[bytes], bytes]) -> Spoil:
    """Write the file anew, from what it holds."""
    return lambda file, _: file.write_bytes(make(file.read_bytes()))


def in_its_place(make: Callable[[Path], object]) -> Spoil:
    """Something else stands where the file was."""

    def spoil(file: Path, _: Path) -> None:
        file.unlink()
        make(file)

    return spoil


def zipped(data: bytes) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as writer:
        writer.writestr("data", data)
    return archive.getvalue()


HTML = b"<!DOCTYPE html><html><body>Log in</body></html>"
ANY_FILE = (
    Attack("no bytes", content(lambda _: b""), "damaged"),
    Attack("its first half", content(lambda data: data[: len(data) // 2]), "damaged"),
    Attack("two bytes too few", content(lambda data: data[:-2]), "damaged"),
    Attack("its second half", content(lambda data: data[len(data) // 2 :]), "damaged"),
    Attack("HTML", content(lambda _: HTML), "damaged"),
    Attack("a zip", content(zipped), "damaged"),
    Attack("gzip", content(gzip.compress), "damaged"),
    Attack("zeros of its size", content(lambda data: bytes(len(data))), "damaged"),
    Attack("itself twice", content(lambda data: data + data), "damaged"),
    Attack("backwards", content(lambda data: data[::-1]), "damaged"),
    Attack("a pickle", content(lambda _: pickle.dumps({"auc_roc": 1.0})), "damaged"),
    Attack("a pipe", in_its_place(os.mkfifo), "is gone|no regular file"),
    Attack("a folder", in_its_place(Path.mkdir), "is gone|cannot be read|no regular file"),
    Attack("a link", in_its_place(lambda file: file.symlink_to("/etc/hostname")), "a link"),
    Attack("a link to itself", in_its_place(lambda file: file.symlink_to(file.name)), "a link"),
    Attack("a link to nothing", in_its_place(lambda file: file.symlink_to("nothing")), "a link"),
    Attack(
        "the other file",
        lambda file, other: shutil.copy(other, file),
        "not the result of|the record of another stage|damaged|expected",
    ),
)


# --- JSON -----------------------------------------------------------------------------------------------


def edited(change: Callable[[dict[str, Any]], object]) -> Spoil:
    """Change the value in a JSON file; NaN and infinity are written as the words that JSON does not have."""

    def spoil(file: Path, _: Path) -> None:
        value = json.loads(file.read_text())
        change(value)
        file.write_text(json.dumps(value))

    return spoil


def first_number(text: str) -> Spoil:
    """Write something else for the first number of the file."""
    return content(lambda data: re.sub(rb"(?<=: )-?\d+(\.\d+)?(?=,?\n)", text.encode(), data, count=1))


def nested(depth: int) -> bytes:
    return b'{"a":' * depth + b"1" + b"}" * depth


def grown(file: Path, _: Path) -> None:
    """Make the file, sparse, one byte larger than any result may be in these tests."""
    os.truncate(file, LARGEST + 1)


LARGEST = 1 << 21
OTHER_VERSION = r"damaged or of another version \("
ANY_JSON = (
    Attack("a list", content(lambda data: b"[" + data + b"]"), OTHER_VERSION),
    Attack("null", content(lambda _: b"null"), OTHER_VERSION),
    Attack("a number", content(lambda _: b"1"), OTHER_VERSION),
    Attack("a text that holds it", content(lambda data: json.dumps(data.decode()).encode()), OTHER_VERSION),
    Attack("no keys", content(lambda _: b"{}"), OTHER_VERSION),
    Attack("a key too few", edited(lambda value: value.pop("provenance")), "provenance: Field required"),
    Attack("a key too many", edited(lambda value: value.update(extra=1)), "extra: Extra inputs"),
    Attack("another version", edited(lambda value: value.update(schema_version=2)), "schema_version: "),
    Attack("a key twice", content(lambda data: data.rstrip()[:-1] + b',"schema_version":1}'), "a key stands twice"),
    Attack(
        "a key twice deep inside",
        content(lambda data: data.replace(b'"duration_seconds":', b'"duration_seconds": 1, "duration_seconds":', 1)),
        "a key stands twice",
    ),
    *(
        Attack(f"{text[:9]} for a number", first_number(text), OTHER_VERSION)
        for text in (
            "NaN",
            "Infinity",
            "-Infinity",
            "1e999",
            "-1e400",
            '"7"',
            "true",
            "[]",
            "0x1F",
            "1_000",
            "9" * 5_000,
        )
    ),
    Attack("a number of 4,000 digits", first_number("9" * 4_000), OTHER_VERSION),
    Attack("a number below all", first_number("-1e300"), OTHER_VERSION),
    Attack("a number above all", first_number("1e300"), OTHER_VERSION),
    Attack("deep nesting", content(lambda _: nested(100_000)), OTHER_VERSION),
    Attack("nesting that JSON can take", content(lambda _: nested(150)), OTHER_VERSION),
    Attack("brackets without end", content(lambda _: b"[" * 1_000_000), OTHER_VERSION),
    Attack("a byte-order mark", content(lambda data: b"\xef\xbb\xbf" + data), OTHER_VERSION),
    Attack("UTF-16", content(lambda data: data.decode().encode("utf-16")), OTHER_VERSION),
    Attack("not UTF-8", content(lambda data: data.replace(b'"duration', b'"\xff\xfe', 1)), OTHER_VERSION),
    Attack("half a character", content(lambda data: data.replace(b'"duration', b'"\\ud800', 1)), OTHER_VERSION),
    Attack("a comment", content(lambda data: b"// edited\n" + data), OTHER_VERSION),
    Attack("single quotes", content(lambda data: data.replace(b'"', b"'")), OTHER_VERSION),
    Attack(
        "more bytes than any result has", grown, rf"cannot be read: it has {LARGEST + 1} bytes, at most {LARGEST} are"
    ),
)


# --- what a JSON file says ------------------------------------------------------------------------------


class Said(NamedTuple):
    """A value of a file that is JSON as it should be, but cannot be true."""

    name: str
    file: str
    change: Callable[[dict[str, Any]], object]
    words: str


def put(path: str, value: object) -> Callable[[dict[str, Any]], None]:
    """Put a value where a path of keys and positions leads, such as `models.0.name`."""

    def change(whole: Any) -> None:  # noqa: ANN401 - any JSON
        *way, last = (int(part) if part.lstrip("-").isdigit() else part for part in path.split("."))
        for part in way:
            whole = whole[part]
        whole[last] = value

    return change


QUALITY, METRICS, TRAINING, COMPARISON, RECORD = (JSON_READERS[i].file for i in (0, 2, 3, 4, 5))
FAR = 10**9
SAID = (
    Said("a point of no pair", METRICS, put("projection.indices.-1", 24), "projection: .*not rows of 24 pairs"),
    Said("a point far outside", METRICS, put("projection.indices.-1", 10**15), "projection: .*not rows of 24 pairs"),
    Said("a point twice", METRICS, put("projection.indices.1", 0), "projection: .*in ascending order"),
    Said("a map without a point", METRICS, put("projection.x", []), "projection: .*one length is expected"),
    Said("a map with a point too few", METRICS, lambda v: v["projection"]["y"].pop(), "one length is expected"),
    Said(
        "a map with half its clusters", METRICS, lambda v: v["projection"]["clusters"].pop(), "one length is expected"
    ),
    Said("a map of more pairs", METRICS, put("projection.sampled_from", 10**6), "the map was made of 1000000 pairs"),
    Said("a map as wide as a galaxy", METRICS, put("projection.x.0", 1e30), r"projection\.x\.0: "),
    Said("a cluster of no number", METRICS, put("projection.clusters.0", 2**70), r"projection\.clusters\.0: "),
    Said("a curve with a point too few", METRICS, lambda v: v["roc"]["true_positive_rate"].pop(), "roc: .*one length"),
    Said("a curve without points", METRICS, put("roc", {"false_positive_rate": [], "true_positive_rate": []}), "roc"),
    Said("an empty histogram", METRICS, put("histogram.compatible", []), "histogram"),
    Said("a histogram without edges", METRICS, put("histogram.edges", []), "histogram: .*one length"),
    Said("a histogram whose edges fall", METRICS, lambda v: v["histogram"]["edges"].reverse(), "edges: not ascending"),
    Said("a cosine of 1.5", METRICS, put("compatible_mean_cosine", 1.5), "compatible_mean_cosine: "),
    Said("an AUC of -0.1", METRICS, put("auc_roc", -0.1), "auc_roc: "),
    Said("an effect beyond measure", METRICS, put("cohens_d", 1e300), "cohens_d: "),
    Said("an interval beyond measure", METRICS, put("estimates.0.high", -1e300), r"estimates\.0\.high: "),
    Said("a threshold of 7", METRICS, put("operating_point.threshold", 7.0), r"operating_point\.threshold: "),
    Said("more compatible pairs than pairs", METRICS, put("slices.0.n_compatible", 25), r"slices\.0: .* of 24"),
    Said("a count of 2**64", METRICS, put("slices.0.n", 2**64), r"slices\.0\.n: "),
    Said("the name of another model", METRICS, put("model", "finetuned"), "the metrics of another model, finetuned"),
    Said("a name of control characters", METRICS, put("model", "\x1b[31m\n"), r"of another model, \\x1b\[31m\\n"),
    Said("other eval pairs", METRICS, put("eval_data.sha256", "0" * 64), "its eval data is not that of this run"),
    Said("fewer train pairs", METRICS, put("train_data.n", 47), "its train data is not that of this run"),
    Said("no challenge pairs", METRICS, put("challenge_data", None), "its challenge data is not that of this run"),
    Said("other inputs", METRICS, put("provenance.fingerprint", "0" * 64), "not the result of evaluate-lora"),
    Said("the year 10,000", METRICS, put("provenance.created_at", "10000-01-01T00:00:00Z"), "created_at: "),
    Said("weights that are not there", TRAINING, put("weights_sha256", "0" * 64), "its weights are not those of the"),
    Said("another recipe", TRAINING, put("config.epochs", 3), "its recipe is not the recorded one"),
    Said("an adapter without settings", TRAINING, put("config.lora", None), "config: .*belong to --mode lora"),
    Said("other eval pairs", TRAINING, put("eval_data.n_compatible", 0), "its eval data is not that of this run"),
    Said("a correlation of 2", TRAINING, put("best_spearman", 2.0), "best_spearman: "),
    Said("a loss beyond measure", TRAINING, put("history.1.train_loss", 1e300), r"history\.1\.train_loss: "),
    Said("a step before the first", TRAINING, put("history.0.step", -1), r"history\.0\.step: "),
    Said("a score of 101", QUALITY, put("train.dimensions.0.score", 101), r"train\.dimensions\.0\.score: "),
    Said("another train file", QUALITY, put("train.file.sha256", "0" * 64), "its train data is not that of this run"),
    Said("more compatible pairs than pairs", QUALITY, put("eval.file.n_compatible", 25), r"eval\.file: .*25 of 24"),
    Said("a finding of no status", QUALITY, put("audit.0.status", "fine"), r"audit\.0\.status: "),
    Said("a finding of no code", QUALITY, put("audit.0.code", "LEAK-1\n"), r"audit\.0\.code: "),
    Said("no model", COMPARISON, put("models", []), "models: "),
    Said("a model too few", COMPARISON, lambda v: v["models"].pop(), "its models are not those of this run"),
    Said("the baseline last", COMPARISON, lambda v: v["models"].reverse(), "its models are not those of this run"),
    Said("a model twice", COMPARISON, lambda v: v["models"].append(v["models"][-1]), "models: two of one name"),
    Said("metrics of another model", COMPARISON, put("models.1.evaluation.model", "lora"), "of another model"),
    Said("a model without its training", COMPARISON, put("models.1.training", None), "its models are not those of"),
    Said(
        "a training of another name", COMPARISON, put("models.1.training.config.name", "x"), "its models are not those"
    ),
    Said(
        "other pairs for one model", COMPARISON, put("models.2.evaluation.eval_data.n", 23), "the map was made of|eval"
    ),
    Said("other pairs for all", COMPARISON, put("eval_data.n", 23), "its eval data is not that of this run"),
    Said("an outcome of its own", COMPARISON, put("verdict.decision.outcome", "OK"), r"verdict\.decision\.outcome: "),
    Said("a difference beyond measure", COMPARISON, put("models.1.differences.0.low", 1e300), r"differences\.0\.low: "),
    Said("a file whose name no system takes", RECORD, put("provenance.outputs.0.path", "eval/\0"), "cannot be read: "),
    Said("a file whose name is too long", RECORD, put("provenance.outputs.0.path", "x" * 9_000), "cannot be read: "),
    Said("a file outside", RECORD, put("provenance.outputs.0.path", "../secret"), "leads out of its folder"),
    Said("a file of no size", RECORD, put("provenance.outputs.0.size", -1), r"outputs\.0\.size: "),
    Said("a file of 2**64 bytes", RECORD, put("provenance.outputs.0.size", 2**64), r"outputs\.0\.size: "),
    Said("a hash that is none", RECORD, put("provenance.outputs.0.sha256", "A" * 64), r"outputs\.0\.sha256: "),
    Said("another stage", RECORD, put("stage", "evaluate-standard\x1b"), r"the record of another stage, .*\\x1b"),
    Said("an input that is no text", RECORD, put("inputs.weights", 1), r"inputs\.weights: "),
)


# --- arrays ---------------------------------------------------------------------------------------------


def array(change: Callable[[NDArray[Any]], NDArray[Any]]) -> Spoil:
    """Change the embeddings in a file; its header fits what is in it."""

    def spoil(file: Path, _: Path) -> None:
        changed = change(np.load(file).copy())
        with file.open("wb") as opened:
            np.save(opened, changed)

    return spoil


def one(value: float) -> Spoil:
    """Write a value into the last vector of the file."""

    def change(vectors: NDArray[Any]) -> NDArray[Any]:
        vectors[-1, 1, -1] = value
        return vectors

    return array(change)


def scaled(factor: float) -> Spoil:
    """Make the second vector of the first pair longer or shorter."""

    def change(vectors: NDArray[Any]) -> NDArray[Any]:
        vectors[0, 1] *= factor
        return vectors

    return array(change)


def archived(data: bytes) -> bytes:
    archive = io.BytesIO()
    np.savez(archive, a=np.frombuffer(data[128:], np.float32))
    return archive.getvalue()


def version_2(file: Path, _: Path) -> None:
    vectors = np.load(file)
    with file.open("wb") as opened:
        np.lib.format.write_array(opened, vectors, version=(2, 0))


def header(old: bytes, new: bytes) -> Spoil:
    """Change the header of a file and keep its length."""
    return content(lambda data: data.replace(old.ljust(len(new)), new.ljust(len(old)), 1))


TYPE, SHAPE = "values of type .*, '<f4' expected", r"shape \(.*\), expected \("
ANY_ARRAY = (
    *(
        Attack(f"type {kind}", array(lambda a, kind=kind: a.astype(kind)), TYPE)
        for kind in ("<f8", "<f2", ">f4", "<i4", "?", "<c8", "S4", "O")
    ),
    Attack(
        "named columns", array(lambda a: np.zeros(a.shape[0], dtype=[("x", "<f4"), ("y", "<f4")])), "values of type"
    ),
    Attack("Fortran order", array(np.asfortranarray), "in Fortran order"),
    Attack("a row too few", array(lambda a: a[1:]), SHAPE),
    Attack("a row too many", array(lambda a: np.concatenate([a, a[:1]])), SHAPE),
    Attack("no rows", array(lambda a: a[:0]), SHAPE),
    Attack("one side", array(lambda a: a[:, :1]), SHAPE),
    Attack("three sides", array(lambda a: a[:, [0, 1, 1]]), SHAPE),
    Attack("sides and dimensions swapped", array(lambda a: np.ascontiguousarray(a.swapaxes(1, 2))), SHAPE),
    Attack("one dimension less", array(lambda a: a.reshape(-1)), SHAPE),
    Attack("one dimension more", array(lambda a: a[None]), SHAPE),
    Attack("a number alone", array(lambda a: a[0, 0, 0]), SHAPE),
    Attack("vectors of no length", array(lambda a: a[:, :, :0]), "shape|a zero vector"),
    Attack("other vectors than the other splits", array(lambda a: a[:, :, :16]), "shape|an embedding of length"),
    Attack("values too many", content(lambda data: data + b"\0\0\0\0"), "damaged, .* bytes of data instead of"),
    Attack("a shape of billions", header(b", 32), }", b", 999999999), }"), "shape|damaged"),
    Attack("a shape below zero", header(b", 32), }", b", -32), }"), "shape|damaged"),
    Attack("a header that is code", header(b"False, ", b"exit(),"), "damaged"),
    Attack("a header of another version", version_2, "damaged"),
    Attack("NaN", one(np.nan), "text 2 of pair .* has an embedding that is not finite"),
    Attack("infinity", one(np.inf), "text 2 of pair .* has an embedding that is not finite"),
    Attack("minus infinity", one(-np.inf), "text 2 of pair .* has an embedding that is not finite"),
    Attack("a value whose square is too large", one(3e38), "text 2 of pair .* has an embedding that is not finite"),
    Attack("a value that is far too large", one(1e9), "text 2 of pair .* has an embedding of length 1e[+]09, not 1"),
    Attack("a zero vector", scaled(0.0), "text 2 of pair 1 has a zero vector"),
    Attack("a vector of length 2", scaled(2.0), "text 2 of pair 1 has an embedding of length 2, not 1"),
    Attack("a vector of length 0.99", scaled(0.99), "text 2 of pair 1 has an embedding of length 0.99, not 1"),
    Attack("a vector of almost no length", scaled(1e-30), "text 2 of pair 1 has a zero vector|of length .*, not 1"),
    Attack("zeros", array(np.zeros_like), "a zero vector"),
    Attack("ones", array(np.ones_like), "an embedding of length"),
    Attack("noise", array(lambda a: np.random.default_rng(0).normal(size=a.shape).astype("<f4")), "of length"),
    Attack(
        "bytes of noise", content(lambda data: data[:128] + np.random.default_rng(0).bytes(len(data) - 128)), "text"
    ),
    Attack("an archive of arrays", content(archived), "damaged"),
    Attack("far more bytes", lambda file, _: os.truncate(file, 10**7), "damaged, .* bytes of data instead of"),
)
