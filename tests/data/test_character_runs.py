from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer

from src.data import character_runs as module
from src.data.character_runs import character_runs, hashed_runs

TEXTS = st.lists(st.text("abcAÉß漢 \n\u2028😀", max_size=12), min_size=1, max_size=8)


def _same(one: object, other: object) -> bool:
    """Whether two matrices are the same to the last bit, the order of the entries of a row too."""
    return all(np.array_equal(getattr(one, part), getattr(other, part)) for part in ("data", "indices", "indptr"))


@pytest.mark.parametrize("lengths", [(1, 1), (1, 2), (2, 5)])
@given(texts=TEXTS)
def test_runs_are_counted_as_scikit_learn_counts_them(texts: list[str], lengths: tuple[int, int]) -> None:
    known = [*texts, "two or more"]
    vectoriser = CountVectorizer(analyzer="char", ngram_range=lengths, dtype=np.float32)
    expected = vectoriser.fit_transform(known)

    counted = character_runs(known, *lengths)

    assert _same(counted.counts, expected)
    assert counted.names() == vectoriser.get_feature_names_out().tolist()


@pytest.mark.parametrize("longest", [1, 2, 3])
@pytest.mark.parametrize("marked", [0, 2**24])
@given(texts=TEXTS)
def test_runs_are_hashed_as_scikit_learn_hashes_them(texts: list[str], longest: int, marked: int) -> None:
    expected = HashingVectorizer(analyzer="char", ngram_range=(1, longest), n_features=2**6, dtype=np.float32)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_MOST_MARKED", marked)

        assert _same(hashed_runs(texts, longest, 6), expected.transform(texts))


def test_more_characters_than_one_number_has_room_for_are_counted_too(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ["a walk by the river", "a talk"]
    expected = character_runs(texts, 2, 5), hashed_runs(texts, 2, 6)
    monkeypatch.setattr(module, "_LARGEST", 10)

    assert _same(character_runs(texts, 2, 5).counts, expected[0].counts)
    assert _same(hashed_runs(texts, 2, 6), expected[1])
