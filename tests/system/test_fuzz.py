"""Any bytes in the place of a file that is read: a value or an error of the project, and nothing else."""

from __future__ import annotations

import gzip
import json
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.numpy import save

from src.core.errors import ArtifactError, DataFileError, ModelFolderError, PipelineError
from src.data_loader import load_pairs, load_texts
from src.embedding.adapter import refuse_unfit_adapter
from src.embedding.model_folder_checks import read_base, read_trained
from src.models import Evaluation, OutputFile, RecordProvenance, StageRecord, TrainingInfo
from src.storage.files import read_array, read_json
from src.storage.tensors import read_tensors
from src.training.checkpoints import newest_complete
from tests.support.data_files import record, records
from tests.support.factories import make_evaluation, make_training
from tests.support.pair_files import read
from tests.system.acceptance.bad_formats import array_of, csv_of, jsonl_of, parquet_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

PATIENT = settings(max_examples=200, deadline=None, database=None, suppress_health_check=list(HealthCheck))
VALID_LINES = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in records(6, "é")).encode()
RECORD = StageRecord(
    stage="cook",
    fingerprint="f",
    inputs={"train": "1"},
    provenance=RecordProvenance(
        outputs=(OutputFile(path="eval/x.json", size=3, sha256="a" * 64),), duration_seconds=1.5
    ),
)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=8,
)


def npy(array: np.ndarray) -> bytes:
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {array.shape}, }}".ljust(117).encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + array.astype(np.float32).tobytes()


ARRAY = npy(np.arange(24, dtype=np.float32).reshape(3, 2, 4))
TENSORS = save({"a": np.zeros((2, 3), np.float32), "b": np.zeros(4, np.float32)})


@st.composite
def damaged(draw: st.DrawFn, whole: bytes) -> bytes:
    """A valid file, cut, lengthened, or with some bytes replaced."""
    content = bytearray(whole)
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(content)))
        end = draw(st.integers(start, min(len(content), start + draw(st.sampled_from([0, 1, 2, 9, len(whole)])))))
        content[start:end] = draw(st.binary(max_size=9) | st.sampled_from([b"\n", b'"', b"{", b"}", b"0", b"-1", b","]))
    return bytes(content)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fuzz") / "file"


def refusal(read: Callable[[], object], kind: type[PipelineError]) -> PipelineError | None:
    """The error of this kind that a reader raised, None when it read; any other error ends the test."""
    try:
        read()
    except kind as error:
        return error
    return None


def load_or_refuse(
    file: Path, content: bytes, loads: Iterable[Callable[[Path], object]] = (load_pairs, load_texts)
) -> None:
    file.write_bytes(content)
    for load in loads:
        error = refusal(partial(load, file), DataFileError)
        if error is not None:
            assert error.exit_code == 2
            assert len(error.args) <= 21
            assert all(line.isprintable() for line in error.args)
            assert error.args[0].startswith(f"{file}:")


@PATIENT
@given(content=st.binary(max_size=300) | damaged(VALID_LINES))
def test_a_data_file_of_any_bytes_is_read_or_refused(file: Path, content: bytes) -> None:
    load_or_refuse(file, content)


@PATIENT
@given(rows=st.lists(JSON_VALUES | st.dictionaries(st.sampled_from(sorted(record())), JSON_VALUES), max_size=3))
def test_a_data_file_of_any_json_is_read_or_refused(file: Path, rows: list[Any]) -> None:
    load_or_refuse(file, "".join(json.dumps(row) + "\n" for row in rows).encode())


@PATIENT
@given(field=st.sampled_from(sorted(record())), value=JSON_VALUES)
def test_a_record_with_any_value_in_a_field_is_read_or_refused(file: Path, field: str, value: object) -> None:
    load_or_refuse(file, json.dumps(record(**{field: value})).encode())


