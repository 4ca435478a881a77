from __future__ import annotations

import pytest

from src.core.errors import UserInputError
from src.training.seeds import by_recipe, parse_seeds, with_seeds
from tests.support.finished_run import recipe


def names(found: dict) -> dict[str, list[str]]:
    return {name: [one.name for one in of] for name, of in found.items()}


@pytest.mark.parametrize(("text", "seeds"), [("42", (42,)), ("42,43", (42, 43)), (" 7 , 0 ", (7, 0))])
def test_seeds_are_whole_numbers_between_commas(text: str, seeds: tuple[int, ...]) -> None:
    assert parse_seeds(text) == seeds


@pytest.mark.parametrize("text", ["", "42,", "a", "-1", "4.5", "4294967296", "42 43", "²", "9" * 100_000])
def test_what_is_no_seed_is_refused(text: str) -> None:
    with pytest.raises(UserInputError, match="is no seed; give whole numbers such as 42,43,44") as told:
        parse_seeds(text)
    assert len(str(told.value)) < 500


def test_a_seed_that_is_named_twice_is_refused() -> None:
    with pytest.raises(UserInputError, match="named twice"):
        parse_seeds("42,43,042")


def test_the_first_seed_keeps_the_name_and_the_others_add_theirs() -> None:
    made = with_seeds([recipe("standard", seed=42), recipe("lora", seed=42)], (42, 43))

    assert [(one.name, one.seed) for one in made] == [
        ("standard", 42),
        ("standard-seed43", 43),
        ("lora", 42),
        ("lora-seed43", 43),
    ]


def test_a_name_that_becomes_too_long_is_refused() -> None:
    with pytest.raises(UserInputError, match="at most 40"):
        with_seeds([recipe("a" * 40, seed=1)], (1, 2))


def test_trainings_of_one_recipe_stand_together_the_first_one_first() -> None:
    made = with_seeds([recipe("standard", seed=42), recipe("lora", seed=42)], (42, 43, 7))

    assert names(by_recipe(sorted(made, key=lambda one: one.name[::-1]))).keys() == {"standard", "lora"}
    assert names(by_recipe(made))["lora"] == ["lora", "lora-seed43", "lora-seed7"]


@pytest.mark.parametrize(
    "changes",
    [
        {"learning_rate": 1e-3},
        {"seed": 44},
        {"name": "standard-seed"},
        {"name": "other-seed43"},
        {"name": "standard-43"},
    ],
    ids=str,
)
def test_a_training_of_another_recipe_seed_or_name_stands_alone(changes: dict[str, object]) -> None:
    first, second = with_seeds([recipe("standard", seed=42)], (42, 43))
    other = second.model_copy(update=changes)

    assert names(by_recipe([first, other])) == {"standard": ["standard"], other.name: [other.name]}


def test_a_training_whose_first_one_is_gone_stands_alone() -> None:
    _, second = with_seeds([recipe("standard", seed=42)], (42, 43))

    assert names(by_recipe([second])) == {"standard-seed43": ["standard-seed43"]}
