from __future__ import annotations

from src.wording import intervals


def test_a_method_says_whether_it_allows_for_shared_texts() -> None:
    assert intervals.of("Student's t", "") == "Student's t"
    assert intervals.of("Student's t", "texts").startswith("Student's t; allows for texts")
    assert intervals.of("Student's t", "clusters").startswith("Student's t; allows for pairs of one cluster")


def test_the_number_of_texts_stands_beside_that_of_the_pairs() -> None:
    assert intervals.counted(1200, 900, 455.4).startswith("1,200 pairs of 900 texts, which count as 455 texts")
