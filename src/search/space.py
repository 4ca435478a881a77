"""What a search varies, and how a point of that space becomes a recipe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, Protocol, cast

from pydantic import Field, TypeAdapter, ValidationError

from ..core.errors import NAME_LIMIT, UserInputError, printable
from ..models import LoraSettings, Loss, TrainConfig, TrainingMode

if TYPE_CHECKING:
    from collections.abc import Sequence

Number = int | float | str
Parameters = Mapping[str, Number]

SPACE = "space"
_OPTION = f"--{SPACE}"
BETWEEN = ":"
_RATE, _SHARE, _RANK = "learning_rate", "warmup_share", "rank"
_HIGHEST_SHARE = 0.9  # a warm-up that does not end is shortened
_ALPHA = 2  # alpha of an adapter over its rank, as in the recipe of `run`


class Drawer(Protocol):
    """Draws values, as a trial of Optuna does."""

    def suggest_float(
        self, name: str, low: float, high: float, *, step: float | None = None, log: bool = False
    ) -> float:
        """One value of a range."""
        ...

    def suggest_int(self, name: str, low: int, high: int) -> int:
        """One whole number of a range."""
        ...

    def suggest_categorical(self, name: str, choices: Sequence[Any]) -> Any:  # noqa: ANN401 - whatever the choices are
        """One of several values."""
        ...


class _Dimension(NamedTuple):
    """One parameter."""

    is_range: bool
    values: tuple[Number, ...]  # lowest and highest, or all
    usual: Number


def _range(low: Number, high: Number, usual: Number) -> _Dimension:
    return _Dimension(is_range=True, values=(low, high), usual=usual)


def _choice(*values: Number, usual: Number) -> _Dimension:
    return _Dimension(is_range=False, values=values, usual=usual)


# the usual values are those of the recipes of `run`; LoRA's learning rate is that of `lora-tuned`
_SHARED = {
    "epochs": _range(1, 6, 4),
    "batch_size": _choice(8, 16, 32, usual=16),
    _SHARE: _range(0.0, 0.2, 0.1),
    "loss": _choice(*(loss.value for loss in Loss), usual=Loss.COSINE.value),
}
_DEFAULTS: Mapping[TrainingMode, dict[str, _Dimension]] = MappingProxyType(
    {
        TrainingMode.STANDARD: {_RATE: _range(5e-6, 1e-4, 2e-5), **_SHARED},
        TrainingMode.LORA: {_RATE: _range(5e-5, 2e-3, 5e-4), **_SHARED, _RANK: _choice(4, 8, 16, 32, usual=8)},
    }
)


@dataclass(frozen=True)
class Space:
    """What a search varies, by name of a parameter."""

    dimensions: Mapping[str, _Dimension]

    @property
    def values(self) -> dict[str, tuple[Number, ...]]:
        """Lowest and highest value of each parameter, or all of its values."""
        return {name: dimension.values for name, dimension in self.dimensions.items()}

    @property
    def text(self) -> str:
        """The space as `--space` takes it."""
        return ",".join(f"{name}={BETWEEN.join(map(str, values))}" for name, values in self.values.items())

    @property
    def usual(self) -> dict[str, Number]:
        """The values of the usual recipe, as far as they lie in this space."""
        return {name: one.usual for name, one in self.dimensions.items() if _holds(one, one.usual)}

    @property
    def typical(self) -> dict[str, Number]:
        """The usual values; where one lies outside, the middle of its range or the first of its values."""
        return {name: self.usual.get(name, _middle(one)) for name, one in self.dimensions.items()}

    def draw(self, drawer: Drawer) -> dict[str, Number]:
        """One point: numbers with at most three digits that count, so that a recipe can be read and typed."""
        return {name: _drawn(drawer, name, dimension) for name, dimension in self.dimensions.items()}


def default_space(mode: TrainingMode) -> Space:
    """What is varied where nothing is said."""
    return Space(_DEFAULTS[mode])


def parse_space(text: str | None, mode: TrainingMode) -> Space:
    """The space of `--space learning_rate=1e-5:1e-3,epochs=4,loss=cosine:cosent`; what is left out keeps its default.

    Args:
        text: Lowest and highest value of learning rate, epochs and warm-up share; all values of the others. One value
            alone is fixed. None for the default.
        mode: Whose parameters they are.

    Raises:
        UserInputError: A parameter is unknown, named twice, or has a value that no recipe can have.
    """
    dimensions = dict(_DEFAULTS[mode])
    given: dict[str, _Dimension] = {}
    for part in (text or "").split(",") if text else ():
        name, sign, values = (one.strip() for one in part.partition("="))
        shown = f"{_OPTION}: {printable(part.strip(), NAME_LIMIT)}"
        if not sign or not values:
            raise UserInputError(f"{shown}: write PARAMETER=VALUE:VALUE, as in {_OPTION} learning_rate=1e-5:1e-3")
        if name not in dimensions:
            what = "belongs to --mode lora" if name == _RANK else f"no such parameter; there is {', '.join(dimensions)}"
            raise UserInputError(f"{shown}: {what}")
        if name in given:
            raise UserInputError(f"{shown}: {name} stands twice; keep one")
        given[name] = _read(shown, name, values.split(BETWEEN), dimensions[name])
    return Space({name: given.get(name, dimension) for name, dimension in dimensions.items()})


def recipe_of(base: TrainConfig, parameters: Parameters, n_pairs: int) -> TrainConfig:
    """The recipe that a point of the space stands for.

    Args:
        base: What the search does not vary.
        parameters: The point.
        n_pairs: Train pairs, which a share of the steps as warm-up is of.
    """
    own = {name: value for name, value in parameters.items() if name not in (_SHARE, _RANK)}
    changed = TrainConfig.model_validate({**dict(base), **own})
    changes: dict[str, object] = {}
    if _SHARE in parameters:
        changes["warmup_steps"] = round(float(parameters[_SHARE]) * changed.steps(n_pairs))
    if _RANK in parameters and base.lora is not None:
        rank = int(parameters[_RANK])
        changes["lora"] = base.lora.model_copy(update={"rank": rank, "alpha": _ALPHA * rank})
    return changed.model_copy(update=changes)


def _read(shown: str, name: str, values: Sequence[str], default: _Dimension) -> _Dimension:
    found = tuple(_value(shown, name, text.strip()) for text in values)
    if default.is_range and (len(found) > len(("low", "high")) or float(found[0]) > float(found[-1])):
        raise UserInputError(
            f"{shown}: the lowest and the highest value are expected, as in {name}={_example(default)}"
        )
    if len(set(found)) < len(found) and not default.is_range:
        raise UserInputError(f"{shown}: a value stands twice; keep one")
    return default._replace(values=(found[0], found[-1]) if default.is_range else found)


def _value(shown: str, name: str, text: str) -> Number:
    """One value, checked as the recipe's field is.

    Raises:
        UserInputError: No recipe can have it.
    """
    if name == _SHARE:
        kind: Any = Annotated[float, Field(ge=0, le=_HIGHEST_SHARE)]
    else:
        field = {**TrainConfig.model_fields, **LoraSettings.model_fields}[name]
        kind = Annotated[cast("Any", field.annotation), field]
    try:
        found = TypeAdapter[Any](kind).validate_python(text)
    except ValidationError as error:
        raise UserInputError(f"{shown}: {printable(repr(text), NAME_LIMIT)}: {error.errors()[0]['msg']}") from None
    return found.value if isinstance(found, Loss) else cast("Number", found)


def _example(dimension: _Dimension) -> str:
    return BETWEEN.join(map(str, dimension.values))


def _holds(dimension: _Dimension, value: Number) -> bool:
    if not dimension.is_range:
        return value in dimension.values
    low, high = map(float, dimension.values)
    return low <= float(value) <= high


def _middle(dimension: _Dimension) -> Number:
    if not dimension.is_range:
        return dimension.values[0]
    low, high = dimension.values
    if isinstance(low, int) and isinstance(high, int):
        return (low + high) // 2
    return (float(low) + float(high)) / 2


def _drawn(drawer: Drawer, name: str, dimension: _Dimension) -> Number:
    if not dimension.is_range:
        return cast("Number", drawer.suggest_categorical(name, list(dimension.values)))
    low, high = dimension.values
    if isinstance(low, int) and isinstance(high, int):
        return drawer.suggest_int(name, low, high)
    found = drawer.suggest_float(name, float(low), float(high), log=name == _RATE)
    # never outside the range by rounding
    return min(max(float(f"{found:.3g}"), float(low)), float(high))
