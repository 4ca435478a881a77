"""Bad input and faults, and what has to come of each: a table.

Letters: A bytes of the data file, B its JSON, C its fields, D the data as a set, E paths, F artifacts read back,
G options, H faults, I display. J, the formats of labelled pairs, stands in `bad_formats.py`.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import pickle
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from src.core.paths import ProjectPaths
from src.workflow.stage import read_record, write_record
from tests.support.data_files import record, records, write_jsonl
from tests.support.real_command import DONE, QUICK, Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Prepare = Callable[[Place], None]

AUDIT = ("evaluate-data",)
PAIR = ("boy: i love tea", "girl: no tea for me")
TRAIN = ("train", "--mode", "standard", *QUICK)
LORA = ("train", "--mode", "lora")
SCORE = ("score", *PAIR)
EVALUATE = ("evaluate", "--name", "standard")
ESCAPE = "\x1b[31m"


class Case(NamedTuple):
    """One command line in one situation, and what has to come of it."""

    name: str
    code: int
    message: str  # pattern of stderr, which is one line unless `lines` says otherwise
    prepare: Prepare
    command: tuple[str | Path, ...] = AUDIT
    finished: bool = False  # in the root of a finished run instead of one where only the data was evaluated
    lines: int = 1
    loads: bool = False  # the fault is only found with a model at hand
    environment: tuple[tuple[str, str], ...] = ()


# --- making things bad ----------------------------------------------------------------------------------


def nothing(_: Place) -> None:
    """The command line is what is wrong."""


def train_file(place: Place) -> Path:
    return place.data / "dating_pairs.jsonl"


def eval_file(place: Place) -> Path:
    return place.data / "eval_pairs.jsonl"


def line(**changes: object) -> str:
    return json.dumps(record(**changes))


def put(*rows: str | bytes, good: int = 6) -> Prepare:
    """Write the train file anew: some good lines, then these."""

    def prepare(place: Place) -> None:
        lines = [json.dumps(row) for row in records(good, "g")] + list(rows)
        train_file(place).write_bytes(b"\n".join(row if isinstance(row, bytes) else row.encode() for row in lines))

    return prepare


def raw(content: bytes) -> Prepare:
    """Write the train file anew, byte for byte."""
    return lambda place: void(train_file(place).write_bytes(content))


def void(_: object) -> None:
    """Drop a result."""


def recoded(old: bytes, new: bytes) -> Prepare:
    return lambda place: void(train_file(place).write_bytes(train_file(place).read_bytes().replace(old, new)))


def eval_from_train(change: Callable[[bytes], bytes]) -> Prepare:
    return lambda place: void(eval_file(place).write_bytes(change(train_file(place).read_bytes())))


def keys(*more: str, n: int = 90_000) -> str:
    """One line of very many keys."""
    return "{" + ",".join((*(f'"{i}":1' for i in range(n)), *more)) + "}"


def one_huge_line(place: Place) -> None:
    with train_file(place).open("wb") as file:
        file.write(b'{"text_1": "')
        file.truncate(200_000_000)


def replaced_by(make: Callable[[Path], None]) -> Prepare:
    def prepare(place: Place) -> None:
        train_file(place).unlink()
        make(train_file(place))

    return prepare


def many_faults(place: Place) -> None:
    rows = records(10_000, "m")
    for i in range(0, 10_000, 334):
        rows[i] = record(label=7)
    write_jsonl(train_file(place), rows)


def harm(name: str, change: Callable[[bytes], bytes], *stages: str) -> Prepare:
    """Change a file of the finished run; records of the stages named believe that it was always so."""

    def prepare(place: Place) -> None:
        file = place.root / name
        file.write_bytes(change(file.read_bytes()))
        believe(place, *stages)

    return prepare


def believe(place: Place, *stages: str) -> None:
    paths = ProjectPaths(place.root, place.data)
    for stage in stages:
        known = read_record(paths, stage)
        files = [place.root / output.path for output in known.provenance.outputs]
        write_record(paths, stage, known.inputs, files, 0.0)


def again(prepare: Prepare, *stages: str) -> Prepare:
    """After `prepare`, some stages count as not run."""

    def both(place: Place) -> None:
        prepare(place)
        for stage in stages:
            (place.root / ".pipeline" / f"{stage}.json").unlink()

    return both


def array(change: Callable[[np.ndarray], np.ndarray]) -> Callable[[bytes], bytes]:
    """Change the embeddings in a `.npy` file's bytes; the header fits what is in it."""

    def changed(content: bytes) -> bytes:
        return npy(change(np.frombuffer(content[128:], np.float32).reshape(-1, 2, 32).copy()))

    return changed


