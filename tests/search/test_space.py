from __future__ import annotations

import pytest

from src.core.errors import UserInputError
from src.models import LoraSettings, Loss, TrainConfig, TrainingMode
from src.search.space import default_space, parse_space, recipe_of

MODES = list(TrainingMode)


class Drawn:
    """Draws the highest value, or the last."""

    def suggest_float(self, _: str, low: float, high: float, **__: object) -> float:
        return high - (high - low) / 3e6

    def suggest_int(self, _: str, __: int, high: int) -> int:
        return high

    def suggest_categorical(self, _: str, choices: list) -> object:
        return choices[-1]


def base(mode: TrainingMode) -> TrainConfig:
    return TrainConfig(name="a", mode=mode, lora=LoraSettings() if mode is TrainingMode.LORA else None)


def test_what_is_not_named_keeps_its_range() -> None:
    space = parse_space("learning_rate=1e-5:1e-3, epochs=4, loss=cosent:cosine", TrainingMode.STANDARD)

    assert space.values == default_space(TrainingMode.STANDARD).values | {
        "learning_rate": (1e-5, 1e-3),
        "epochs": (4, 4),
        "loss": ("cosent", "cosine"),
    }


@pytest.mark.parametrize("mode", MODES)
def test_the_text_of_a_space_is_read_as_that_space(mode: TrainingMode) -> None:
    space = parse_space("warmup_share=0:0.5,batch_size=8", mode)

    assert parse_space(space.text, mode) == space


@pytest.mark.parametrize("mode", MODES)
def test_every_point_is_a_recipe(mode: TrainingMode) -> None:
    space = default_space(mode)

    highest = recipe_of(base(mode), space.draw(Drawn()), 1000)
    usual = recipe_of(base(mode), space.usual, 1000)

    assert (highest.epochs, highest.batch_size, highest.loss) == (6, 32, Loss.COSENT)
    assert highest.warmup_steps == round(0.2 * highest.steps(1000))
    assert (usual.epochs, usual.batch_size, usual.warmup_steps) == (4, 16, 25)
    if highest.lora is not None and usual.lora is not None:
        assert (highest.lora.rank, highest.lora.alpha) == (32, 64)
        assert usual.lora == LoraSettings()


def test_numbers_have_three_digits_and_stay_within_their_range() -> None:
    drawn = parse_space("learning_rate=1e-5:1.2345e-4", TrainingMode.STANDARD).draw(Drawn())

    assert drawn["learning_rate"] == 1.23e-4


def test_a_usual_value_outside_the_space_is_no_point_of_it() -> None:
    usual = parse_space("learning_rate=1e-3:1e-2,loss=cosent,epochs=1:2", TrainingMode.STANDARD).usual

    assert usual == {"batch_size": 16, "warmup_share": 0.1}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("x=1", "x=1: no such parameter; there is learning_rate, epochs"),
        ("rank=8", "rank=8: belongs to --mode lora"),
        ("learning_rate=abc", "learning_rate=abc: 'abc': Input should be a valid number"),
        ("learning_rate=2:3", "'2': Input should be less than or equal to 1"),
        ("learning_rate=nan", "'nan': Input should be "),
        ("epochs=4:2", "the lowest and the highest value are expected, as in epochs=1:6"),
        ("epochs=1:2:3", "the lowest and the highest value are expected, as in epochs=1:6"),
        ("epochs=1.5", "'1.5': Input should be a valid integer"),
        ("batch_size=8:8", "a value stands twice"),
        ("loss=a", "'a': Input should be 'cosine'"),
        ("epochs=1,epochs=2", "epochs stands twice"),
        ("epochs", "write PARAMETER=VALUE:VALUE"),
        (",", "write PARAMETER=VALUE:VALUE"),
        ("epochs=" + "9" * 5000, "--space: epochs=999"),
        ("warmup_share=1", "Input should be less than or equal to 0.9"),
    ],
)
def test_what_is_no_space_is_refused_in_one_line(text: str, fault: str) -> None:
    with pytest.raises(UserInputError) as refused:
        parse_space(text, TrainingMode.STANDARD)

    assert str(refused.value).startswith("--space: ")
    assert fault in str(refused.value)
    assert len(str(refused.value)) < 400
    assert "\n" not in str(refused.value)
