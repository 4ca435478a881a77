from __future__ import annotations

import inspect
import json
import types
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Union, get_args, get_origin

import numpy as np
import pytest
from pydantic import BaseModel, ValidationError

from src import models
from src.models import (
    AuditFinding,
    CheckpointMark,
    ComparisonResult,
    DatingPair,
    Evaluation,
    LoraSettings,
    OutputFile,
    PairScore,
    PairSet,
    RecordProvenance,
    StageRecord,
    ThresholdMetrics,
    TrainConfig,
    TrainingInfo,
    TrainingMode,
    Value,
)
from tests.support.contract import CONTRACT
from tests.support.data_files import record
from tests.support.factories import make_comparison, make_evaluation, make_training

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic.fields import FieldInfo

VALUES = [
    value
    for _, value in inspect.getmembers(models, inspect.isclass)
    if issubclass(value, Value) and value.__module__ == models.__name__
]


OUTPUT = OutputFile(path="eval/x.json", size=3, sha256="a" * 64)


def some_values() -> dict[str, Value]:
    """One of each kind that is written to disk, and small ones."""
    comparison = make_comparison(("baseline", "finetuned", "lora"))
    threshold = comparison.models[0].evaluation.operating_point
    assert threshold is not None
    return {
        "pair": DatingPair(**record()),
        "config": TrainConfig(name="x", mode=TrainingMode.STANDARD),
        "lora": LoraSettings(),
        "training": make_training("lora"),
        "evaluation": make_evaluation("finetuned"),
        "threshold": threshold,
        "comparison": comparison,
        "record": StageRecord(
            stage="baseline",
            fingerprint="f",
            inputs={"train": "1"},
            provenance=RecordProvenance(outputs=(OUTPUT,), duration_seconds=1.5),
        ),
        "checkpoint": CheckpointMark(fingerprint="f", step=8, best_step=4, files=(OUTPUT,)),
    }


SOME_VALUES = some_values()


@pytest.fixture(params=SOME_VALUES)
def value(request: pytest.FixtureRequest) -> Value:
    return SOME_VALUES[request.param]


# --- what holds for every value -------------------------------------------------------------------------


@pytest.mark.parametrize("kind", VALUES)
def test_every_value_is_frozen_refuses_unknown_fields_and_numbers_that_are_none(kind: type[Value]) -> None:
    config = kind.model_config

    assert (config.get("frozen"), config.get("extra"), config.get("allow_inf_nan")) == (True, "forbid", False)


def test_no_model_of_the_module_is_something_else_than_a_value() -> None:
    others = [
        thing
        for _, thing in inspect.getmembers(models, inspect.isclass)
        if issubclass(thing, BaseModel) and thing.__module__ == models.__name__ and not issubclass(thing, Value)
    ]

    assert others == []


def test_a_value_cannot_be_changed(value: Value) -> None:
    name = next(iter(type(value).model_fields))

    with pytest.raises(ValidationError, match="frozen"):
        setattr(value, name, getattr(value, name))


def test_an_unknown_field_is_refused(value: Value) -> None:
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        type(value).model_validate(value.model_dump() | {"unknown": 1})


def test_a_value_comes_back_from_json_as_it_was(value: Value) -> None:
    text = json.dumps(value.model_dump(mode="json"), allow_nan=False)

    assert type(value).model_validate_json(text) == value


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("evaluation", "auc_roc"),
        ("evaluation", "cohens_d"),
        ("evaluation", "compatibility_margin"),
        ("training", "best_spearman"),
        ("config", "learning_rate"),
        ("threshold", "threshold"),
        ("record", "duration_seconds"),
    ],
)
def test_a_number_that_is_not_finite_is_refused(name: str, field: str, number: float) -> None:
    good = SOME_VALUES[name]

    with pytest.raises(ValidationError, match=field):
        type(good).model_validate(good.model_dump() | {field: number})


# --- numbers say what they are --------------------------------------------------------------------------


def parts(annotation: Any) -> Iterator[Any]:  # noqa: ANN401 - annotations are anything
    """The plain types that an annotation is made of, those with a bound left out."""
    if get_origin(annotation) is Annotated:
        if not any(bounded(thing) for thing in get_args(annotation)[1:]):
            yield from parts(get_args(annotation)[0])
    elif get_origin(annotation) in (Union, types.UnionType, tuple, list, dict):
        for part in get_args(annotation):
            yield from parts(part)
    else:
        yield annotation


