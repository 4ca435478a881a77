from __future__ import annotations

import pytest

from src.wording import reasons


@pytest.mark.parametrize(
    ("parts", "text"), [(("", ""), ""), (("one", ""), "one"), (("", "two"), "two"), (("one", "two"), "one; two")]
)
def test_joined_reasons_leave_out_the_empty_ones(parts: tuple[str, ...], text: str) -> None:
    assert reasons.joined(*parts) == text
