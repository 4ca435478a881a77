from __future__ import annotations

import pytest

from src.core import formatting as formats


@pytest.mark.parametrize(
    ("value", "expected"), [(0.12345, "0.123"), (-0.0001, "0.000"), (1, "1.000"), (None, "n/a"), (-1.5, "-1.500")]
)
def test_a_number_has_three_decimals_and_none_is_not_zero(value: float | None, expected: str) -> None:
    assert expected == formats.number(value)


@pytest.mark.parametrize(("value", "expected"), [(0.5, "+0.500"), (-0.5, "-0.500"), (0.0, "+0.000"), (None, "n/a")])
def test_a_difference_shows_its_sign(value: float | None, expected: str) -> None:
    assert expected == formats.signed(value)


def test_an_interval_needs_both_ends() -> None:
    assert formats.interval(-0.1, 0.25) == "[-0.100, 0.250]"
    assert formats.interval(None, 0.2) == ""


@pytest.mark.parametrize(
    ("value", "expected"), [(0.0, "< 0.0001"), (0.00009, "< 0.0001"), (0.0301, "0.0301"), (None, "n/a")]
)
def test_a_small_p_is_never_written_as_zero(value: float | None, expected: str) -> None:
    assert expected == formats.p_value(value)


@pytest.mark.parametrize(
    ("size", "expected"),
    [(0.5, "0.500"), (0.0123, "0.0123"), (0.00472, "0.00472"), (1e-4, "0.000100"), (1.234, "1.234"), (0.0, "0.000")],
)
def test_three_digits_are_left_of_a_small_value(size: float, expected: str) -> None:
    assert expected == formats.number(size, formats.decimals(size))
    assert formats.decimals(1e-300) == 15


def test_shares_counts_rates_and_durations_read_like_a_person_writes_them() -> None:
    assert formats.percent(0.1234) == "12.3 %"
    assert formats.percent(None) == "n/a"
    assert formats.count(22_786_944) == "22,786,944"
    assert formats.count(None) == "n/a"
    assert formats.scientific(2e-5) == "2e-5"
    assert formats.scientific(1.5e-4) == "1.5e-4"
    assert formats.scientific(0.0) == "0"
    assert formats.duration(3.21) == "3.2 s"
    assert formats.duration(125) == "2 min 5 s"


def test_a_name_stays_on_one_line_and_is_cut() -> None:
    assert formats.short_name("two\nlines\u202eand  more") == "two lines and more"
    assert formats.short_name("x" * 40) == "x" * 27 + "…"
    assert formats.short_name("\n") == "n/a"


def test_plotly_sees_no_tag_and_no_tex_in_data() -> None:
    assert formats.plotly_text("<b>&$x$") == "&lt;b&gt;&amp;&#36;x&#36;"


def test_a_name_of_the_projects_own_reads_as_words() -> None:
    assert formats.plain_name("bag_of_words") == "bag of words"


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.25, "0.250"), (0.001, "0.001"), (5e-4, "5.0e-4"), (1.04e-5, "1.0e-5"), (0.0, "0.000"), (None, "n/a")],
)
def test_a_small_number_is_not_written_as_zero(value: float | None, text: str) -> None:
    assert formats.small_number(value) == text