def all_splits(artifact: str, change: Callable[[np.ndarray], np.ndarray]) -> Prepare:
    """Change a model's embeddings of every split; the records of its evaluation believe that they were always so."""

    def prepare(place: Place) -> None:
        for split in ("train", "eval", "challenge"):
            harm(f"data/embeddings/{artifact}_{split}.npy", array(change))(place)
        believe(place, f"evaluate-{artifact}")

    return prepare


def npy(values: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, values, allow_pickle=True)
    return buffer.getvalue()


class Payload:
    """Makes the folder `canary` in the working folder when it is unpickled."""

    def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
        return os.mkdir, ("canary",)


def json_with(**changes: object) -> Callable[[bytes], bytes]:
    return lambda content: json.dumps(json.loads(content) | changes).encode()


def linked(name: str, target: str = "/etc/hostname") -> Prepare:
    def prepare(place: Place) -> None:
        path = place.root / name
        path.unlink(missing_ok=True)
        path.symlink_to(target)

    return prepare


def folder_linked(name: str) -> Prepare:
    """A folder of results leads out of the root, to where a stranger keeps his things."""

    def prepare(place: Place) -> None:
        outside = place.root.parent / "outside"
        shutil.rmtree(place.root / name, ignore_errors=True)
        (outside / "mine").mkdir(parents=True)
        (place.root / name).parent.mkdir(parents=True, exist_ok=True)
        (place.root / name).symlink_to(outside)

    return prepare


def bad_base(change: Callable[[Path], None]) -> Prepare:
    def prepare(place: Place) -> None:
        folder = shutil.copytree(place.base, place.root.parent / "base")
        change(folder)

    return prepare


def own_code(folder: Path) -> None:
    file = folder / "config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"auto_map": {"AutoModel": "evil.Model"}}))
    (folder / "evil.py").write_text("raise SystemExit('it ran')")


def longer_texts(folder: Path) -> None:
    file = folder / "sentence_bert_config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"max_seq_length": 64}))


def trained_again(*recipe: str) -> Prepare:
    """A training of a finished run was made anew with another recipe, and nothing after it."""

    def prepare(place: Place) -> None:
        assert place.run("train", *recipe).code == DONE

    return prepare


def not_a_number(folder: Path) -> None:
    from safetensors.numpy import load_file, save_file

    weights = load_file(folder / "model.safetensors")
    save_file({key: value * np.nan for key, value in weights.items()}, folder / "model.safetensors", {"format": "pt"})


def report_is_a_folder(place: Place) -> None:
    report = place.root / "data" / "evaluation" / "data_quality_report.json"
    report.unlink()
    report.mkdir()


def folder_as_lock(place: Place) -> None:
    """A folder where the lock's file was."""
    lock = place.root / ".pipeline" / "lock"
    lock.unlink(missing_ok=True)
    lock.mkdir()


def forget_everything(place: Place) -> None:
    shutil.rmtree(place.root)


# --- the cases ------------------------------------------------------------------------------------------

