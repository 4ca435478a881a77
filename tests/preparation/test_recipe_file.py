"""What a recipe file may say, and how it is told what it may not."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
import yaml
from click.testing import CliRunner
from pydantic import ValidationError

from src.cli import main
from src.commands.recipe_keys import NOT_IN_RECIPE, recipe_sections
from src.core.errors import UserInputError
from src.models import DecisionRules, TrainConfig
from src.preparation.recipe_file import LARGEST, effective, read_recipe, recipe_model, recipe_text, values_of

SECTIONS = recipe_sections(click.Context(main))
WHOLE = """
seed: 7
select_on: validation
data:
  train_file: a.csv
  columns: {text_1: 06, text_2: q2, label: dup}
  label_map: {yes: 1, no: 0, off: drop}
  label_range: [0, 5]
  slice_by: [topic, "null"]
  no_header: true
quality: {fail_under: 60}
training: {mode: lora, learning_rate: 2e-5, rank: 4}
comparison: {must_hold: [topic=a], cost_fp: 3}
"""
VALUES = {
    "seed": 7,
    "select_on": "validation",
    "train_file": "a.csv",
    "columns": "text_1=06,text_2=q2,label=dup",
    "label_map": "yes=1,no=0,off=drop",
    "label_range": "0,5",
    "slice_by": ("topic", "null"),
    "no_header": True,
    "fail_under": 60.0,
    "mode": "lora",
    "learning_rate": 2e-5,
    "rank": 4,
    "must_hold": ("topic=a",),
    "cost_fp": 3.0,
}


def given(text: str | bytes, folder: Path, *settings: str) -> dict[str, object]:
    """The values that a recipe of this text gives."""
    file = folder / "r.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return values_of(read_recipe(file, settings, SECTIONS))


def refusal(text: str | bytes, folder: Path, *settings: str) -> str:
    with pytest.raises(UserInputError) as refused:
        given(text, folder, *settings)
    [line] = refused.value.args
    assert "\n" not in line
    return str(line)


def test_each_key_says_what_its_option_says(tmp_path: Path) -> None:
    assert given(WHOLE, tmp_path) == VALUES


def test_a_section_may_be_empty_and_null_leaves_a_key_out(tmp_path: Path) -> None:
    assert given("data:\nseed: null\ntraining: {name: ~}\n", tmp_path) == {}


def test_a_setting_wins_over_the_file_and_null_takes_a_value_back(tmp_path: Path) -> None:
    settings = ("seed=1", "seed=8", "data.slice_by=other", "data.columns={text_1: a, text_2: b}", "training.rank=null")

    found = given(WHOLE, tmp_path, *settings)

    changed = {"seed": 8, "slice_by": ("other",), "columns": "text_1=a,text_2=b"}
    assert found == {key: value for key, value in (VALUES | changed).items() if key != "rank"}


def test_a_recipe_is_frozen() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        recipe_model(SECTIONS)().seed = 3  # type: ignore[attr-defined]


def test_every_option_of_the_data_the_training_and_the_comparison_has_a_key() -> None:
    keys = {option.name for options in SECTIONS.values() for option in options}
    shared = {option.name for option in main.params} - set(NOT_IN_RECIPE)
    commands = {"evaluate-data", "train", "compare", "run"}
    own = {option.name for name in commands for option in main.commands[name].params}
    own -= {"resume", "discard", "report_to", "ray", "as_json", "dry_run"}  # they change no result

    assert shared | own <= keys
    assert set(TrainConfig.model_fields) - keys == {"weight_decay", "max_grad_norm", "lora"}
    assert set(DecisionRules.model_fields) <= keys


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("data: {lable_map: {a: 1}}", "data.lable_map: no such key; data.label_map is meant?"),
        ("label-map: {a: 1}", "label-map: no such key; data.label_map is meant?"),
        ("epochs: 3", "epochs: no such key; training.epochs is meant?"),
        ("trainings: {}", "trainings: no such key; training."),
        ("seed: 1\n? zzz\n", "zzz: no such key; there is data, quality, training, comparison, base_model, "),
        ("quality: {zzz: 1}", "quality.zzz: no such key; there is quality.fail_under; `recipe show` prints all"),
        ("root: x", "root: no such key; "),
        ("seed: yes", "seed: 'yes' is not a valid integer range."),
        ("seed: 1.5", "seed: '1.5' is not a valid integer range."),
        ("seed: [1]", "seed: one value is expected, this is a list"),
        ("seed: !!int 1", "seed: one value is expected, this is a value with a tag of YAML"),
        ("'': 1", "'': no such key; there is data, "),
        ("device: {cpu: 1}", "device: one value is expected, this is a mapping"),
        ("data: {slice_by: [null]}", "data.slice_by: one value is expected, this is null"),
        ("data: {train_file: ' '}", "data.train_file: it is empty; give a value, or leave it out"),
        ("data: 3", "data: keys of this section are expected below it, such as data.data_dir"),
        ("data: {label_kind: grades}", "data.label_kind: 'grades' is not one of "),
        ("data: {columns: {question1: text_1}}", "data.columns: 'question1' is none of text_1, text_2, "),
        ("data: {label_map: {a: b, c: 1}}", "data.label_map: 'b' is neither a number nor 'drop'"),
        ("data: {label_range: [5, 0]}", "data.label_range: two ascending numbers are expected"),
        ("data: {delimiter: ab}", "data.delimiter: one sign is expected"),
        ("data: {positive_at: .nan}", "data.positive_at: '.nan' is not a valid float."),
        ("training: {epochs: 0}", "training.epochs: Input should be greater than or equal to 1"),
        ("training: {name: ../x}", "training.name: String should match pattern"),
        ("comparison: {min_gain: 2}", "comparison.min_gain: 2.0 is not in the range 0<=x<=1."),
        ("", "this is empty; keys are expected, such as `seed: 42`; `recipe show` prints all"),
        ("# nothing\n", "this is empty; "),
        ("- seed: 1\n", "this is a list; "),
        ("seed", "this is one text; "),
    ],
)
def test_a_wrong_key_or_value_is_told_with_the_file_and_the_key(tmp_path: Path, text: str, message: str) -> None:
    assert refusal(text, tmp_path).startswith(f"{tmp_path / 'r.yaml'}: {message}")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("seed: 1\ndata: {", ":2: not YAML that a recipe may hold: "),
        ("seed: 1\nseed: 2\n", ":2: not YAML that a recipe may hold: the key 'seed' stands twice; keep one"),
        ("a: &a [x]\nb: [*a, *a]\n", ":2: not YAML that a recipe may hold: an alias; write the value out"),
        ("? [a]\n: 1\n", ":1: not YAML that a recipe may hold: a key that is no text"),
        ("seed: !!python/object:os.x 1\n", ":1: not YAML that a recipe may hold: could not determine a constructor"),
        ("seed: 1\n---\nseed: 2\n", ":2: not YAML that a recipe may hold: but found another document"),
        ("seed:\t1\n", ":1: not YAML that a recipe may hold: found character '\\t'"),
        ("seed: \x01", ": not YAML"),
        ("data: " + "[" * 3_000, ": nested too deeply; a recipe has sections and keys"),
        (b"seed: \xff", ": not UTF-8 at byte 7; save the recipe as UTF-8"),
        ("# " + "é" * LARGEST, ": more than 65,536 bytes; a recipe is shorter, is this one?"),
    ],
)
def test_what_is_no_recipe_is_told_in_one_line(tmp_path: Path, text: str | bytes, message: str) -> None:
    assert refusal(text, tmp_path).startswith(f"{tmp_path / 'r.yaml'}{message}")


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserInputError, match="no such file; `init` writes a recipe"):
        read_recipe(tmp_path / "none.yaml", (), SECTIONS)


@pytest.mark.parametrize("setting", ["seed", "=3", "a.b.c=1", ".seed=1", "data.=1"])
def test_a_setting_that_is_no_key_and_value_is_told(tmp_path: Path, setting: str) -> None:
    assert refusal("seed: 1", tmp_path, setting).startswith(f"--set {setting}: write KEY=VALUE, ")


def test_a_wrong_setting_is_told_by_itself(tmp_path: Path) -> None:
    told = refusal("seed: 1", tmp_path, "training.epochs=x")

    assert told == "--set training.epochs=x: training.epochs: 'x' is not a valid integer."


def test_what_is_shown_is_read_again_as_the_same(tmp_path: Path) -> None:
    values = effective(SECTIONS, VALUES)
    shown = recipe_text(values, {})

    again = given(shown, tmp_path)

    assert {key: again[key] for key in VALUES} == VALUES
    assert recipe_text(effective(SECTIONS, again), {}) == shown
    assert set(yaml.safe_load(shown)) == {*(option.name for option in SECTIONS[""]), *filter(None, SECTIONS)}


@pytest.mark.parametrize("text", ["null", "yes", "06", "a: b", "#x", "é\U0001f642", "a'\"b", "a\x1bb", "2e-5"])
def test_any_text_is_written_so_that_it_is_read_again(tmp_path: Path, text: str) -> None:
    shown = recipe_text({"": {"base_model": text}, "data": {"slice_by": (text, "x"), "columns": f"text_1={text}"}}, {})

    assert given(shown, tmp_path) == {"base_model": text, "slice_by": (text, "x"), "columns": f"text_1={text}"}


@pytest.mark.parametrize("text", ["", "query: ", "Instruct: judge\nQuery: ", "  x", "a'\"b\t: "])
def test_a_prompt_is_read_again_with_its_spaces_and_lines_and_an_empty_one_is_no_missing_one(
    tmp_path: Path, text: str
) -> None:
    shown = recipe_text({"": {"prompt_1": text}, "training": {"instruction": text or "x"}}, {})

    assert given(shown, tmp_path) == {"prompt_1": text, "instruction": text or "x"}


def test_numbers_of_a_mapping_need_no_quotes() -> None:
    numbers = "a=1,b=0.5,c=drop,d=01,e=1e5,f=-1,g=0.50"

    shown = recipe_text({"": {"label_map": numbers}}, {})

    assert shown == "label_map: {a: 1, b: 0.5, c: drop, d: '01', e: 1e5, f: '-1', g: '0.50'}\n"


def test_the_recipe_of_the_readme_is_one(tmp_path: Path) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")

    assert given(readme.split("```yaml\n")[1].split("```")[0], tmp_path)["learning_rate"] == 5e-4


def test_a_comment_stands_above_its_key() -> None:
    text = recipe_text({"": {"seed": 1}, "data": {"profile": "pairs"}}, {"": "top", "seed": "a", "data.profile": "b"})

    assert text == "# top\n\n# a\nseed: 1\n\ndata:\n  # b\n  profile: pairs\n"


def test_every_command_takes_the_options_of_a_recipe() -> None:
    shown = CliRunner().invoke(main, ["--help"]).output

    assert "--config" in shown
    assert "--set KEY=VALUE" in shown


def test_a_space_is_a_mapping_whose_values_are_one_or_several(tmp_path: Path) -> None:
    text = "space: {learning_rate: [5e-5, 2e-3], epochs: 4, loss: [cosine, cosent]}"

    found = given(text, tmp_path)

    assert found == {"space": "learning_rate=5e-5:2e-3,epochs=4,loss=cosine:cosent"}
    shown = recipe_text({"": found}, {})
    assert given(shown, tmp_path) == found
    assert "space: x=1: no such parameter; there is " in refusal("space: {x: 1}", tmp_path)
