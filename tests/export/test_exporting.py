from __future__ import annotations

import dataclasses
import json
import shutil
from typing import TYPE_CHECKING

import numpy as np
import pytest
from sentence_transformers import SentenceTransformer

from src.core.errors import GateError, MissingStageError, UserInputError
from src.embedding.loading import loaded_model
from src.export import exporting
from src.export.exporting import RECORD, export_model
from src.export.onnx_model import OnnxModel
from src.judged_stage import folder_to_embed_with
from src.models import Export, ExportFormat
from src.storage.files import read_json
from tests.support.factories import make_comparison
from tests.support.judged_run import ADAPTER, PROMPT, WIDE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from src.workflow.context import RunContext
    from tests.support.real_command import Ended

TEXTS = ["boy: i love tea", "girl: hm", "girl: " + "long walks and longer talks " * 9]


def embedded(folder: Path, form: ExportFormat, texts: Sequence[str] = TEXTS) -> NDArray[np.float32]:
    if form is ExportFormat.MERGED:
        return SentenceTransformer(str(folder), device="cpu", local_files_only=True).encode(list(texts))
    return OnnxModel(folder).embed(list(texts))


def names_below(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize(
    ("name", "form", "most"), [("lora", "merged", 1e-6), ("standard", "onnx", 1e-6), ("lora", "int8", 0.05)]
)
def test_an_exported_folder_gives_the_embeddings_of_the_model_and_says_what_it_is(
    finished: RunContext, tmp_path: Path, name: str, form: str, most: float
) -> None:
    output = tmp_path / "made" / "folder"

    found = export_model(finished, name, ExportFormat(form), output, tolerance=1)

    with loaded_model(finished.base, "cpu", finished.paths.model(name)) as model:
        wanted = model.encode(TEXTS)
        del model
    assert np.abs(embedded(output, ExportFormat(form)) - wanted).max() < most
    assert found.largest_cosine_difference < most
    assert found.difference.value == pytest.approx(0, abs=0.05)
    assert (output / found.file).stat().st_size == pytest.approx(found.exported.weights_megabytes * 1e6)
    assert read_json(output / RECORD, Export) == found
    assert names_below(output.parent) == ["folder"]
    card = (output / "README.md").read_text(encoding="utf-8")
    assert f"{name} as {form}, on 24 test pairs" in card
    assert "library_name: sentence-transformers" in card
    texts = [path.read_text(encoding="utf-8") for path in output.rglob("*") if path.suffix in (".json", ".md")]
    assert not any(str(tmp_path) in text for text in texts)
    types = [entry["type"] for entry in json.loads((output / "modules.json").read_text(encoding="utf-8"))]
    assert {kind.rpartition(".")[0] for kind in types} == {"sentence_transformers.models"}


@pytest.mark.parametrize(("name", "form", "prompt"), [(ADAPTER, "merged", ""), (WIDE, "onnx", PROMPT)])
def test_a_judged_model_is_exported_with_what_it_reads_before_a_text(
    judged: RunContext, tmp_path: Path, name: str, form: str, prompt: str
) -> None:
    output = tmp_path / "folder"

    found = export_model(judged, name, ExportFormat(form), output)

    with loaded_model(judged.base, "cpu", folder_to_embed_with(judged, name), foreign=True) as model:
        wanted = model.encode(TEXTS, prompt=prompt)
        del model
    texts = TEXTS if form == "merged" else [prompt + text for text in TEXTS]
    exported = embedded(output, ExportFormat(form), texts)
    assert np.abs(exported - wanted).max() < 1e-6
    assert found.largest_cosine_difference < 1e-6
    assert found.name == name


def test_a_model_that_may_have_lost_too_much_is_not_written(finished: RunContext, tmp_path: Path) -> None:
    """24 pairs in perfect order leave a wide interval."""
    with pytest.raises(GateError, match=r"standard as int8: AUC-ROC \S+ \[.*more than --tolerance 0.01; nothing"):
        export_model(finished, "standard", ExportFormat.INT8, tmp_path / "new" / "folder")

    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("change", "too_few", "ends", "least"),
    [
        (1e-6, "", (-0.2, 0.2), 0.0),
        (1e-6, "too few", None, 0.0),
        (0.1, "", (-0.02, 0.01), -0.02),
        (0.1, "", None, -0.005),
        (0.1, "too few", None, None),
    ],
)
def test_the_lower_end_of_the_interval_counts_unless_all_cosines_are_the_same(
    change: float, too_few: str, ends: tuple[float, float] | None, least: float | None
) -> None:
    known = make_comparison(("baseline", "finetuned")).models[1].differences[0]
    low, high = ends or (None, None)

    difference = known.model_copy(update={"value": -0.005, "low": low, "high": high})

    assert exporting._least(difference, change, too_few) == least


def test_a_package_that_is_missing_is_told_before_anything_is_read(
    context: RunContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "PACKAGES", ("onnx", "no_such_package"))

    with pytest.raises(UserInputError, match=r"needs no_such_package.*evidence\[export\]"):
        export_model(context, "standard", ExportFormat.ONNX, tmp_path / "folder")


def test_a_model_that_is_not_there_is_told(context: RunContext, tmp_path: Path) -> None:
    with pytest.raises(MissingStageError, match="standard was not trained yet"):
        export_model(context, "standard", ExportFormat.MERGED, tmp_path / "folder")

    assert not (tmp_path / "folder").exists()


def test_results_and_models_are_not_written_over(finished: RunContext, tmp_path: Path, tiny_model: Path) -> None:
    with pytest.raises(UserInputError, match="stages keep their results there"):
        export_model(finished, "standard", ExportFormat.MERGED, finished.paths.models / "new")

    folder = tmp_path / "folder"
    shutil.copytree(tiny_model, folder / tiny_model.name)
    (folder / RECORD).touch()
    moved = dataclasses.replace(finished, base_model=str(folder / tiny_model.name))
    with pytest.raises(UserInputError, match="standard is read from there"):
        export_model(moved, "standard", ExportFormat.MERGED, folder, force=True)


def test_the_command_shows_what_was_kept_and_ends_with_3_where_too_much_may_be_lost(
    run: Callable[..., Ended], finished: RunContext, tmp_path: Path
) -> None:
    output = tmp_path / "folder"

    refused = run("export", "--format", "int8", "--output", output, "-q")
    done = run("export", "--name", "lora", "--format", "merged", "--output", output)
    again = run("export", "--name", "lora", "--format", "merged", "--output", output, "--force", "--json")

    assert (refused.code, refused.out) == (3, "")
    assert refused.err.startswith("Error: standard as int8: AUC-ROC +0.000 [-")
    assert done.code == 0, done.err
    assert done.out.startswith("lora as merged, on 24 test pairs")
    assert done.err.endswith(f"Exported: {output}\n")
    assert again.out == (output / "export.json").read_text("utf-8")
    assert (finished.paths.root.exists(), output.exists()) == (True, True)
