from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.data import coded_tokens as module
from src.data.coded_tokens import coded_tokens
from src.data.normalisation import normalise
from src.data.tokens import tokens

PARTS = [
    *("a", "b1", "don't", "'x'", "'", "''", ":)", ":-(", ";p", ":o", "<3", "</3", "-5", "x-5", "-", " ", ".", "!", "_"),
    *("é", "漢字", "😀", "👍🏽", "[", "]", "http://x", "5", "\n", "\u2028", "ﬁ", "\u2019s", "\x1c", "A"),
]


@pytest.mark.parametrize("block", [2, 50_000])
@given(texts=st.lists(st.lists(st.sampled_from(PARTS), max_size=9).map("".join), max_size=9))
def test_many_texts_have_the_tokens_that_each_has_by_itself(texts: list[str], block: int) -> None:
    normalised = [normalise(text, has_speaker=False) for text in texts]
    expected = [tokens(text) for text in normalised]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_BLOCK", block)
        coded, starts, words = coded_tokens(normalised)

    found = [[words[place] for place in coded[begin:end]] for begin, end in pairwise(starts)]
    assert found == expected
    assert words == list(dict.fromkeys(token for text in expected for token in text))


def test_plain_texts_are_not_read_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    monkeypatch.setattr(module, "tokens", lambda text: read.append(text) or tokens(text))

    coded_tokens(["it's 5 o'clock, or so: see example.org", "i like it :)", "naïve", "well-known."])

    assert read == ["i like it :)", "naïve"]
