"""The recipe file: YAML whose keys are the names of options, for what the command line leaves out.

A key means what its option means. The keys, their types and their limits are read off the options and off the fields
of `TrainConfig`, so that nothing is said twice. Every value is text until its option reads it: `no`, `2e-5` and `06`
are what was written, whatever YAML makes of them.
"""

from __future__ import annotations

import difflib
import textwrap
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import click
import yaml
from pydantic import BeforeValidator, TypeAdapter, ValidationError, create_model

from ..core.errors import NAME_LIMIT, UserInputError, first_line, printable
from ..data.formats.source import opened
from ..data.options import parse_columns, parse_delimiter, parse_label_map, parse_range
from ..models import DecisionRules, LoraSettings, TrainConfig, TrainingMode, Value
from ..search.space import BETWEEN, SPACE, parse_space
from ..training.recipe import option_fields

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    # options by the section of the recipe that they stand in; those of the section "" stand in none
    Sections = Mapping[str, Sequence[click.Option]]

LARGEST = 1 << 16  # bytes
TRAINING = "training"
# options that take several values in one text
_MAPPINGS, _LISTS = ("columns", "label_map", SPACE), ("label_range", "target_modules")
_NULL = "tag:yaml.org,2002:null"
_COMMENT_WIDTH = 100
_NAMED_KEYS = 12
_SAME = 0.6  # of a key and of the one that is meant


# --- reading --------------------------------------------------------------------------------------------


def read_recipe(file: Path | None, settings: Sequence[str], sections: Sections) -> Value:
    """The recipe: what the settings say, else the file; a key that neither names is None.

    Args:
        file: The recipe file; None where there is none.
        settings: `KEY=VALUE`, a key of a section as `SECTION.KEY`; of two for one key the last one counts.
        sections: The options that a recipe may hold.

    Raises:
        UserInputError: The file cannot be read or is no YAML; a key is unknown, or its value is none.
    """
    model = recipe_model(sections)
    recipe = model()
    for source, text in [*([(str(file), None)] if file else []), *((f"--set {one}", one) for one in settings)]:
        content = _content(cast("Path", file)) if text is None else _setting(text)
        try:
            found = model.model_validate(content)
        except ValidationError as error:
            shown = source if text is None else printable(source, NAME_LIMIT)
            raise UserInputError(f"{shown}: {_fault(error.errors()[0], sections)}") from None
        recipe = _replaced(recipe, found)
    return recipe


def recipe_model(sections: Sections) -> type[Value]:
    """The class of a recipe: frozen, one field an option, one a section, no others."""

    def fields(section: str) -> dict[str, Any]:
        return {
            str(option.name): (Annotated[Any, BeforeValidator(partial(_read, option, _check(section, option)))], None)
            for option in sections[section]
        }

    parts: dict[str, Any] = {
        name: (create_model(name.title(), __base__=Value, **fields(name)) | None, None) for name in sections if name
    }
    return create_model("Recipe", __base__=Value, **fields(""), **parts)


def values_of(recipe: Value, *, leave_out: Sequence[str] = ()) -> dict[str, Any]:
    """The values that a recipe gives, by the name of the option; some sections may be left out."""
    found: dict[str, Any] = {}
    for name, value in recipe:
        if isinstance(value, Value) and name not in leave_out:
            found |= values_of(value)
        elif value is not None and not isinstance(value, Value):
            found[name] = value
    return found