COLUMNS = {"text_1": "1", "text_2": "2", "label": "3"}
FORMATS = {
    "a.csv": csv_of(),
    "a.tsv": csv_of().replace(b'","', b'"\t"'),
    "a.txt": csv_of().replace(b'"', b"").replace(b",", b";"),
    "a.csv.gz": gzip.compress(csv_of(), mtime=0),
    "a.jsonl": jsonl_of(),
    "a.json": array_of(),
    "a.parquet": parquet_of(),
}


@pytest.mark.parametrize("name", FORMATS)
@settings(PATIENT, max_examples=40, derandomize=True)
@given(data=st.data())
def test_a_file_of_any_format_and_any_bytes_is_read_or_refused(file: Path, name: str, data: st.DataObject) -> None:
    signs = st.text(alphabet='",;\t\n{}[]:ab01 \u00e9', max_size=120).map(str.encode)
    content = data.draw(damaged(FORMATS[name]) | st.binary(max_size=200) | signs)

    load_or_refuse(file.with_name(name), content, [read, partial(read, header=False, columns=COLUMNS)])


@PATIENT
@given(content=st.binary(max_size=300) | damaged(ARRAY))
def test_an_array_of_any_bytes_is_read_or_refused(file: Path, content: bytes) -> None:
    file.write_bytes(content)

    error = refusal(partial(read_array, file, (None, 2, None)), ArtifactError)

    assert error or read_array(file, (None, 2, None)).nbytes <= len(content)


@PATIENT
@given(content=st.binary(max_size=300) | damaged(TENSORS))
def test_tensors_of_any_bytes_are_read_or_refused(file: Path, content: bytes) -> None:
    file.write_bytes(content)

    error = refusal(partial(read_tensors, file), ArtifactError)

    assert error is None or str(error).isprintable()


VALUES = {
    kind: value.model_dump_json().encode()
    for kind, value in ((StageRecord, RECORD), (TrainingInfo, make_training()), (Evaluation, make_evaluation()))
}


@PATIENT
@given(data=st.data())
def test_a_result_of_any_bytes_is_read_or_refused(file: Path, data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(list(VALUES)))
    file.write_bytes(data.draw(st.binary(max_size=99) | damaged(VALUES[kind]) | JSON_VALUES.map(dumped)))

    error = refusal(partial(read_json, file, kind), ArtifactError)

    assert error is None or str(error).isprintable()


def dumped(value: object) -> bytes:
    return json.dumps(value).encode()


@PATIENT
@given(content=st.binary(max_size=99) | JSON_VALUES.map(dumped))
def test_a_checkpoint_with_a_mark_of_any_bytes_is_not_used(file: Path, content: bytes) -> None:
    checkpoint = file.parent / "checkpoints" / "checkpoint-1"
    checkpoint.mkdir(parents=True, exist_ok=True)
    (checkpoint / "complete.json").write_bytes(content)

    assert newest_complete(checkpoint.parent, "f") == (None, ["checkpoint-1"])


SETTINGS = st.dictionaries(
    st.sampled_from(["peft_type", "r", "target_modules", "auto_map", "type"]),
    st.just("LORA") | st.just(["query"]) | st.just(8) | JSON_VALUES,
)


@PATIENT
@given(
    name=st.sampled_from(["config.json", "modules.json", "adapter_config.json"]),
    content=(JSON_VALUES | SETTINGS | st.lists(SETTINGS, max_size=2)).map(dumped) | st.binary(max_size=99),
)
def test_a_model_folder_with_any_settings_is_taken_or_refused(file: Path, name: str, content: bytes) -> None:
    folder = file.parent / "model"
    folder.mkdir(exist_ok=True)
    for path in folder.iterdir():
        path.unlink()
    (folder / name).write_bytes(content)
    weights = folder / "model.safetensors"
    weights.write_bytes(save({"x.query.weight": np.zeros(4, np.float32), "y.query.weight": np.zeros((2, 3))}))

    assert refusal(partial(read_base, folder), ModelFolderError)
    assert refusal(partial(read_trained, folder), ModelFolderError)
    assert refusal(partial(refuse_unfit_adapter, folder, read_tensors(weights)), ModelFolderError)