def bounded(thing: object) -> bool:
    """Whether this metadata of an annotation or a field has a lower or an upper bound."""
    own = [thing, *getattr(thing, "metadata", ())]
    return any(hasattr(item, bound) for item in own for bound in ("ge", "gt", "le", "lt"))


def unexplained(field: FieldInfo) -> bool:
    has_number = any(part in (int, float) for part in parts(field.annotation))
    return has_number and not field.description and not any(bounded(item) for item in field.metadata)


def test_every_number_of_every_value_has_a_description_or_a_bounded_type() -> None:
    missing = [
        f"{kind.__name__}.{name}" for kind in VALUES for name, field in kind.model_fields.items() if unexplained(field)
    ]

    assert missing == []


def test_the_check_above_finds_a_bare_number_and_takes_an_explained_one() -> None:
    class Bare(Value):
        plain: float | None
        many: tuple[int, ...]
        share: models.Share | None
        shares: tuple[models.Share, ...]
        told: float = models.Field(description="in seconds")
        low: float = models.Field(ge=0)
        text: str

    assert [name for name, field in Bare.model_fields.items() if unexplained(field)] == ["plain", "many"]


# --- a pair ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("label", [0, 1])
def test_a_label_is_the_number_0_or_1(label: int) -> None:
    assert DatingPair(**record(label=label)).label == label


@pytest.mark.parametrize("label", [True, False, "1", "0", 1.0, 0.0, None, 2, -1, [1], np.int8(1)], ids=repr)
def test_any_other_label_is_refused(label: object) -> None:
    with pytest.raises(ValidationError, match="label"):
        DatingPair(**record(label=label))


@pytest.mark.parametrize("label", ["true", '"1"', "1.0", "null", "1e0"])
def test_any_other_label_is_refused_in_json_too(label: str) -> None:
    text = json.dumps(record(label=None)).replace("null", label)

    with pytest.raises(ValidationError, match="label"):
        DatingPair.model_validate_json(text)


@pytest.mark.parametrize("field", ["category", "subcategory", "pair_type"])
def test_a_pair_names_what_it_is(field: str) -> None:
    with pytest.raises(ValidationError, match=field):
        DatingPair(**record(**{field: ""}))


@pytest.mark.parametrize("field", list(DatingPair.model_fields))
def test_no_field_of_a_pair_may_be_missing(field: str) -> None:
    fields = record()
    del fields[field]

    with pytest.raises(ValidationError, match=field):
        DatingPair(**fields)


def test_a_set_of_pairs_gives_back_each_of_its_rows() -> None:
    rows = [record(label=1), record(text_1="girl: no", label=0, pair_type="incompatible")]
    columns = {name: [row[name] for row in rows] for name in rows[0] if name != "label"}
    pairs = PairSet(
        path=Path("x.jsonl"),
        sha256="0" * 64,
        labels=np.array([1, 0], dtype=np.int8),
        lines=np.array([1, 2]),
        **columns,
    )

    assert len(pairs) == 2
    assert [pairs[i] for i in range(2)] == [DatingPair(**row) for row in rows]


# --- a recipe -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["standard", "lora-tuned", "a_b", "0", "x" * 40])
def test_a_recipe_has_a_name_that_can_be_a_folder_anywhere(name: str) -> None:
    assert TrainConfig(name=name, mode=TrainingMode.STANDARD).name == name


@pytest.mark.parametrize("name", ["", "A", "a b", "../a", "a/b", "-a", "_a", ".", "é", "x" * 41, "a\n", "a\x00"])
def test_any_other_name_is_refused(name: str) -> None:
    with pytest.raises(ValidationError, match="name"):
        TrainConfig(name=name, mode=TrainingMode.STANDARD)