def effective(sections: Sections, given: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """All keys of a recipe and their values, by section: what is given, else the default.

    None stands where leaving an option out says more than its default does: costs, or an adapter without its mode.

    Args:
        sections: The options that a recipe may hold.
        given: Values by the name of the option.
    """
    fields = option_fields(TrainConfig) | option_fields(DecisionRules)
    fields |= option_fields(LoraSettings) if given.get("mode") == TrainingMode.LORA else {}
    defaults = {name: field.get_default() for name, field in fields.items() if not field.is_required()}

    def value(option: click.Option) -> object:
        own = False if option.is_flag else option.default if isinstance(option.default, (int, float, str)) else None
        found = (given.get(str(option.name)), own, defaults.get(str(option.name)))
        return next((one for one in found if one is not None), None)

    return {name: {str(option.name): value(option) for option in options} for name, options in sections.items()}


def _replaced(old: Value, new: Value) -> Value:
    """A recipe with what another one says in place of what it said; None takes a value back."""
    changes = {name: getattr(new, name) for name in new.model_fields_set}
    for name, value in changes.items():
        before = getattr(old, name)
        if isinstance(value, Value) and isinstance(before, Value):
            changes[name] = _replaced(before, value)
    return old.model_copy(update=changes)


def _content(file: Path) -> dict[str, Any]:
    with opened(file, "`init` writes a recipe", "a recipe is") as source:
        raw = source.text().read(LARGEST + 1)
    if len(raw) > LARGEST:
        raise UserInputError(f"{file}: more than {LARGEST:,} bytes; a recipe is shorter, is this one?")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserInputError(f"{file}: not UTF-8 at byte {error.start + 1}; save the recipe as UTF-8") from None
    content = _yaml(text, str(file))
    if not isinstance(content, dict):
        what = "a list" if isinstance(content, list) else "empty" if content is None else "one text"
        raise UserInputError(f"{file}: this is {what}; keys are expected, such as `seed: 42`; `recipe show` prints all")
    return content


def _setting(text: str) -> dict[str, Any]:
    key, sign, value = text.partition("=")
    parts = key.strip().split(".")
    if not sign or not all(parts) or len(parts) > len(("section", "key")):
        raise UserInputError(f"--set {printable(text, NAME_LIMIT)}: write KEY=VALUE, as in --set training.epochs=2")
    shown = f"--set {printable(text, NAME_LIMIT)}"
    found: Any = _yaml(value, shown) if value[:1] in ("[", "{", '"', "'") else value
    found = None if value in ("", "null", "~") else found
    for part in reversed(parts):
        found = {part: found}
    return cast("dict[str, Any]", found)


def _yaml(text: str, source: str) -> Any:  # noqa: ANN401 - texts, None, and lists and mappings of them
    loader = None
    try:
        loader = _Loader(text)
        return loader.get_single_data()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f":{mark.line + 1}" if mark is not None else ""
        why = getattr(error, "problem", None) or first_line(error)
        raise UserInputError(
            f"{source}{where}: not YAML that a recipe may hold: {printable(why, NAME_LIMIT)}"
        ) from None
    except RecursionError:
        raise UserInputError(f"{source}: nested too deeply; a recipe has sections and keys") from None
    finally:
        if loader is not None:
            loader.dispose()


class _Loader(yaml.SafeLoader):  # type: ignore[misc]
    """Reads plain values as text, refuses aliases, and keys that stand twice."""

    # by the first character of a value
    yaml_implicit_resolvers = {  # noqa: RUF012 - PyYAML's own attribute
        first: [(tag, pattern) for tag, pattern in resolvers if tag == _NULL]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def compose_node(self, parent: Any, index: Any) -> Any:  # noqa: ANN401 - the same
        """The next node; an alias is refused, because a few of them can stand for millions of values."""
        if self.check_event(yaml.AliasEvent):
            raise yaml.composer.ComposerError(None, None, "an alias; write the value out", self.peek_event().start_mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[str, Any]:  # noqa: ANN401, FBT001, FBT002, ARG002
        """A mapping whose keys are the texts that were written."""
        found: dict[str, Any] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(None, None, "a key that is no text", key.start_mark)
            if key.value in found:
                what = f"the key {key.value!r} stands twice; keep one"
                raise yaml.constructor.ConstructorError(None, None, what, key.start_mark)
            found[key.value] = self.construct_object(value, deep=True)
        return found


# --- one value ------------------------------------------------------------------------------------------


def _read(option: click.Option, check: Callable[[Any], object], value: object) -> object:
    """What an option makes of a value of the recipe; ValueError where it is none."""
    if value is None or value in ({}, []):
        return None
    given = _as_given(option, value)
    try:
        found = option.type_cast_value(click.Context(click.Command("recipe")), given)
        for one in found if isinstance(found, tuple) else (found,):
            check(one)
    except click.BadParameter as error:
        raise ValueError(error.message) from None
    except UserInputError as error:
        # it begins with the option, in whose place the key is told
        raise ValueError(str(error).partition(": ")[2]) from None
    except ValidationError as error:
        raise ValueError(error.errors()[0]["msg"]) from None
    return str(found) if isinstance(found, Path) else found


def _as_given(option: click.Option, value: object) -> str | tuple[str, ...]:
    """A value as the command line has it."""
    if isinstance(value, dict) and option.name in _MAPPINGS:
        return ",".join(f"{key}={_of_mapping(option, one)}" for key, one in value.items())
    if isinstance(value, list) and (option.multiple or option.name in _LISTS):
        texts = tuple(map(_text, value))
        return texts if option.multiple else ",".join(texts)
    text = _text(value)
    return (text,) if option.multiple else text


def _of_mapping(option: click.Option, value: object) -> str:
    """One value of a mapping; that of a space may be several."""
    several = isinstance(value, list) and option.name == SPACE
    return BETWEEN.join(map(_text, cast("list[object]", value))) if several else _text(value)


def _text(value: object) -> str:
    if not isinstance(value, str):
        kinds = {list: "a list", dict: "a mapping", type(None): "null"}
        what = kinds.get(type(value), "a value with a tag of YAML")
        raise ValueError(f"one value is expected, this is {what}")  # noqa: TRY004 - Pydantic makes a fault of it
    return value


def _check(section: str, option: click.Option) -> Callable[[Any], object]:
    """What a value must pass besides the type of its option."""
    name = str(option.name)
    if section == TRAINING:
        field = {**option_fields(TrainConfig), **option_fields(LoraSettings)}[name]
        kind: Any = Annotated[cast("Any", field.annotation), field]
        return TypeAdapter[Any](kind).validate_python
    checks: dict[str, Callable[[str], object]] = {
        "columns": parse_columns,
        "label_map": parse_label_map,
        "label_range": parse_range,
        "delimiter": parse_delimiter,
        SPACE: partial(parse_space, mode=TrainingMode.LORA),
    }
    return checks.get(name, lambda _: None)


# --- what is wrong --------------------------------------------------------------------------------------


def _fault(fault: Mapping[str, Any], sections: Sections) -> str:
    key = ".".join(map(str, fault["loc"]))
    if fault["type"] == "extra_forbidden":
        return f"{printable(key, NAME_LIMIT) or repr(key)}: no such key; {_nearest(key, sections)}"
    if fault["type"] == "value_error":
        return f"{key}: {fault['ctx']['error']}"
    return f"{key}: keys of this section are expected below it, such as {key}.{sections[key][0].name}"


def _nearest(key: str, sections: Sections) -> str:
    known = list(_keys(sections))
    meant = key.replace("-", "_")
    bare = {one.rpartition(".")[2]: one for one in known}
    near = difflib.get_close_matches(meant, known, n=1, cutoff=_SAME)
    found = bare.get(meant.rpartition(".")[2]) or (near[0] if near else None)
    if found is None:
        near = difflib.get_close_matches(meant.rpartition(".")[2], bare, n=1, cutoff=_SAME)
        found = bare[near[0]] if near else None
    if found:
        return f"{found} is meant?"
    section = meant.rpartition(".")[0]
    here = [one for one in known if one.rpartition(".")[0] == section]
    names = here if section in sections and section else [*(name for name in sections if name), *here]
    return f"there is {', '.join(names[:_NAMED_KEYS])}; `recipe show` prints all"


def _keys(sections: Sections) -> Iterator[str]:
    for section, options in sections.items():
        yield from (f"{section}.{option.name}" if section else str(option.name) for option in options)


# --- writing --------------------------------------------------------------------------------------------


def recipe_text(values: Mapping[str, Mapping[str, Any]], comments: Mapping[str, str]) -> str:
    """A recipe as YAML, with a comment above each key.

    Args:
        values: By section, then by key, as options have them; keys of the section "" stand in none. None is null.
        comments: By key, that of a section as `SECTION.KEY`; by section for what it is about; "" begins the file.
    """
    lines = [*_comment(comments.get("", ""), "")]
    for section, keys in values.items():
        indent = "  " if section else ""
        lines += ["", *_comment(comments.get(section, ""), ""), f"{section}:"] if section else [""]
        for name, value in keys.items():
            lines += _comment(comments.get(f"{section}.{name}" if section else name, ""), indent)
            lines.append(f"{indent}{name}: {_scalar(name, value)}")
    return "\n".join(lines).strip() + "\n"


def _comment(text: str, indent: str) -> list[str]:
    return [f"{indent}# {line}" for part in text.splitlines() for line in textwrap.wrap(part, _COMMENT_WIDTH)]


def _scalar(name: str, value: Any) -> str:  # noqa: ANN401 - any value of an option
    if isinstance(value, str) and name in _MAPPINGS:
        parts = (part.split("=", 1) for part in value.split(","))
        value = {key.strip(): _one_or_several(name, one.strip()) for key, one in parts}
    elif isinstance(value, str) and name in _LISTS:
        value = [_bare(part.strip()) for part in value.split(",")]
    elif isinstance(value, tuple):
        value = list(value)
    elif isinstance(value, (str, Path)):
        # an enumeration's member is a str, and YAML would not take it for one
        value = str(value)
    # without quotes of its own, a text of several lines would need to be set in
    style = '"' if isinstance(value, str) and not value.isprintable() else None
    text = str(
        yaml.safe_dump(
            value, default_style=style, default_flow_style=True, allow_unicode=True, width=float("inf"), sort_keys=False
        )
    )
    return text.removesuffix("...\n").strip()


def _one_or_several(name: str, text: str) -> float | str | list[float | str]:
    """One value of a mapping; that of a space may be several."""
    values = [_bare(one) for one in text.split(BETWEEN)] if name == SPACE else [_bare(text)]
    return values[0] if len(values) == 1 else values


def _bare(text: str) -> float | str:
    """A number that YAML writes as this text, so that it needs no quotes; else the text."""
    whole, dot, _ = text.partition(".")
    if not (text.isascii() and text.replace(".", "", 1).isdecimal() and whole):
        return text
    number = float(text) if dot else int(text)
    return number if str(number) == text else text
