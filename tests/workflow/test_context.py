from __future__ import annotations

import dataclasses
import importlib.metadata
import platform
import time
from typing import TYPE_CHECKING

import pytest

from src.core.errors import DataFileError, PipelineError, UserInputError
from src.core.paths import SHIPPED_DATA, ProjectPaths
from src.data.options import DataOptions
from src.data.profiles import DATING, PAIRS
from src.data_loader import data_file
from src.models import Split
from src.workflow.context import RunContext
from tests.support.data_files import records, write_jsonl

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def without_shipped_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder in the place of the data that ships with the project."""
    folder = tmp_path / "shipped"
    folder.mkdir()
    monkeypatch.setattr("src.core.paths.SHIPPED_DATA", folder)
    return folder


def test_nothing_is_read_before_it_is_asked_for(tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"

    context = RunContext(paths=ProjectPaths(root=nowhere, data_dir=nowhere), base_model=str(nowhere))

    with pytest.raises(DataFileError, match="no such file; --data-dir names the folder with the data"):
        _ = context.pair_sets
    with pytest.raises(UserInputError, match="no such folder"):
        _ = context.base
    assert not nowhere.exists()


def test_the_data_is_read_once(context: RunContext) -> None:
    first = context.pair_sets
    context.paths.train_pairs.unlink()

    assert context.pair_sets is first
    assert {split: len(pairs) for split, pairs in first.items()} == {"train": 48, "eval": 24, "challenge": 16}


def test_what_eval_has_in_common_with_train_is_found_once(context: RunContext) -> None:
    known, new = records(48, "t"), records(10, "e")
    shared = [row | {"text_1": other["text_1"]} for row, other in zip(new[:2], known[7:], strict=False)]
    write_jsonl(context.paths.eval_pairs, [*known[:3], *shared, *new[2:]])

    overlap = context.overlap

    assert overlap.deduplicated.tolist() == [False] * 3 + [True] * 10
    assert overlap.text_disjoint.tolist() == [False] * 5 + [True] * 8
    assert context.overlap is overlap


def test_a_later_command_reads_the_data_anew(context: RunContext, fresh: Callable[[], RunContext]) -> None:
    before = context.data_hashes
    write_jsonl(context.paths.eval_pairs, records(10, "new"))

    after = fresh().data_hashes

    assert context.data_hashes == before
    assert {split for split in before if before[split] != after[split]} == {"eval"}


@pytest.mark.usefixtures("without_shipped_data")
def test_without_a_challenge_set_there_are_two_splits_and_its_hash_is_none(context: RunContext) -> None:
    context.paths.challenge_pairs.unlink()

    assert list(context.pair_sets) == ["train", "eval"]
    assert context.data_hashes["challenge"] == "none"


def test_the_shipped_challenge_set_stands_in_for_a_missing_one(context: RunContext, without_shipped_data: Path) -> None:
    context.paths.challenge_pairs.unlink()
    write_jsonl(without_shipped_data / "challenge_pairs.jsonl", records(6, "s"))

    assert len(context.pair_sets["challenge"]) == 6


def test_the_base_model_and_the_device_are_those_that_were_asked_for(context: RunContext, tiny_model: Path) -> None:
    assert context.base.source == str(tiny_model)
    assert context.base is context.base
    assert context.device == "cpu"


def test_a_result_says_where_it_comes_from_and_names_no_folder(context: RunContext) -> None:
    found = context.provenance("f" * 64, time.monotonic(), device="cpu")

    assert (found.fingerprint, found.command, found.device) == ("f" * 64, "tests", "cpu")
    assert found.created_at.utcoffset() is not None
    assert found.created_at.microsecond == 0
    assert found.duration_seconds >= 0
    assert found.python == platform.python_version()
    assert found.platform == f"{platform.system()} {platform.machine()}"
    assert str(context.paths.root.parent) not in found.model_dump_json()


@pytest.mark.parametrize(
    "package",
    [
        "numpy",
        "scipy",
        "scikit-learn",
        "torch",
        "transformers",
        "tokenizers",
        "sentence-transformers",
        "peft",
        "accelerate",
        "umap-learn",
        "pynndescent",
        "hdbscan",
    ],
)
def test_a_result_names_the_version_of_each_package_that_changes_numbers(context: RunContext, package: str) -> None:
    found = context.provenance("f", time.monotonic())

    assert found.packages[package] == importlib.metadata.version(package)


def test_a_result_that_used_no_model_has_no_device(context: RunContext) -> None:
    assert context.provenance("f", time.monotonic()).device is None


@pytest.mark.parametrize(
    ("split", "name", "n"), [("train", "dating_pairs.jsonl", 48), ("eval", "eval_pairs.jsonl", 24)]
)
def test_a_data_file_is_told_by_name_hash_and_counts(context: RunContext, split: str, name: str, n: int) -> None:
    found = data_file(context.pair_sets[split])

    assert (found.name, found.n, found.n_compatible) == (name, n, n // 2)
    assert found.sha256 == context.data_hashes[split]


# --- what the data must allow ---------------------------------------------------------------------------


@pytest.mark.parametrize("ones", [0, 1, 47, 48])
def test_train_pairs_of_nearly_one_label_are_refused(context: RunContext, ones: int) -> None:
    write_jsonl(context.paths.train_pairs, [row | {"label": int(i < ones)} for i, row in enumerate(records(48, "t"))])

    with pytest.raises(DataFileError, match=rf"{ones} pairs with label 1 and {48 - ones} with label 0; .* at least 2"):
        _ = context.pair_sets


def test_eval_pairs_that_are_the_train_pairs_are_refused(context: RunContext) -> None:
    context.paths.eval_pairs.write_bytes(context.paths.train_pairs.read_bytes())

    with pytest.raises(DataFileError, match="100 % of the eval pairs are in train"):
        _ = context.pair_sets


@pytest.mark.parametrize("n", [1, 2])
def test_few_eval_pairs_are_welcome(context: RunContext, n: int) -> None:
    write_jsonl(context.paths.eval_pairs, records(n, "few"))

    assert len(context.pair_sets["eval"]) == n


# --- writing and reading --------------------------------------------------------------------------------


def test_who_writes_first_puts_in_order_what_a_killed_process_left(context: RunContext) -> None:
    half = context.paths.being_made("cook")
    half.mkdir(parents=True)

    with context.writing(), context.writing():
        assert not half.exists()
        half.mkdir()
    assert half.exists()


def test_reading_takes_no_lock(context: RunContext, fresh: Callable[[], RunContext]) -> None:
    with context.writing():
        assert fresh().consistent_read(lambda: 7) == 7


def test_reading_refuses_a_root_that_leads_out_of_itself(context: RunContext, tmp_path: Path) -> None:
    context.paths.root.mkdir()
    (context.paths.root / "eval").symlink_to(tmp_path)

    with pytest.raises(PipelineError, match="no folder, or a link to one"):
        context.consistent_read(lambda: 7)


def test_reading_moves_in_what_a_killed_process_had_completed(context: RunContext) -> None:
    complete = context.paths.complete("cook")
    (complete / "eval").mkdir(parents=True)
    (complete / "eval" / "soup").write_text("hot")
    (complete / ".pipeline").mkdir()
    (complete / ".pipeline" / "cook.json").write_text("{}")

    assert context.consistent_read((context.paths.root / "eval" / "soup").read_text) == "hot"
    assert not complete.exists()


# --- profiles -------------------------------------------------------------------------------------------


def test_dating_files_are_dating_pairs_and_the_packaged_challenge_set_is_theirs(context: RunContext) -> None:
    context.paths.challenge_pairs.unlink()

    assert context.profile is DATING
    assert context.pair_sets[Split.CHALLENGE].path.parent == SHIPPED_DATA


@pytest.mark.parametrize("names", [("train.csv", "test.csv"), ("questions-train.tsv", "questions-dev.tsv")])
def test_a_folder_with_other_files_holds_pairs(context: RunContext, tmp_path: Path, names: tuple[str, str]) -> None:
    folder = tmp_path / "other"
    folder.mkdir()
    for name in names:
        (folder / name).touch()
    other = dataclasses.replace(context, paths=dataclasses.replace(context.paths, data_dir=folder))

    assert other.profile is PAIRS


@pytest.mark.parametrize(
    ("columns", "slices", "wanted", "expected"),
    [
        ({}, (), None, None),
        ({}, ("category",), None, "category"),
        ({"group": "subcategory"}, ("category",), None, "group"),
        ({"group": "subcategory"}, ("category",), "category", "category"),
        ({}, (), "group", "--cluster-by group: no column to cluster by; there is none; name one with --slice-by"),
        ({}, ("category",), "subcategory", "--cluster-by subcategory: no column to cluster by; there is category"),
    ],
)
def test_clusters_are_the_groups_or_the_values_of_a_slice_column(
    context: RunContext, columns: dict[str, str], slices: tuple[str, ...], wanted: str | None, expected: str | None
) -> None:
    files = {Split.TRAIN.value: context.paths.train_pairs, Split.TEST.value: context.paths.eval_pairs}
    mapped = dataclasses.replace(
        context, data=DataOptions(files=files, searched=False, columns=columns, slices=slices), cluster_by=wanted
    )

    try:
        found = mapped.cluster_column
    except UserInputError as error:
        found = str(error)

    assert found == expected or (expected and found and found.startswith(expected))


def test_pairs_have_no_challenge_set_unless_one_is_given(context: RunContext) -> None:
    for name, salt in (("train", "t"), ("test", "e")):
        rows = [{"text1": r["text_1"], "text2": r["text_2"], "label": r["label"]} for r in records(12, salt)]
        write_jsonl(context.paths.data_dir / f"my.{name}.jsonl", rows)
    context.paths.train_pairs.unlink()
    context.paths.eval_pairs.unlink()
    context.paths.challenge_pairs.unlink()

    assert list(context.pair_sets) == [Split.TRAIN, Split.TEST]
    assert context.data_hashes[Split.CHALLENGE] == "none"
    assert all(not pairs.has_speakers for pairs in context.pair_sets.values())
