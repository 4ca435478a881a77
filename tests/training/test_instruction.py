from __future__ import annotations

from src.models import DATING_WORDS, Words
from src.training.instruction import instruction_text


def test_the_instruction_speaks_the_words_of_the_data() -> None:
    words = Words(positive="duplicate", negative="different")

    assert instruction_text(DATING_WORDS, has_speakers=True).endswith(", to judge compatibility:")
    assert instruction_text(words, has_speakers=False) == "Represent this text, to tell duplicate from different pairs:"
