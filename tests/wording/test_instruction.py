from __future__ import annotations

import pytest

from src.models import DATING_WORDS, Prompts, Words
from src.wording.instruction import instruction_text, told


def test_the_instruction_speaks_the_words_of_the_data() -> None:
    words = Words(positive="duplicate", negative="different")

    assert instruction_text(DATING_WORDS, has_speakers=True).endswith(", to judge compatibility:")
    assert instruction_text(words, has_speakers=False) == "Represent this text, to tell duplicate from different pairs:"


@pytest.mark.parametrize(
    ("prompts", "expected"),
    [
        (Prompts(prompt_1="q: ", prompt_2="q: "), "mine reads “q: ” before each text"),
        (Prompts(prompt_1="q:\n"), "mine reads “q:\\n” before text 1 and nothing before text 2"),
    ],
)
def test_what_a_model_reads_is_told_in_one_line(prompts: Prompts, expected: str) -> None:
    assert told("mine", prompts) == expected
