from __future__ import annotations

import gzip
import hashlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from src.core.errors import DataFileError, PipelineError
from src.data.formats import jsonl
from src.data.formats.faults import quote
from src.data_loader import load_pairs, load_texts
from tests.support.data_files import record, records, write_jsonl

if TYPE_CHECKING:
    from collections.abc import Callable


def write(path: Path, *lines: bytes | str) -> Path:
    path.write_bytes(b"\n".join(line if isinstance(line, bytes) else line.encode() for line in lines) + b"\n")
    return path


def line(**changes: object) -> str:
    return json.dumps(record(**changes), ensure_ascii=False)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "pairs.jsonl"


def test_reads_every_column_in_order_and_hashes_the_bytes(file: Path) -> None:
    rows = records(5, "x")
    write_jsonl(file, rows)

    pairs = load_pairs(file)

    assert [pairs[i].model_dump() for i in range(len(pairs))] == rows
    assert pairs.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()


def test_a_byte_order_mark_and_blank_lines_change_nothing(file: Path) -> None:
    write(file, b"\xef\xbb\xbf" + line().encode(), "", line(text_1="girl: two"))

    pairs = load_pairs(file)

    assert pairs.text_1 == ["boy: I like tea", "girl: two"]
    assert pairs.lines.tolist() == [1, 3]


def test_windows_line_ends_are_read(file: Path) -> None:
    file.write_bytes(f"{line()}\r\n{line()}\r\n".encode())

    assert len(load_pairs(file)) == 2


@pytest.mark.parametrize("text", ["boy: 今日は", "girl: שלום", "boy: 🎉", "girl: cafe\u0301", "boy: a\u2028b"])
def test_text_of_any_script_is_kept_as_it_is(file: Path, text: str) -> None:
    write(file, line(text_1=text))

    assert load_pairs(file).text_1 == [text]


