from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from src.core.environment_variables import RULES, Rule, device_of_launch, refuse_environment
from src.core.errors import UserInputError
from tests.system.attacks_on_commands import ENVIRONMENTS, TAKEN

if TYPE_CHECKING:
    from collections.abc import Mapping


def first_rule(name: str) -> Rule | None:
    return next((rule for rule in RULES if re.fullmatch(rule.names, name)), None)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.names)
def test_a_rule_is_the_first_for_a_variable_that_an_attack_gets_wrong(rule: Rule) -> None:
    assert rule in [first_rule(name) for name, _ in ENVIRONMENTS]


@pytest.mark.parametrize("environment", TAKEN)
def test_a_usual_environment_is_taken(environment: Mapping[str, str]) -> None:
    refuse_environment(environment)


def test_what_a_terminal_would_obey_is_escaped_and_a_long_value_is_cut() -> None:
    with pytest.raises(UserInputError) as caught:
        refuse_environment({"HF_HUB_ETAG_TIMEOUT": "\x1b[2J" + "x" * 1000})

    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    ("value", "wanted", "device"),
    [("True", "auto", "cpu"), ("1", "cpu", "cpu"), ("False", "auto", "auto"), ("no", "cuda", "cuda")],
)
def test_a_launch_for_the_processor_takes_the_processor(value: str, wanted: str, device: str) -> None:
    assert device_of_launch({"ACCELERATE_USE_CPU": value}, wanted) == device
    assert device_of_launch({}, wanted) == wanted


def test_a_launch_for_the_processor_beside_another_device_is_refused() -> None:
    with pytest.raises(UserInputError, match=r"--device cuda: ACCELERATE_USE_CPU is set .* asks for the processor"):
        device_of_launch({"ACCELERATE_USE_CPU": "True"}, "cuda")
