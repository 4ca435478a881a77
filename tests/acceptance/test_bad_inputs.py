from __future__ import annotations

import re
import resource
import sys
from pathlib import Path

import pytest

from tests.acceptance.bad_inputs import CASES, ELSEWHERE, cases
from tests.real_command import Place, is_one_line_of_error

# a fault is found in less than ten seconds; slow machines and other tests beside this one have more
PATIENCE = 60


@pytest.mark.parametrize("name", CASES)
def test_what_is_wrong_is_told_in_one_line_and_changes_nothing(request: pytest.FixtureRequest, name: str) -> None:
    case = CASES[name]
    place: Place = request.getfixturevalue("finished" if case.finished else "audited")
    case.prepare(place)
    before = place.hashes()
    guards = dict(case.environment) | ({} if case.loads else {"NO_TORCH": "1"})

    limit = limited_memory if not case.loads else None
    ended = place.run(*case.command, before=limit, timeout=PATIENCE, **guards)

    assert (ended.code, ended.out) == (case.code, ""), ended.err
    assert re.search(case.message, ended.err.rstrip("\n")), ended.err
    lines = ended.err.splitlines()
    assert len(lines) == case.lines, ended.err
    assert all(text.replace("\t", "").isprintable() for text in lines), ended.err
    assert is_one_line_of_error(lines[-1 if case.lines == 4 else 0]), ended.err
    assert place.hashes() == before
    assert not (place.root.parent / "canary").exists()


def limited_memory() -> None:
    """500 MB of data, as much as a fault may cost before it is found; where the system can set that limit."""
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_DATA, (500_000_000, 500_000_000))


def test_every_letter_of_the_catalogue_has_a_case_or_a_reason() -> None:
    letters = {name[0] for name in (*CASES, *ELSEWHERE)}

    assert letters == set("ABCDEFGHI")
    assert len(CASES) == len(list(cases()))
    assert all(
        Path(__file__).parents[1].joinpath(file).is_file()
        for why in ELSEWHERE.values()
        for file in re.findall(r"tests/(\w+\.py)", why)
    )