def test_an_unknown_pair_type_is_kept_with_one_warning(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    write(file, line(pair_type="odd"), line(pair_type="odd"))

    assert load_pairs(file).pair_type == ["odd", "odd"]
    assert [message for message in caplog.messages if "odd" in message] == [
        f"{file}: pair_type odd is not one of the known types; kept"
    ]


def test_of_very_many_unknown_pair_types_a_few_are_named_and_the_rest_counted(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write(file, *(line(pair_type=f"odd {i:04}") for i in range(5000)))

    load_pairs(file)

    assert len(caplog.messages) == 6
    assert caplog.messages[-1] == f"{file}: 4995 more of another pair_type; kept"


@pytest.mark.parametrize(
    ("bad", "where", "what"),
    [
        ('{"text_1": "boy: a"}', ":2:", "'category', 'label', 'pair_type', 'subcategory', 'text_2' missing"),
        (line().replace("text_1", "text1"), ":2:", "'text1' should be 'text_1'?"),
        (line(extra=1), ":2:", "unknown field 'extra'"),
        (line(label="1"), ":2:", 'label is "1"; the integer 0 or 1 is expected'),
        (line(label=1.0), ":2:", "label is 1.0"),
        (line(label=True), ":2:", "label is true"),
        (line(label=2), ":2:", "label is 2"),
        (line(label=None), ":2:", "label is null"),
        (line(text_1=""), ":2:", "must start with 'boy:' or 'girl:'"),
        (line(text_1="girl:   \u200b "), ":2:", "words are expected after the speaker"),
        (line(text_2="man: hello"), ":2:", "must start with"),
        (line(text_2=7), ":2:", "text_2 is 7; non-empty text is expected"),
        (line(category=""), ":2:", 'category is ""'),
        (line()[:40], ":2:", "truncated?"),
        (line() + line(), f":2:{len(line()) + 1}:", "extra data"),
        ("{'text_1': 'boy: a'}", ":2:2:", "double quotes"),
        (line().replace('"label": 1', '"label": 0, "label": 1'), ":2:", "'label' stands twice"),
        (line().replace('"label": 1', f'"label": {"9" * 5000}'), ":2:", "too many digits"),
        (line().replace("tea is", "tea\tis").replace("\\t", "\t"), ":2:", "not JSON"),
        ("[1, 2]", ":2:", "a JSON object is expected"),
        ('"text"', ":2:", "a JSON object is expected"),
        ("[" * 100_000, ":2:", "nested too deeply"),
        (line(text_1="boy: \ud800").encode("utf-8", "surrogatepass"), ":2:", "not UTF-8 at byte"),
        (line().encode().replace(b"tea", b"caf\xe9"), ":2:", "not UTF-8 at byte"),
        (line().replace("tea", "t\x00a"), ":2:", "NUL"),
        (json.dumps(record(text_1="boy: a\ud800")), ":2:", "half of a surrogate pair"),
    ],
)
def test_a_faulty_line_is_refused_with_file_line_and_reason(
    file: Path, bad: str | bytes, where: str, what: str
) -> None:
    write(file, line(), bad)

    with pytest.raises(DataFileError) as caught:
        load_pairs(file)

    message = str(caught.value)
    assert message.startswith(f"{file}{where}")
    assert what in message
    assert "\n" not in message


def test_all_faults_are_counted_and_the_first_twenty_are_shown(file: Path) -> None:
    write(file, *[line(label=9) if i % 2 else line() for i in range(60)])

    with pytest.raises(DataFileError) as caught:
        load_pairs(file)

    lines = str(caught.value).splitlines()
    assert len(lines) == 21
    assert lines[0].startswith(f"{file}:2:")
    assert lines[-1] == "10 more; 30 faulty lines in all"


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "no records"),
        (b"\n\n  \n", "no records"),
        (b"[" + line().encode() + b"]", "JSON array"),
        (gzip.compress(line().encode()), "gzip"),
        (b"<!doctype html><html></html>", "HTML"),
        (line().encode("utf-16"), "UTF-16"),
        (line().encode() + b"\r" + line().encode() + b"\r", "carriage return"),
        (b'{"text_1": "' + b"a" * (2 << 20), "line longer than"),
    ],
)
def test_a_file_that_is_no_json_lines_is_named_for_what_it_is(file: Path, content: bytes, what: str) -> None:
    file.write_bytes(content)

    with pytest.raises(DataFileError, match=what):
        load_pairs(file)


def test_a_missing_file_is_named_with_the_option_that_says_where_it_lies(file: Path) -> None:
    with pytest.raises(DataFileError, match="no such file; --data-dir"):
        load_pairs(file)


def test_quoted_data_is_cut_at_80_characters_and_cannot_reach_the_terminal() -> None:
    assert quote("a\x1b[31m\nb") == "a\\x1b[31m\\nb"
    assert len(quote("x" * 1000)) == 80


def test_texts_alone_are_enough_where_no_label_is_needed(file: Path) -> None:
    write(file, '{"text_1": "boy: a", "text_2": "girl: b"}', line())

    assert load_texts(file) == [("boy: a", "girl: b"), ("boy: I like tea", "girl: tea is fine")]


def test_texts_are_checked_where_no_label_is_needed(file: Path) -> None:
    write(file, '{"text_1": "boy: a", "text_2": 3}', '{"text_1": "boy: a"}')

    with pytest.raises(DataFileError, match=r":1: text_2 is 3; text is expected\n.*:2: 'text_2' missing"):
        load_texts(file)


def test_a_file_that_changes_while_it_is_read_is_told(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(file, line(), line())
    parse = jsonl._parse

    def grow_and_parse(raw: bytes) -> dict[str, object]:
        with file.open("ab") as opened:
            opened.write(b" ")
        return parse(raw)

    monkeypatch.setattr(jsonl, "_parse", grow_and_parse)

    with pytest.raises(PipelineError, match="changed while it was read; try again"):
        load_pairs(file)


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo])
def test_what_is_no_regular_file_is_refused_and_not_waited_for(file: Path, make: Callable[[Path], None]) -> None:
    make(file)

    with pytest.raises(DataFileError, match="no regular file; JSON Lines in a file are expected"):
        load_pairs(file)
