from __future__ import annotations

import json
import os
import unicodedata
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.data_files import record, records, write_data, write_jsonl
from tests.support.real_command import DONE, Place, leftovers
from tests.system.acceptance.bad_inputs import AUDIT, ESCAPE, eval_file, linked, train_file, void

if TYPE_CHECKING:
    from pathlib import Path

REPORT, SUMMARY = "data/evaluation/data_quality_report.json", "data/evaluation/data_quality_summary.txt"


# --- what is welcome ------------------------------------------------------------------------------------


def odd_rows() -> list[dict[str, Any]]:
    """Valid records that have broken others: scripts, long texts, composed letters, what a terminal would obey."""
    e_acute = "caf\u00e9"
    texts = ("\u4eca\u65e5\u306f", "\u05e9\u05dc\u05d5\u05dd", "\U0001f389 party", "a\u2028b", "x" * 5000)
    odd = [record(text_1=f"boy: {text}", text_2=f"girl: {i}", label=i % 2) for i, text in enumerate(texts)]
    odd += [
        record(text_1=f"boy: {unicodedata.normalize(form, e_acute)}", text_2="girl: tea") for form in ("NFC", "NFD")
    ]
    odd += [record(category=f"{ESCAPE}[bold]x[/bold]", text_1="boy: unlike the rest", text_2="girl: so it is")]
    return odd


def findings(place: Place) -> dict[str, str]:
    report = json.loads((place.root / REPORT).read_text(encoding="utf-8"))
    return {finding["name"]: finding["observed"] for finding in report["audit"]}


@pytest.mark.parametrize("names", [("a 'b' \"c\"", "-dash"), (os.fsdecode(b"\xe9"), f"new\nline and {ESCAPE}")])
def test_odd_but_valid_data_in_folders_of_odd_names_is_evaluated(
    tmp_path: Path, tiny_model: Path, names: tuple[str, str]
) -> None:
    """A05, A06, C15, C17, D03, D09, E11."""
    place = Place(tmp_path / names[0] / "root", tmp_path / names[1], tiny_model)
    place.root.parent.mkdir()
    write_data(place.data)
    odd, swapped = odd_rows(), record(text_1="girl: tea is fine", text_2="boy: I like tea")
    write_jsonl(train_file(place), [*records(20, "t"), record(), *odd])
    write_jsonl(eval_file(place), [swapped, *(record(label=0, text_1=f"boy: {i}") for i in range(6))])
    content = train_file(place).read_bytes()
    train_file(place).write_bytes(b"\xef\xbb\xbf" + content.replace(b"\n", b"\r\n") + b"\r\n\r\n")

    ended = place.run(*AUDIT)

    assert ended.code == DONE, ended.err
    assert ended.err == ""
    assert "\x1b" not in ended.out
    assert findings(place)["train: pairs repeated after normalisation"].startswith("1 of 29 pairs")
    assert findings(place)["eval: pairs copied from train"].startswith("1 of 7 pairs")
    assert leftovers(tmp_path) == []


def test_a_byte_order_mark_and_windows_line_ends_change_no_result(audited: Place) -> None:
    """A05."""
    train_file(audited).write_bytes(b"\xef\xbb\xbf" + train_file(audited).read_bytes().replace(b"\n", b"\r\n"))
    before = results(audited)

    assert audited.run(*AUDIT).code == DONE

    assert results(audited) == before


def results(place: Place) -> dict[str, Any]:
    """The report on the data, apart from where it comes from."""
    report: dict[str, Any] = json.loads((place.root / REPORT).read_text(encoding="utf-8"))
    del report["provenance"], report["train"]["file"]["sha256"]
    return report


@pytest.mark.slow
def test_five_thousand_categories_are_evaluated(place: Place) -> None:
    """C13."""
    rows = records(10_000, "m")
    for i, row in enumerate(rows):
        row["category"] = f"category {i // 2}"
    write_jsonl(train_file(place), rows)

    ended = place.run(*AUDIT)

    assert (ended.code, ended.err) == (DONE, "")
    assert len(ended.out) < 100_000


def test_one_side_that_tells_the_label_is_a_warning_and_a_row(audited: Place) -> None:
    """D11."""
    ended = audited.run(*AUDIT)

    assert ended.code == DONE
    assert "text 2 only" in ended.out
    assert findings(audited)["eval: label predicted from text 2 only"].startswith("AUC 1.000")


# --- paths ----------------------------------------------------------------------------------------------


def test_a_link_in_the_place_of_a_result_is_replaced_and_not_followed(audited: Place) -> None:
    """E07, E09."""
    outside, nowhere = (audited.root.parent / name for name in ("outside", "nowhere"))
    outside.write_text("mine")
    linked(REPORT, str(outside))(audited)
    linked(SUMMARY, str(nowhere))(audited)

    assert audited.run(*AUDIT).code == DONE

    assert outside.read_text() == "mine"
    assert not nowhere.exists()
    assert not any((audited.root / name).is_symlink() for name in (REPORT, SUMMARY))
    assert json.loads((audited.root / REPORT).read_text())["schema_version"] == 1


def test_the_mode_of_an_old_file_is_kept_and_a_new_one_follows_the_umask(audited: Place) -> None:
    """E19."""
    (audited.root / REPORT).chmod(0o640)
    (audited.root / SUMMARY).unlink()

    assert audited.run(*AUDIT, before=lambda: void(os.umask(0o077))).code == DONE

    modes = {path.name: path.stat().st_mode & 0o777 for path in (audited.root / "data/evaluation").iterdir()}
    assert modes == {"data_quality_report.json": 0o640, "data_quality_summary.txt": 0o600}


@pytest.mark.parametrize("name", [f"odd\n{ESCAPE}", os.fsdecode(b"odd\xe9")])
def test_the_status_shows_a_path_that_a_terminal_would_obey_escaped(finished: Place, name: str) -> None:
    """E11."""
    ended = finished.run("--data-dir", name, "status")

    assert (ended.code, ended.err) == (DONE, "")
    assert "no such file" in ended.out.replace("\n", " ")
    assert all(line.isprintable() for line in ended.out.splitlines())
    assert "odd\\" in ended.out.replace("\n", "")


# --- what another program reads -------------------------------------------------------------------------


def test_the_scores_of_a_file_are_json_whatever_is_said_beside_them(finished: Place) -> None:
    """G11: the bars of progress go to stderr."""
    given = write_jsonl(finished.root.parent / "given.jsonl", records(3, "s"))

    ended = finished.run("-v", "score", "--input", given)

    assert ended.code == DONE, ended.err
    scores = [json.loads(line) for line in ended.out.splitlines()]
    assert [score["text_1"] for score in scores] == [row["text_1"] for row in records(3, "s")]


# --- few pairs ------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("n", [1, 2, 3, 15])
def test_few_eval_pairs_are_evaluated_with_what_they_allow(place: Place, n: int) -> None:
    """D13."""
    write_jsonl(eval_file(place), records(n, "few"))

    ended = place.run("baseline")

    assert (ended.code, ended.err) == (DONE, "")
    metrics = json.loads((place.root / "eval/baseline_metrics.json").read_text())
    assert metrics["eval_data"]["n"] == n
    assert metrics["projection"] is not None or metrics["clusters"]["reason"]
