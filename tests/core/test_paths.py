from __future__ import annotations

from pathlib import Path

import pytest

from src.core.errors import UserInputError
from src.core.paths import SHIPPED_DATA, ProjectPaths, artifact_name

NAMES = ("standard", "lora", "lora-tuned", "a_b", "x1")


@pytest.fixture
def paths(tmp_path: Path) -> ProjectPaths:
    return ProjectPaths(root=tmp_path / "root", data_dir=tmp_path / "given")


def written(paths: ProjectPaths) -> list[Path]:
    """Every place that a run writes to, with a few models and stages."""
    own = [
        value
        for name, kind in vars(ProjectPaths).items()
        if isinstance(kind, property) and not name.endswith("_pairs")
        for value in [getattr(paths, name)]
        if name != "trainings"
    ]
    of_models = [
        path
        for name in NAMES
        for path in (
            paths.model(name),
            paths.checkpoints(name),
            paths.training_info(name),
            paths.metrics(artifact_name(name)),
            *(paths.embeddings(artifact_name(name), split) for split in ("train", "eval", "challenge")),
            paths.stage_record(f"train-{name}"),
        )
    ]
    return [*own, *of_models]


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("quality_report", "data/evaluation/data_quality_report.json"),
        ("quality_summary", "data/evaluation/data_quality_summary.txt"),
        ("baseline_charts", "eval/visualizations/baseline"),
        ("comparison_charts", "eval/visualizations/comparison"),
        ("baseline_report", "eval/baseline_report.html"),
        ("comparison_report", "eval/comparison_report.html"),
        ("short_report", "eval/comparison_short.html"),
        ("short_pdf", "eval/comparison_short.pdf"),
        ("comparison_result", "eval/comparison_result.json"),
        ("summary", "eval/summary.md"),
        ("model_card", "eval/model_card.md"),
        ("trainings", "training"),
    ],
)
def test_results_lie_where_the_design_says(paths: ProjectPaths, name: str, place: str) -> None:
    assert getattr(paths, name) == paths.root / place


@pytest.mark.parametrize(
    ("training", "artifact"), [("standard", "finetuned"), ("lora", "lora"), ("lora-tuned", "lora-tuned")]
)
def test_what_belongs_to_a_model_carries_its_name(paths: ProjectPaths, training: str, artifact: str) -> None:
    root = paths.root

    assert artifact_name(training) == artifact
    assert paths.model(training) == root / f"training/model/{training}_model"
    assert paths.training_info(training) == root / f"training/{training}_training_info.json"
    assert paths.metrics(artifact) == root / f"eval/{artifact}_metrics.json"
    assert paths.embeddings(artifact, "eval") == root / f"data/embeddings/{artifact}_eval.npy"


def test_data_is_read_from_the_data_folder_alone(paths: ProjectPaths) -> None:
    assert paths.train_pairs == paths.data_dir / "dating_pairs.jsonl"
    assert paths.eval_pairs == paths.data_dir / "eval_pairs.jsonl"


def test_the_data_folders_own_challenge_pairs_come_before_those_that_are_shipped(paths: ProjectPaths) -> None:
    assert paths.challenge_pairs == SHIPPED_DATA / "challenge_pairs.jsonl"

    own = paths.data_dir / "challenge_pairs.jsonl"
    own.parent.mkdir()
    own.touch()
    assert paths.challenge_pairs == own


def test_the_shipped_data_lies_in_the_repository() -> None:
    repository = Path(__file__).parents[2]

    assert SHIPPED_DATA.relative_to(repository).as_posix() == "data/raw"


def test_everything_that_is_written_lies_below_the_root_and_nothing_twice(paths: ProjectPaths) -> None:
    places = written(paths)

    assert all(place.is_relative_to(paths.root) for place in places)
    assert len(set(places)) == len(places)


def test_asking_for_a_path_makes_no_folder(paths: ProjectPaths, tmp_path: Path) -> None:
    written(paths)

    assert list(tmp_path.iterdir()) == []


def test_the_paths_of_a_run_do_not_change(paths: ProjectPaths) -> None:
    with pytest.raises(AttributeError):
        paths.root = paths.data_dir  # type: ignore[misc]


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "a/b", "/etc", "Run1", "x\n", "\x1b", "é", "-x", "a" * 41])
def test_no_name_leads_out_of_the_root(paths: ProjectPaths, name: str) -> None:
    for place in (
        paths.model,
        paths.checkpoints,
        paths.training_info,
        paths.metrics,
        lambda artifact: paths.embeddings(artifact, "eval"),
        lambda training: paths.stage_record(f"train-{training}"),
        lambda training: paths.being_made(f"evaluate-{training}"),
    ):
        with pytest.raises(UserInputError) as caught:
            place(name) if name else place("-")
        assert str(caught.value).isprintable()
        assert "is no name" in str(caught.value)


def test_the_folders_of_results_are_those_that_results_lie_in(paths: ProjectPaths) -> None:
    assert {place.parent for place in written(paths)} <= {paths.root, *paths.folders_of_results()}