@pytest.mark.parametrize(
    ("mode", "lora", "accepted"),
    [
        (TrainingMode.LORA, LoraSettings(), True),
        (TrainingMode.STANDARD, None, True),
        (TrainingMode.LORA, None, False),
        (TrainingMode.STANDARD, LoraSettings(), False),
    ],
)
def test_an_adapter_and_the_mode_lora_belong_together(
    mode: TrainingMode, lora: LoraSettings | None, accepted: bool
) -> None:
    if accepted:
        assert TrainConfig(name="x", mode=mode, lora=lora).lora == lora
    else:
        with pytest.raises(ValidationError, match="rank, alpha and dropout belong to --mode lora"):
            TrainConfig(name="x", mode=mode, lora=lora)


def test_the_defaults_are_the_recipe_of_the_controlled_experiment() -> None:
    config = TrainConfig(name="x", mode=TrainingMode.LORA, lora=LoraSettings())

    assert config.model_dump(exclude={"name", "mode"}) == {
        "epochs": 4,
        "batch_size": 16,
        "learning_rate": 2e-5,
        "warmup_steps": 100,
        "eval_steps": 500,
        "weight_decay": 0.01,
        "max_grad_norm": 1.0,
        "precision": "auto",
        "loss": "cosine",
        "select_on": "test",
        "seed": 42,
        "lora": {"rank": 8, "alpha": 16, "dropout": 0.1, "target_modules": None},
    }


# --- an evaluation --------------------------------------------------------------------------------------


def test_an_estimate_has_the_interval_of_its_metric() -> None:
    evaluation = make_evaluation()
    found = evaluation.estimate("auc_roc")

    assert found.value == evaluation.auc_roc
    assert found.low is not None


def test_the_estimate_of_a_metric_without_an_interval_has_its_value() -> None:
    evaluation = make_evaluation()
    found = evaluation.estimate("cluster_purity")

    assert (found.value, found.low, found.high) == (evaluation.cluster_purity, None, None)


def test_the_estimate_of_an_unknown_metric_has_no_value() -> None:
    assert make_evaluation().estimate("no such metric").value is None


def test_the_challenge_set_is_found_among_the_slices() -> None:
    challenge = make_evaluation().challenge

    assert challenge is not None
    assert challenge.name == "challenge"
    assert make_evaluation(slices=()).challenge is None


# --- contracts ------------------------------------------------------------------------------------------


def test_the_metrics_file_starts_with_the_names_that_users_scripts_read() -> None:
    assert list(Evaluation.model_fields)[:16] == CONTRACT


@pytest.mark.parametrize("kind", [Evaluation, TrainingInfo, ComparisonResult, StageRecord, models.DataQualityReport])
def test_what_is_written_to_disk_carries_its_version_and_no_other_is_read(kind: type[Value]) -> None:
    assert kind.model_fields["schema_version"].default == 1
    with pytest.raises(ValidationError, match="schema_version"):
        kind.model_validate({"schema_version": 2})


@pytest.mark.parametrize(
    ("kind", "field", "wrong"),
    [
        (ThresholdMetrics, "accuracy", 1.01),
        (ThresholdMetrics, "true_positives", -1),
        (ThresholdMetrics, "threshold", 1.5),
        (PairScore, "cosine", -1.01),
        (AuditFinding, "n", -1),
        (AuditFinding, "status", "bad"),
        (OutputFile, "sha256", "A" * 64),
        (LoraSettings, "dropout", 1.0),
    ],
)
def test_a_number_out_of_its_range_is_refused(kind: type[Value], field: str, wrong: object) -> None:
    with pytest.raises(ValidationError) as caught:
        kind.model_validate({field: wrong})

    assert any(error["loc"] == (field,) and error["type"] != "missing" for error in caught.value.errors())


def test_the_time_of_a_result_is_told_in_utc() -> None:
    written = json.loads(make_training().model_dump_json())["provenance"]["created_at"]

    assert datetime.fromisoformat(written).utcoffset() is not None
    assert written.endswith("Z")


@pytest.mark.parametrize("path", ["/etc/passwd", "../x", "eval/../../x", "", "eval//x"])
def test_a_recorded_file_lies_below_its_folder(path: str) -> None:
    with pytest.raises(ValidationError, match="leads out of its folder"):
        OutputFile(path=path, size=3, sha256="a" * 64)


def test_a_comparison_without_guards_is_written_as_before() -> None:
    written = make_comparison().model_dump()

    assert "guard_data" not in written
    assert all("guards" not in model for model in written["models"])
