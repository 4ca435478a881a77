from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from src.data.english import are_english

if TYPE_CHECKING:
    from tests.conftest import PairSetFactory


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("girl: I like it that you cook and that they are with my friends", True),
        ("girl: ich mag es, dass du kochst und dass sie bei meinen Freunden sind", False),
        ("girl: я люблю готовить", False),
        ("girl: word1 word2 word3", False),
        ("girl: !", False),
    ],
)
def test_texts_are_english_if_they_hold_enough_frequent_english_words(
    pair_set: PairSetFactory, text: str, expected: bool
) -> None:
    assert are_english(pair_set([text], [text])) is expected


def test_a_long_file_is_looked_at_from_its_first_pair_to_its_last(pair_set: PairSetFactory) -> None:
    texts = ["boy: das ist ein Satz"] * 2_000 + ["boy: this is not that and they are with you from my"] * 2_000

    assert are_english(pair_set(texts, texts))