TRAIN_LINE = r"dating_pairs\.jsonl:7:"
BASE = ("--base-model", "base")
METRICS, EMBEDDINGS = "eval/lora_metrics.json", "data/embeddings/baseline_eval.npy"
WEIGHTS = "training/model/standard_model/model.safetensors"
LORA_WEIGHTS = "training/model/lora_model/adapter_model.safetensors"


def cases() -> Iterable[Case]:
    yield from (
        Case(
            "A01 no file", 2, r"dating_pairs\.jsonl: no such file; --data-dir names", lambda p: train_file(p).unlink()
        ),
        Case("A01 no folder", 2, r"no such file; --data-dir names", nothing, ("--data-dir", "nowhere", *AUDIT)),
        Case(
            "A01 no file to score",
            2,
            r"nope\.jsonl: no such file; --input names",
            nothing,
            ("score", "--input", "nope.jsonl"),
        ),
        Case("A02 a folder", 2, "no regular file", replaced_by(Path.mkdir)),
        Case("A02 a pipe", 2, "no regular file", replaced_by(os.mkfifo)),
        Case("A02 not readable", 2, "no such file", replaced_by(lambda path: path.symlink_to("nowhere"))),
        Case(
            "A02 challenge pairs that lead nowhere",
            2,
            r"challenge_pairs\.jsonl: no such file",
            lambda p: (
                (p.data / "challenge_pairs.jsonl").unlink(),
                (p.data / "challenge_pairs.jsonl").symlink_to("no"),
            ),
        ),
        Case("A03 zero bytes", 2, "no records", raw(b"")),
        Case("A03 blank lines", 2, "no records", raw(b"\n \n\r\n")),
        Case(
            "A07 Latin-1", 2, TRAIN_LINE + r" not UTF-8 at byte \d+", put(line().encode().replace(b"tea", b"caf\xe9"))
        ),
        Case("A08 UTF-16", 2, "UTF-16; convert it", raw(line().encode("utf-16"))),
        Case("A09 bare carriage returns", 2, "bare carriage return", recoded(b"\n", b"\r")),
        Case("A11 cut line", 2, TRAIN_LINE + r"\d+: .*truncated\?", put(line()[:50])),
        Case("A13 NUL", 2, TRAIN_LINE + " holds a NUL byte", put(line().replace("tea", "t\0a"))),
        Case("A15 one line of 200 MB", 2, r"jsonl:1: line longer than \d+ bytes", one_huge_line),
        Case("A17 gzip", 2, "gzip data; decompress it first", raw(gzip.compress(line().encode()))),
        Case("A18 zip", 2, "zip archive; unpack", raw(b"PK\x03\x04" + b"x" * 40)),
        Case("A19 HTML", 2, "looks like HTML", raw(b"<!DOCTYPE html><html><body>Log in</body></html>")),
        Case("B01 JSON array", 2, "this is a JSON array", raw(f"[{line()},\n{line()}]".encode())),
        Case("B03 single quotes", 2, TRAIN_LINE + r"\d+: .*double quotes", put(str(record()))),
        Case("B05 two objects", 2, TRAIN_LINE + r"\d+: extra data", put(line() + line())),
        Case("B07 key twice", 2, TRAIN_LINE + " .*'label' stands twice", put(line()[:-1] + ', "label": 0}')),
        Case("B07 key twice among many", 2, TRAIN_LINE + " .*'89999' stands twice", put(keys('"89999":1'))),
        Case("C01 many keys", 2, TRAIN_LINE + " 'category', .* missing", put(keys())),
        Case("B09 5,000 digits", 2, TRAIN_LINE + " .*too many digits", put(line().replace("1,", "1" * 5000 + ","))),
        Case("B10 NaN", 2, TRAIN_LINE + " label is NaN", put(line().replace('"label": 1', '"label": NaN'))),
        Case("B11 raw tab", 2, TRAIN_LINE + r"\d+: not JSON", put(line().replace("tea", "t\ta"))),
        Case("B12 deep nesting", 2, TRAIN_LINE + " nested too deeply", put("[" * 100_000)),
        Case("B13 30 faults", 2, r"\n10 more; 30 faulty lines in all$", many_faults, lines=21),
        Case(
            "C01 near name",
            2,
            TRAIN_LINE + " 'text_1' missing; 'text1' should be",
            put(line().replace("text_1", "text1")),
        ),
        Case("C01 no label", 2, TRAIN_LINE + " 'label' missing", put(line().replace('"label": 1, ', ""))),
        *(
            Case(f"{name} label {value!r}", 2, TRAIN_LINE + " label is .*; the integer 0 or 1", put(line(label=value)))
            for name, values in (("C03", ("1", True, [1], {})), ("C05", (1.0, 0.0)), ("C07", (2, -1, None)))
            for value in values
        ),
        *(
            Case(f"C09 text {text!r}", 2, TRAIN_LINE + " text_1 is", put(line(text_1=text)))
            for text in ("", "  ", "boy:", "girl: \u200b\u200d ", "boy: \u2060", 7)
        ),
        Case("C11 no prefix", 2, TRAIN_LINE + " text_2 is 'tea'; it must start with", put(line(text_2="tea"))),
        Case("C11 cut in the message", 2, r"'x{79}…'; it must start", put(line(text_1="x" * 5000))),
        Case("C11 escaped in the message", 2, r"\\x1b\[31m", put(line(text_1=f"{ESCAPE}red"))),
        Case(
            "D01 one record",
            2,
            r"1 pairs with label 1 and 0 with label 0; training needs at least 2",
            raw(line().encode()),
        ),
        *(
            Case(f"D07 eval is train{how}: {command[0]}", 2, "100 % of the eval pairs are in train", copy, command)
            for command in (AUDIT, ("baseline",), TRAIN)
            for how, copy in (
                ("", eval_from_train(lambda content: content)),
                (" shuffled", eval_from_train(lambda content: b"".join(sorted(content.splitlines(keepends=True))))),
                (" with CRLF", eval_from_train(lambda content: content.replace(b"\n", b"\r\n"))),
                (" in part", eval_from_train(lambda content: b"".join(content.splitlines(keepends=True)[:9]))),
            )
        ),
        Case(
            "D15 another eval set",
            2,
            "stale, changed since: eval; run",
            lambda p: void(write_jsonl(eval_file(p), records(20, "n"))),
            ("compare",),
            finished=True,
        ),
        Case(
            "D03 eval of one label",
            2,
            r"all 8 pairs have the label 1; Spearman",
            lambda p: void(write_jsonl(eval_file(p), [record(text_1=f"boy: {i}") for i in range(8)])),
            TRAIN,
        ),
    )
    yield from (
        Case("E01 root is a file", 2, "is a file", nothing, ("--root", "data/eval_pairs.jsonl", *AUDIT), lines=4),
        Case(
            "E01 data folder is a file",
            2,
            "is a file",
            nothing,
            ("--data-dir", "data/eval_pairs.jsonl", *AUDIT),
            lines=4,
        ),
        Case(
            "E02 root below a file",
            1,
            "cannot be written: Not a directory",
            nothing,
            ("--root", "data/eval_pairs.jsonl/x", *AUDIT),
        ),
        Case("E05 root is the data folder", 2, "results are written there", nothing, ("--root", "data", *AUDIT)),
        Case(
            "E05 data among results",
            2,
            "results are written there",
            lambda p: void(shutil.copytree(p.data, p.root / "eval")),
            ("--data-dir", "root/eval", *AUDIT),
        ),
        *(
            Case(
                f"E08 {name} leads elsewhere: {command[0]}",
                1,
                f"{name}: no folder, or a link",
                folder_linked(name),
                command,
            )
            for name, command in (
                ("eval", ("baseline",)),
                ("training", TRAIN),
                ("training/model", TRAIN),
                (".pipeline", AUDIT),
                ("eval", ("status",)),
                ("training", SCORE),
            )
        ),
        Case(
            "E10 a folder in the way",
            1,
            "a folder is in the way of a file",
            again(report_is_a_folder, "evaluate-data"),
        ),
        Case(
            "E11 newline and escape in a name",
            2,
            r"odd\\n\\x1b\[31m/dating_pairs\.jsonl: no such file",
            nothing,
            ("--data-dir", f"odd\n{ESCAPE}", *AUDIT),
        ),
        Case(
            "E11 not UTF-8 in a name",
            2,
            r"odd\\udce9/dating_pairs\.jsonl: no such file",
            nothing,
            ("--data-dir", os.fsdecode(b"odd\xe9"), *AUDIT),
        ),
        Case("E11 escape in an option", 2, r"\\x1b", nothing, ("--device", ESCAPE, *AUDIT), lines=4),
        Case(
            "E13 link in a model folder",
            1,
            "is a link; run",
            linked("training/model/lora_model/README.md"),
            ("evaluate", "--name", "lora"),
            finished=True,
        ),
        *(
            Case(f"E17 {command[0]} {name!r}", 2, "is no name; |--name is .*; lower-case letters", nothing, command)
            for command, name in (
                *(((*TRAIN, "--name", name), name) for name in ("../x", "Run1", "a/b", "x\n", ESCAPE, "a" * 41)),
                ((*SCORE, "--model", "../x"), "../x"),
                (("evaluate", "--name", ESCAPE), ESCAPE),
            )
        ),
    )
    yield from (
        Case(
            "F01 embeddings cut in half",
            1,
            r"has \d+ bytes instead of \d+; run `.* baseline`",
            harm(EMBEDDINGS, lambda c: c[: len(c) // 2]),
            ("compare",),
            finished=True,
        ),
        Case(
            "F01 cut, believed",
            1,
            r"damaged, \d+ bytes of data instead of \d+; run",
            again(harm(EMBEDDINGS, lambda c: c[:-8], "baseline"), "compare"),
            ("compare",),
            finished=True,
        ),
        Case(
            "F03 bytes too many",
            1,
            r"bytes of data instead of \d+",
            again(harm(EMBEDDINGS, lambda c: c + b"x", "baseline"), "compare"),
            ("compare",),
            finished=True,
        ),
        Case(
            "F05 a pickle",
            1,
            r"values of type '\|O', '<f4' expected",
            again(harm(EMBEDDINGS, lambda _: npy(np.array([Payload()], dtype=object)), "baseline"), "compare"),
            ("compare",),
            finished=True,
        ),
        Case(
            "F05 nothing but a pickle",
            1,
            "no array of this pipeline",
            again(harm(EMBEDDINGS, lambda _: pickle.dumps(Payload()), "baseline"), "compare"),
            ("compare",),
            finished=True,
        ),
        Case(
            "F07 other rows",
            1,
            r"shape \(23, 2, 32\), expected \(24, 2, 32\)",
            again(harm(EMBEDDINGS, array(lambda a: a[1:]), "baseline"), "compare"),
            ("compare",),
            finished=True,
        ),
        Case(
            "F07 other dimensions",
            1,
            r"baseline_eval\.npy: shape \(24, 2, 16\), expected \(24, 2, 32\); run",
            again(harm(EMBEDDINGS, array(lambda a: a[:, :, :16]), "baseline"), "compare"),
            ("compare",),
            finished=True,
        ),
        Case(
            "F07 other dimensions than the base model's",
            1,
            r"lora_train\.npy: shape \(48, 2, 16\), expected \(48, 2, 32\); run `",
            again(all_splits("lora", lambda a: a[:, :, :16]), "compare"),
            ("compare",),
            finished=True,
        ),
        Case(
            "F08 other type",
            1,
            "values of type '<f8'",
            again(harm(EMBEDDINGS, array(lambda a: a.astype(np.float64)), "baseline"), "compare"),
            ("compare",),
            finished=True,
        ),
        Case(
            "F09 a zero vector",
            1,
            "zero vector",
            again(harm(EMBEDDINGS, array(lambda a: a * 0), "baseline"), "compare"),
            ("compare",),
            finished=True,
        ),
        *(
            Case(
                f"F11 metrics {name}",
                1,
                r"lora_metrics\.json: damaged or of another version \(.*\); run",
                harm(METRICS, change, "evaluate-lora"),
                ("compare",),
                finished=True,
            )
            for name, change in (
                ("cut", lambda c: c[:-9]),
                ("empty", lambda _: b""),
                ("a list", lambda _: b"[]"),
                ("with NaN", lambda c: c.replace(b'"schema_version": 1', b'"schema_version": NaN')),
                ("with a byte-order mark", lambda c: b"\xef\xbb\xbf" + c),
                ("with a key twice", lambda c: b'{"model": "x",' + c.lstrip()[1:]),
                ("of wrong types", json_with(n_clusters="3")),
                ("with a strange field", json_with(**{f"{ESCAPE}": 1})),
                ("of another version", json_with(schema_version=2)),
            )
        ),
        Case(
            "F13 metrics edited",
            1,
            r"lora_metrics\.json was changed since it was written; run",
            harm(METRICS, lambda c: c.replace(b"0.", b"1.", 1)),
            ("compare",),
            finished=True,
        ),
        Case(
            "F15 another seed", 2, "stale, changed since: seed; run", nothing, ("--seed", "7", "compare"), finished=True
        ),
        Case(
            "F15 another base model",
            2,
            "stale, changed since: base; run",
            bad_base(
                lambda f: void(
                    (f / "1_Pooling" / "config.json").write_text(
                        (f / "1_Pooling" / "config.json").read_text().replace('"mean"', '"cls"')
                    )
                )
            ),
            (*BASE, "compare"),
            finished=True,
        ),
        Case(
            "F15 longer texts for the base model",
            2,
            "stale, changed since: base; run",
            bad_base(longer_texts),
            (*BASE, "compare"),
            finished=True,
        ),
        *(
            Case(
                f"F15 trained again with {' '.join(changes)}",
                2,
                f"evaluate-{mode} is stale, changed since: selection, weights; run `.* evaluate --name {mode}` first",
                trained_again("--mode", mode, *QUICK, *changes),
                ("compare",),
                finished=True,
            )
            for mode, changes in (("standard", ("--learning-rate", "5e-3")), ("lora", ("--rank", "4")))
        ),
        *(
            Case(
                f"F19 {name}", 1, r"safetensors (has|was changed).*; run `", harm(file, change), command, finished=True
            )
            for name, file, command, change in (
                ("cut", WEIGHTS, EVALUATE, lambda c: c[:-1]),
                ("no bytes", WEIGHTS, EVALUATE, lambda _: b""),
                ("a pickle", LORA_WEIGHTS, (*SCORE, "--model", "lora"), lambda _: pickle.dumps(Payload())),
                ("one byte changed", WEIGHTS, SCORE, lambda c: c[:-1] + bytes([c[-1] ^ 1])),
            )
        ),
        Case(
            "F20 base model without weights",
            2,
            "no model.safetensors; a sentence-transformers folder",
            bad_base(lambda f: (f / "model.safetensors").unlink()),
            (*BASE, "baseline"),
        ),
        Case(
            "F20 no base model",
            2,
            "no such folder; a name from the Hub needs --allow-download",
            nothing,
            ("--base-model", "some/name", "baseline"),
        ),
        Case("F20 base model of NaN", 2, "not finite", bad_base(not_a_number), (*BASE, *TRAIN)),
        Case(
            "F21 code of its own",
            2,
            "asks for code of its own, which is never run",
            bad_base(own_code),
            (*BASE, "baseline"),
        ),
        Case(
            "F23 no tokenizer",
            1,
            r"tokenizer\.json is gone; run",
            lambda p: (p.root / "training/model/standard_model/tokenizer.json").unlink(),
            EVALUATE,
            finished=True,
        ),
        Case(
            "F23 base without tokenizer",
            2,
            "no tokenizer",
            bad_base(lambda f: (f / "tokenizer.json").unlink()),
            (*BASE, "baseline"),
        ),
        Case(
            "F23 base with a cut tokenizer",
            2,
            r"tokenizer\.json: damaged",
            bad_base(lambda f: void((f / "tokenizer.json").write_text("{"))),
            (*BASE, "baseline"),
        ),
        Case(
            "F11 a huge record",
            1,
            r"baseline\.json: cannot be read: it has 600000000 bytes, .*; run `",
            lambda p: os.truncate(p.root / ".pipeline/baseline.json", 600_000_000),
            ("compare",),
            finished=True,
        ),
        Case(
            "F21 a huge file in a base folder",
            2,
            r"extra\.json: damaged: it has 600000000 bytes, .*; use a complete model",
            bad_base(lambda f: ((f / "extra.json").touch(), os.truncate(f / "extra.json", 600_000_000))),
            (*BASE, "baseline"),
        ),
        Case(
            "F21 a pipe in a base folder",
            2,
            r"extra\.json: damaged: it is no regular file; use a complete model",
            bad_base(lambda f: os.mkfifo(f / "extra.json")),
            (*BASE, "baseline"),
        ),
        Case(
            "F24 record of nonsense",
            1,
            "damaged or of another version",
            lambda p: void((p.root / ".pipeline/baseline.json").write_text('{"stage": "baseline"')),
            ("compare",),
            finished=True,
        ),
        Case(
            "F24 record that leads out",
            1,
            "leads out of its folder",
            lambda p: void(
                (p.root / ".pipeline/baseline.json").write_text(
                    (p.root / ".pipeline/baseline.json")
                    .read_text()
                    .replace("eval/baseline_metrics", "../baseline_metrics")
                )
            ),
            ("compare",),
            finished=True,
        ),
        *(
            Case(
                f"F27 {' '.join(command)} too early",
                2,
                f"; run `python -m src.cli {missing}` first",
                forget_everything,
                command,
            )
            for command, missing in (
                (
                    ("compare",),
                    "baseline` first; nothing was trained yet; run `python -m src.cli train --mode standard",
                ),
                (("evaluate",), "train --mode standard"),
                (SCORE, "train --mode standard"),
                ((*SCORE, "--model", "baseline"), "baseline"),
            )
        ),
    )
    yield from (
        Case("G01 unknown option", 2, "Did you mean|No such option", nothing, ("--rot", "x", *AUDIT), lines=4),
        Case("G01 unknown command", 2, "No such command 'evaluate-dat'", nothing, ("evaluate-dat",), lines=4),
        Case("G01 unknown mode", 2, "is not one of", nothing, ("train", "--mode", "qlora"), lines=4),
        Case(
            "G02 out of range",
            2,
            "--epochs is 0; it should be greater",
            nothing,
            (*LORA, "--epochs", "0"),
        ),
        Case(
            "G02 not a number",
            2,
            "is not a valid float",
            nothing,
            (*LORA, "--dropout", "x"),
            lines=4,
        ),
        Case("G02 NaN", 2, "nan is not a finite number", nothing, (*LORA, "--learning-rate", "nan"), lines=4),
        Case(
            "G02 a rate that would diverge",
            2,
            "--learning-rate is 1000.0; it should be less than or equal to 1",
            nothing,
            ("train", "--mode", "standard", "--learning-rate", "1e3"),
        ),
        Case(
            "G02 of the other mode",
            2,
            "--rank belongs to --mode lora",
            nothing,
            ("train", "--mode", "standard", "--rank", "4"),
        ),
        Case("G02 both", 2, "not both", nothing, ("score", *PAIR, "--input", "x.jsonl")),
        Case(
            "G07 no such device",
            2,
            "--device cuda: not on this machine; there is",
            nothing,
            ("--device", "cuda", "baseline"),
            loads=True,
            environment=(("CUDA_VISIBLE_DEVICES", ""),),
        ),
        Case("H07 lock is a link", 1, "lock: cannot be locked", linked(".pipeline/lock")),
        Case("H07 lock is a link to nowhere", 1, "lock: cannot be locked", linked(".pipeline/lock", "nowhere")),
        Case(
            "H07 lock is a folder",
            1,
            "lock: cannot be locked",
            folder_as_lock,
        ),
        Case(
            "H09 no bytes after a power cut",
            1,
            r"has 0 bytes instead of \d+; run",
            harm("eval/baseline_metrics.json", lambda _: b""),
            ("compare",),
            finished=True,
        ),
    )


CASES = {case.name: case for case in cases()}
# every number that the catalogue has is an odd one, up to these
LAST_OF_CATALOGUE = {"A": 21, "B": 13, "C": 17, "D": 17, "E": 19, "F": 29, "G": 11, "H": 15, "I": 19}
CATALOGUE = {f"{letter}{n:02}" for letter, last in LAST_OF_CATALOGUE.items() for n in range(1, last + 1, 2)}
CATALOGUE |= {f"J{n:02}" for n in range(1, 12)}
# a reason, or the test that shows it, as FILE::NAME
ELSEWHERE = {
    "D05": "tests/test_metrics.py::test_constant_scores_are_chance_and_have_no_correlation; such a model costs minutes",
    "D17": "tests/test_comparison.py::test_an_eval_file_whose_labels_are_all_flipped_asks_whether_they_are_inverted",
    "F17": "tests/test_comparison.py::test_an_adapter_that_changes_nothing_makes_the_comparison_invalid and "
    "tests/embedding/test_model_folder_checks.py::test_an_adapter_that_does_not_fit_its_own_configuration_is_refused",
    "F25": "tests/training/test_checkpoints.py::test_what_was_not_sealed_is_removed and "
    "tests/test_trainer.py::test_a_training_is_resumed_from_the_newest_complete_checkpoint_and_names_the_others",
    "F29": "there is no cache of the map: it is part of the metrics, whose inputs are hashed",
    "G03": "there is no configuration file",
    "G05": "there is no configuration file",
    "G09": "tests/test_cli.py::test_a_reader_that_has_left_is_no_error",
    "H01": "tests/system/test_crash.py::test_a_stage_killed_twenty_times_in_a_row_leaves_old_or_new_every_time",
    "H03": "tests/system/test_crash.py::test_a_training_killed_at_a_random_moment_is_resumed_to_the_same_metrics_",
    "H13": "there are no workers that could be killed",
    "H15": "tests/system/test_reproducibility.py::test_the_same_data_recipe_and_seed_give_the_same_json_apart_",
    "H a training that diverges": "tests/test_trainer.py::test_a_training_that_diverges_says_so_and_publishes_nothing; "
    "at the largest rate that an option may have, 1, gradients are cut and the tiny model stays finite",
    **dict.fromkeys(
        ("I01", "I03", "I05", "I07", "I13"),
        "tests/system/test_browser.py::test_hostile_text_is_shown_as_it_is_and_does_nothing, and all of HOSTILE",
    ),
    "I09": "data travels as JSON, in which both are letters like others (also in a browser: WORST); "
    "tests/report/test_page_data.py::test_no_text_can_end_its_script",
    "I11": "tests/report/test_page_data.py::test_long_texts_of_many_pairs_are_cut_shorter_so_that_all_fit_in_any_",
    "I15": "tests/system/test_browser.py::test_without_javascript_verdict_badges_and_tables_can_be_read",
    "I17": "tests/system/test_browser.py::test_the_page_fits_its_window_and_all_labels_of_a_chart_its_frame",
    "I19": "tests/report/test_pages.py::test_it_stays_within_its_budget",
}
