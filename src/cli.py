"""The commands: parse the options, build a value, call one function, show its result.

Stage functions are imported inside the commands, so that `--help` and every usage error answer at once.
"""

from __future__ import annotations

import copy
import dataclasses
import functools
import io
import logging
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, cast

import click
from click.core import ParameterSource

from .core.distributed import is_main_process, world_size
from .core.environment_variables import refuse_environment, refuse_stripped_docstrings
from .core.errors import (
    GateError,
    PipelineError,
    StageError,
    UserInputError,
    first_line,
    is_out_of_memory,
    memory_is_short,
    message_line,
)
from .core.option_types import FiniteFloat, FiniteFloatRange, PathTo, PromptText, Text
from .core.shell import shell_word

if TYPE_CHECKING:
    from collections.abc import Callable

    from .workflow.context import RunContext

EXIT_INTERRUPTED = 130
COMMAND = "finetune-evidence"
_RESERVE = 1 << 23  # bytes
SHARED_COMMANDS = ("baseline", "train", "evaluate")
_REDACT = click.option("--redact", is_flag=True, help="Leave the texts of the pairs out of the report.")
FAIL_ON = {
    "invalid": {"INVALID"},
    "do-not-ship": {"INVALID", "DO NOT SHIP"},
    "not-ship": {"INVALID", "DO NOT SHIP", "CANNOT TELL"},
    "never": set[str](),
}
# without defaults here, which stand in a Pydantic value that --help need not import
_RULES = (
    click.option(
        "--candidate", type=Text(), help="The model that may be shipped.  [default: standard, or the only one]"
    ),
    click.option(
        "--min-gain",
        type=FiniteFloatRange(0, 1),
        help="Least gain of AUC, with grades of Spearman, over the reference.  [default: 0.02]",
    ),
    click.option("--max-loss", type=FiniteFloatRange(0, 1), help="Largest loss of AUC of a guard.  [default: 0.03]"),
    click.option(
        "--must-hold",
        type=Text(),
        multiple=True,
        metavar="COLUMN=VALUE",
        help="A slice that must not lose; may be repeated.",
    ),
    click.option(
        "--fail-on",
        type=click.Choice(list(FAIL_ON)),
        default="invalid",
        show_default=True,
        help="Exit with 3 on this decision, or on a worse one.",
    ),
)
_AGAINST = click.option(
    "--against",
    type=Text(),
    metavar="NAME",
    help="The model that the others are compared with.  [default: the base model]",
)
_GUARD = click.option(
    "--guard",
    type=Text(),
    multiple=True,
    metavar="FILE[:COLUMNS]",
    help="Pairs of another kind that must not lose, as old.csv or stsb.csv:text_1=6,text_2=7,label=5; may be repeated.",
)
_COSTS = tuple(
    click.option(
        option,
        type=FiniteFloatRange(0, 1e9, min_open=True),
        help=f"Cost of a false {kind}, for the threshold by costs.  [default: 1]",
    )
    for option, kind in (("--cost-fp", "positive"), ("--cost-fn", "negative"))
)
_SELECT_ON = click.option(
    "--select-on",
    type=click.Choice(["test", "validation"]),
    help="Pairs that choose each checkpoint: the test pairs, or a validation file's, else train pairs set aside.  "
    "[default: test for dating pairs, else validation]",
)
_REPORT_TO = click.option(
    "--report-to",
    type=click.Choice(["tensorboard", "mlflow", "trackio"]),
    help="Write the curves of the training for this program too, below ROOT/logs.",
)
_TARGET_MODULES = click.option(
    "--target-modules",
    type=Text(),
    help="LoRA only: names of the modules to adapt, with commas between them.  "
    "[default: those of the base model's family]",
)
_CLUSTER_BY = click.option(
    "--cluster-by",
    type=Text(),
    metavar="COLUMN",
    help="Column that second intervals are clustered by.  "
    "[default: subcategory; of other pairs group, else the first of --slice-by]",
)
# what the data is; shared by all commands, as --data-dir is
_DATA = (
    click.option(
        "--profile",
        type=click.Choice(["auto", "dating", "pairs"]),
        default="auto",
        help="Kind of data.  [default: dating where its files are found, else pairs]",
    ),
    *(
        click.option(f"--{split}-file", type=PathTo(path_type=Path, dir_okay=False), help=help_text)
        for split, help_text in (
            ("train", "Training pairs.  [default: found in --data-dir by its name]"),
            ("validation", "Pairs that choose, with --select-on validation."),
            ("test", "Pairs to measure on."),
            ("challenge", "A second set to measure on, never trained on."),
        )
    ),
    click.option(
        "--columns",
        type=Text(),
        metavar="OURS=THEIRS,...",
        help="Columns: text_1=question1,text_2=question2,label=is_duplicate.  [default: recognised]",
    ),
    click.option(
        "--slice-by", type=Text(), multiple=True, metavar="COLUMN", help="Measure each value of a column; at most two."
    ),
    click.option("--label-kind", type=click.Choice(["auto", "binary", "graded", "classes"]), default="auto"),
    click.option(
        "--label-map", type=Text(), metavar="LABEL=NUMBER,...", help="What labels mean: entailment=1,neutral=drop."
    ),
    click.option("--label-range", type=Text(), metavar="LOW,HIGH", help="Least and largest grade."),
    click.option("--positive-at", type=FiniteFloat(), help="Least grade of a positive pair; without it no thresholds."),
    click.option("--delimiter", type=Text(), help="What separates the fields of a table: a sign, or tab."),
    click.option("--quote-char", type=click.Choice(["double", "none"]), help="What quotes the fields of a table."),
    click.option("--no-header", is_flag=True, help="The columns of a table are called 1, 2, 3."),
)
# shared options that a recipe file has no keys for: where results go, what may leave the machine, and the recipe itself
_NOT_IN_RECIPE = ("root", "config", "settings", "allow_download", "quiet", "verbose")
# keys of a recipe that stand in no section, because several commands take them
_WITHOUT_SECTION = (
    *("base_model", "max_seq_length", "prompt_1", "prompt_2", "device", "seed", "seeds"),
    *("select_on", "with_instruction", "redact"),
)
_RECIPE = "recipe.yaml"
_OF_TRAIN = "keys of the recipe that train alone takes"
_SEEDS = click.option("--seeds", type=Text(), metavar="SEED,...", help="Train each recipe with all of these seeds.")
_FORCE = click.option("--force", is_flag=True, help="Replace what is there.")
_DISCARD = click.option("--discard", is_flag=True, help="Remove checkpoints of another recipe.")


def program() -> str:
    """How the user started this program."""
    script = Path(sys.argv[0]).stem
    return script if script == COMMAND else f"python -m {__package__}.cli"


class _Refusal(click.ClickException):
    """One line in place of any help."""

    exit_code = UserInputError.exit_code


class _Command(click.Command):
    """Takes the shared options too; `--help` of the program lists them."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """The command's own options, and the shared ones, which its own help leaves out."""
        return [*super().get_params(ctx), *map(_after_the_command, filter(_is_option, main.params))]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the command line; what it leaves out comes from the recipe, if there is one."""
        given = self.make_parser(ctx).parse_args(args=list(args))[0]
        for option in self.get_params(ctx):
            if option.name in ("config", "settings"):
                option.handle_parse_result(ctx, given, [])
        help_option = self.get_help_option(ctx)
        if help_option is None or help_option.name not in given:
            ctx.default_map = _from_recipe(ctx)
        return super().parse_args(ctx, args)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """End the help with where the shared options are listed."""
        super().format_epilog(ctx, formatter)
        formatter.write_paragraph()
        formatter.write_text(f"Shared options, such as --root, may stand here too: {program()} --help lists them.")


def _is_option(parameter: click.Parameter) -> bool:
    return isinstance(parameter, click.Option)


def _after_the_command(option: click.Parameter) -> click.Option:
    """A shared option as a command takes it: given there, it replaces what was given before the command."""
    again = copy.copy(cast("click.Option", option))
    again.hidden, again.expose_value, again.callback = True, False, _share
    return again


def _share(ctx: click.Context, option: click.Parameter, value: object) -> None:
    name, group = option.name or "", ctx.find_root()
    source, before = ctx.get_parameter_source(name), group.get_parameter_source(name)
    of_recipe = source is ParameterSource.DEFAULT_MAP and before is not ParameterSource.COMMANDLINE
    if source is not None and (source is ParameterSource.COMMANDLINE or of_recipe):
        group.params[name] = value
        group.set_parameter_source(name, source)


def _from_recipe(ctx: click.Context) -> dict[str, Any] | None:
    """What the recipe says of the options of a command, by their names; None where there is no recipe.

    `train` alone takes the section of its options: `evaluate` has a --mode and a --name of another meaning.
    """
    shared = ctx.find_root().params
    file, settings = shared.get("config"), shared.get("settings", ())
    if file is None and not settings:
        return None
    from .preparation.recipe_file import TRAINING, read_recipe, values_of  # noqa: PLC0415 - PyYAML; not for --help

    recipe = read_recipe(file, settings, _recipe_sections())
    alone = values_of(recipe, leave_out=(TRAINING,))
    every = values_of(recipe)
    ctx.meta[_OF_TRAIN] = sorted(every.keys() - alone.keys())
    return every if ctx.info_name in ("train", "recipe") else alone


def _recipe_sections() -> dict[str, list[click.Option]]:
    """The options that a recipe has keys for, by section; those of the section "" stand in none."""
    from .training.options import recipe_options  # noqa: PLC0415 - Pydantic; not for --help

    def options(*commands: click.Command) -> list[click.Option]:
        return [option for command in commands for option in command.params if isinstance(option, click.Option)]

    shared = [option for option in options(main) if option.name not in _NOT_IN_RECIPE]
    alone = {option.name: option for option in [*shared, *options(run)] if option.name in _WITHOUT_SECTION}
    sections = {
        "data": shared,
        "quality": options(evaluate_data),
        "training": recipe_options(),
        "comparison": options(compare),
    }
    return {
        "": [alone[name] for name in _WITHOUT_SECTION],
        **{name: [one for one in found if one.name not in alone] for name, found in sections.items()},
    }


class _Group(click.Group):
    """Turns errors into one line and an exit code. No other place does."""

    command_class = _Command

    def make_context(self, *args: Any, **options: Any) -> click.Context:  # noqa: ANN401 - click's own types
        """The context of a command line; an interpreter that has no help texts to show is refused."""
        try:
            refuse_stripped_docstrings(sys.flags.optimize)
        except UserInputError as error:
            raise _Refusal(str(error)) from None
        return super().make_context(*args, **options)

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's own type
        reserve = bytearray(_RESERVE)
        try:
            return super().invoke(ctx)
        except PipelineError as error:
            _fail(ctx, error)
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise
        except Exception as error:  # noqa: BLE001 - the one place where a user is spared a traceback, whatever happened
            short = memory_is_short(_RESERVE)
            # where memory ran out, the message needs some
            reserve.clear()
            _fail(ctx, _in_our_words(error, short=short))


def _fail(ctx: click.Context, error: PipelineError) -> NoReturn:
    if ctx.params.get("verbose"):
        logging.getLogger(__package__).error("where it happened", exc_info=error)
    told = [_with_command(ctx, error)] if isinstance(error, StageError) else map(message_line, map(str, error.args))
    _tell("Error: " + "\n".join(told))
    ctx.exit(error.exit_code)


def _with_command(ctx: click.Context, error: StageError) -> str:
    """An error of a stage, with the command that makes its result, ready to be pasted."""
    if error.causes:
        return "; ".join(_with_command(ctx, cause) for cause in error.causes)
    what = message_line(str(error))
    return f"{what}; run `{_program(ctx)} {error.command}` {error.when}" if error.command else what


def _program(ctx: click.Context) -> str:
    """The program with the shared options of this command line, except -q and -v."""
    group, words = ctx.find_root(), [program()]
    for option in main.params:
        name = option.name or ""
        given = group.get_parameter_source(name) is ParameterSource.COMMANDLINE
        if given and name not in ("quiet", "verbose"):
            value = group.params[name]
            for one in value if isinstance(value, tuple) else (value,):
                words += [option.opts[0], *([] if one is True else [shell_word(str(one))])]
    return " ".join(words)


def _tell(message: str) -> None:
    """Write to stderr; ignore a closed stream."""
    with suppress(OSError):
        click.echo(message, err=True)


def _in_our_words(error: Exception, *, short: bool = False) -> PipelineError:
    """An unexpected error as one of ours; a library that memory failed may name another reason, so `short` decides."""
    if short or is_out_of_memory(error):
        return PipelineError(
            "out of memory; close other programs or use less data, and with `train` a smaller --batch-size"
        )
    if isinstance(error, OSError):
        where, why = error.filename or "standard output or a file", error.strerror or first_line(error)
        return PipelineError(f"{where}: cannot be used: {why}; mend that or choose another place, and run again")
    return PipelineError(f"unexpected {type(error).__name__}: {first_line(error)}; -v shows where it happened")


def _describes_data(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give the program the options that say what the data is."""
    for option in reversed(_DATA):
        command = option(command)
    return command


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--root", type=PathTo(path_type=Path, file_okay=False), default=".", help="Where results go.")
@click.option(
    "--data-dir",
    type=PathTo(path_type=Path, file_okay=False),
    help="The data.  [default: ROOT/data/raw]",
)
@click.option("--config", type=PathTo(path_type=Path, dir_okay=False), help="A recipe file: what is not given here.")
@click.option(
    "--set",
    "settings",
    type=Text(),
    multiple=True,
    metavar="KEY=VALUE",
    help="A key of the recipe: wins over its file.",
)
@_describes_data
@click.option(
    "--base-model", type=Text(), metavar="NAME|DIR", help="Base model.  [default: the installed all-MiniLM-L6-v2]"
)
@click.option("--allow-download", is_flag=True, help="Let --base-model be fetched from the Hub.")
@click.option(
    "--max-seq-length",
    type=click.IntRange(3, 1_000_000),
    metavar="TOKENS",
    help="Tokens of a text that the model reads.  [default: the base model's]",
)
@click.option(
    "--prompt-1",
    type=PromptText(),
    help="What models read before text 1, an instruction for example; '' for nothing.  [default: the base model's]",
)
@click.option("--prompt-2", type=PromptText(), help="The same before text 2.")
@click.option("--device", type=click.Choice(["auto", "cpu", "mps", "cuda"]), default="auto", show_default=True)
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=42, show_default=True)
@click.option("-q", "--quiet", is_flag=True, help="No progress, results and errors only.")
@click.option("-v", "--verbose", is_flag=True, help="Say more; show where an error came from.")
@click.pass_context
def main(ctx: click.Context, /, **_options: Any) -> None:  # noqa: ANN401 - click's own types
    """Fine-tune a sentence-embedding model on labelled pairs, and show what that did.

    These options may stand before the command or after it.

    \b
    Before a run:    init, split, recipe show
    All at once:     run
    Step by step:    evaluate-data, baseline, train, evaluate, compare
    Other limits:    decide
    To use a model:  score, export
    """  # noqa: D301 - click looks for the character that this backslash makes
    ctx.obj = functools.partial(_run_context, ctx.invoked_subcommand, ctx.params)


def _run_context(command: str | None, options: dict[str, Any]) -> RunContext:
    refuse_environment(os.environ)
    from .core.paths import ProjectPaths  # noqa: PLC0415
    from .core.progress import Reporter, set_up_logging  # noqa: PLC0415
    from .embedding.loading import go_offline  # noqa: PLC0415 - numpy; not for --help
    from .workflow.context import RunContext  # noqa: PLC0415

    _check_processes(command)
    go_offline()
    verbosity = int(options["verbose"]) - int(options["quiet"]) if is_main_process() else -1
    set_up_logging(verbosity)
    root = _real_path("--root", options["root"])
    data_dir = _real_path("--data-dir", options["data_dir"] or root / "data" / "raw")
    return RunContext(
        paths=ProjectPaths(root=root, data_dir=data_dir),
        data=_data_options(options),
        base_model=options["base_model"],
        allow_download=options["allow_download"],
        max_seq_length=options["max_seq_length"],
        prompt_1=options["prompt_1"],
        prompt_2=options["prompt_2"],
        device_wanted=options["device"],
        seed=options["seed"],
        command=f"{program()} {command}",
        reporter=Reporter(verbosity),
    )


def _data_options(given: dict[str, Any]) -> Any:  # noqa: ANN401 - its type would import Pydantic here
    from .data import options as data  # noqa: PLC0415 - not for --help
    from .models import LabelKind, ProfileName  # noqa: PLC0415

    files = {
        split: _real_path(option, path)
        for split, option in data.FILE_OPTIONS.items()
        if (path := given[option.removeprefix("--").replace("-", "_")]) is not None
    }
    found = data.DataOptions(
        profile=ProfileName(given["profile"]),
        files=files,
        searched=not files or given["data_dir"] is not None,
        columns=data.parse_columns(given["columns"]) if given["columns"] else {},
        slices=given["slice_by"],
        label_kind=LabelKind(given["label_kind"]),
        label_map=data.parse_label_map(given["label_map"]) if given["label_map"] else {},
        label_range=data.parse_range(given["label_range"]) if given["label_range"] else None,
        positive_at=given["positive_at"],
        delimiter=data.parse_delimiter(given["delimiter"]) if given["delimiter"] else None,
        quoted=None if given["quote_char"] is None else given["quote_char"] == "double",
        header=not given["no_header"],
    )
    data.refuse_options(found)
    return found


def _real_path(option: str, path: Path) -> Path:
    try:
        # Path.resolve fails on a link to itself
        return Path(os.path.realpath(path))
    except OSError as error:
        # the working folder was removed
        raise UserInputError(f"{option} {path}: cannot be found: {error.strerror}; name another folder") from None


def _check_processes(command: str | None) -> None:
    if world_size() > 1 and command not in SHARED_COMMANDS:
        raise UserInputError(
            f"{command}: runs in one process; torchrun shares the work of {', '.join(SHARED_COMMANDS)} alone"
        )


def _pass_run(command: Callable[..., None]) -> Callable[..., None]:
    """Pass the run context to a command. It is built when the command starts, so --help and usage errors need none."""

    @click.pass_context
    @functools.wraps(command)
    def started(ctx: click.Context, /, **options: Any) -> None:  # noqa: ANN401 - click's own types
        command(ctx.obj(), **options)

    return started


@main.command("evaluate-data")
@click.option("--fail-under", type=FiniteFloatRange(0, 100), help="Exit with 3 when the overall score is below.")
@_pass_run
def evaluate_data(context: RunContext, fail_under: float | None) -> None:
    """Score the data in four dimensions and audit the split."""
    from .quality_stage import quality_stage  # noqa: PLC0415 - heavy; not for --help
    from .report.terminal import show_quality  # noqa: PLC0415
    from .report_stage import quality_report_stage  # noqa: PLC0415

    with context.writing():
        report = quality_stage(context).ensure()
        quality_report_stage(context).ensure()
    show_quality(_stdout(), report)
    if fail_under is not None and (report.overall is None or report.overall < fail_under):
        raise GateError(_below(report.overall, fail_under, report.train.reason))


def _below(score: float | None, limit: float, reason: str) -> str:
    from .core.formatting import number  # noqa: PLC0415 - not for --help

    wanted = f"--fail-under {repr(limit).removesuffix('.0')}"
    if score is None:
        why = reason or "the results say why"
        return f"there is no overall score, and {wanted} wants one: {why}; give more data, or no limit"
    # rounded up, it would not be below
    text = next(shown for digits in range(1, 20) if float(shown := number(score, digits)) < limit)
    return f"the overall score {text} is below {wanted}; the results say what lowers it"


@main.command()
@_REDACT
@_pass_run
def baseline(context: RunContext, *, redact: bool) -> None:
    """Evaluate the base model, before any training."""
    from .baseline_analysis import baseline_stage  # noqa: PLC0415 - heavy; not for --help
    from .report.terminal import show_evaluation  # noqa: PLC0415
    from .report_stage import baseline_report_stage  # noqa: PLC0415

    context = dataclasses.replace(context, redact=redact)
    with context.writing():
        evaluation = baseline_stage(context).ensure()
        baseline_report_stage(context).ensure()
    show_evaluation(_stdout(), evaluation)
    context.reporter.say(f"Report: {context.paths.baseline_report}")


class _Train(_Command):
    """The `train` command; its options are the fields of the recipe, read on first use because they need Pydantic."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        from .training.options import recipe_options  # noqa: PLC0415

        return [*recipe_options(), *super().get_params(ctx)]


@main.command(cls=_Train)
@click.option("--resume", is_flag=True, help="Go on from the newest complete checkpoint.")
@_DISCARD
@_SEEDS
@_REPORT_TO
@_pass_run
def train(
    context: RunContext,
    /,
    *,
    resume: bool,
    discard: bool,
    seeds: str | None,
    report_to: str | None,
    **recipe: Any,  # noqa: ANN401 - click's own types
) -> None:
    """Train one model and verify the saved folder; with --seeds, one model a seed."""
    from .report.terminal import show_training  # noqa: PLC0415 - heavy; not for --help
    from .training.recipe import train_config  # noqa: PLC0415
    from .training.seeds import with_seeds  # noqa: PLC0415
    from .training_stage import run_training  # noqa: PLC0415

    context, wanted = _with_seeds(context, seeds)
    recipe["select_on"] = recipe["select_on"] or context.profile.select_on
    context = _reporting(context, report_to)
    # all of them before the first is shown: whatever becomes of stdout, the work is done
    for info in [
        run_training(context, config, resume=resume, discard=discard)
        for config in with_seeds([train_config(seed=context.seed, **recipe)], wanted)
    ]:
        show_training(_stdout(), info)


def _with_seeds(context: RunContext, seeds: str | None) -> tuple[RunContext, tuple[int, ...]]:
    """The run with the first of several seeds as its own, and all of them.

    Raises:
        UserInputError: One is no seed, or `--seed` names another one.
    """
    from .training.seeds import parse_seeds  # noqa: PLC0415

    if seeds is None:
        return context, (context.seed,)
    wanted = parse_seeds(seeds)
    given = click.get_current_context().find_root().get_parameter_source("seed")
    if given is not click.core.ParameterSource.DEFAULT and context.seed != wanted[0]:
        raise UserInputError(
            f"--seed {context.seed} beside --seeds, whose first one is {wanted[0]}: leave --seed out; "
            "the first is the run's"
        )
    return dataclasses.replace(context, seed=wanted[0]), wanted


@main.command()
@click.option(
    "--mode", type=click.Choice(["standard", "lora", "all"]), help="The training of this name, or all.  [default: all]"
)
@click.option("--name", type=Text(), help="One training by its name; with --model, what the model is called here.")
@click.option(
    "--model",
    type=PathTo(path_type=Path, file_okay=False),
    metavar="DIR",
    help="A model that was trained elsewhere: a folder of sentence-transformers, or a LoRA adapter's.",
)
@_pass_run
def evaluate(context: RunContext, mode: str | None, name: str | None, model: Path | None) -> None:
    """Evaluate trained models, or one that was trained elsewhere, exactly as the baseline was."""
    from .post_training_eval import evaluate_trained, judge_folder  # noqa: PLC0415
    from .report.terminal import show_evaluation  # noqa: PLC0415 - heavy; not for --help

    if model is not None:
        if mode is not None:
            raise UserInputError("give --mode or --model, not both; leave one out")
        show_evaluation(_stdout(), judge_folder(context, _real_path("--model", model), name))
        return
    # all of them before the first is shown: whatever becomes of stdout, the work is done
    for evaluation in evaluate_trained(context, mode, name):
        show_evaluation(_stdout(), evaluation)


def _decides(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of the decision."""
    for option in reversed(_RULES):
        command = option(command)
    return command


def _takes_costs(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the costs of a wrong call."""
    for option in reversed(_COSTS):
        command = option(command)
    return command


def _compares(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of a comparison; all but `--fail-on` become part of its run context."""

    @_decides
    @_AGAINST
    @_GUARD
    @_takes_costs
    @_CLUSTER_BY
    @_REDACT
    @_pass_run
    @functools.wraps(command)
    def started(context: RunContext, /, **given: Any) -> None:  # noqa: ANN401 - click's own types
        costs = _costs(given.pop("cost_fp"), given.pop("cost_fn"))
        rules = _rules(
            {name: given.pop(name) for name in ("candidate", "against", "min_gain", "max_loss", "must_hold")}
        )
        described = {name: given.pop(name) for name in ("redact", "cluster_by")}
        described["guard_files"] = _guards(given.pop("guard"))
        command(dataclasses.replace(context, rules=rules, costs=costs, **described), **given)

    return started


@main.command()
@_compares
def compare(context: RunContext, *, fail_on: str) -> None:
    """Compare all evaluated models with the base model or --against, and decide on the candidate."""
    from .comparison import comparison_stage  # noqa: PLC0415 - heavy; not for --help
    from .report_stage import comparison_report_stage  # noqa: PLC0415

    with context.writing():
        result = comparison_stage(context).ensure()
        comparison_report_stage(context).ensure()
    _show_and_gate(context, result, fail_on)


@main.command()
@_SELECT_ON
@click.option("--with-instruction", is_flag=True, help="Train a fourth model, with an instruction before each text.")
@_TARGET_MODULES
@_DISCARD
@_SEEDS
@_REPORT_TO
@_compares
def run(
    context: RunContext,
    *,
    fail_on: str,
    select_on: str | None,
    seeds: str | None,
    report_to: str | None,
    **given: Any,  # noqa: ANN401 - click's own types
) -> None:
    """Run all stages with three trainings, once a seed; reuse what is up to date."""
    from .models import SelectOn  # noqa: PLC0415 - Pydantic
    from .pipeline import run_all  # noqa: PLC0415 - heavy; not for --help

    context = _reporting(context, report_to)
    if keys := click.get_current_context().meta.get(_OF_TRAIN):
        context.reporter.say(f"{', '.join(keys)} of the recipe: for `train` alone; `run` trains its own three")
    context, wanted = _with_seeds(context, seeds)
    chosen = SelectOn(select_on) if select_on else None
    _show_and_gate(context, run_all(context, select_on=chosen, seeds=wanted, **given), fail_on)


@main.command()
@click.option(
    "--from", "source", type=PathTo(path_type=Path, dir_okay=False), required=True, help="A comparison_result.json."
)
@_decides
@_pass_run
def decide(_context: RunContext, *, source: Path, fail_on: str, **rules: Any) -> None:  # noqa: ANN401 - the same
    """Decide again by other rules, from a result of compare alone; nothing is measured or written."""
    from .models import ComparisonResult  # noqa: PLC0415
    from .report.terminal import show_verdict  # noqa: PLC0415 - heavy; not for --help
    from .storage.files import read_json  # noqa: PLC0415
    from .verdict.judge import judge_again  # noqa: PLC0415

    try:
        result = read_json(source, ComparisonResult)
    except StageError as error:
        raise UserInputError(f"--from {error}; give a comparison_result.json that `compare` wrote") from None
    verdict = judge_again(result, _rules(rules))
    show_verdict(_stdout(), verdict)
    _gate(verdict.decision.outcome, fail_on)


@main.command()
@click.option("--verify", is_flag=True, help="Hash every file again.")
@_SELECT_ON
@_TARGET_MODULES
@_pass_run
def status(context: RunContext, *, verify: bool, select_on: str | None, target_modules: str | None) -> None:
    """Show which stages are fresh, stale or missing, and the command for each."""
    from .models import SelectOn  # noqa: PLC0415 - Pydantic
    from .pipeline import project_status  # noqa: PLC0415
    from .report.terminal import show_status  # noqa: PLC0415 - not for --help

    program = _program(click.get_current_context())
    chosen = SelectOn(select_on) if select_on else None
    found = project_status(context, verify=verify, select_on=chosen, target_modules=target_modules)
    show_status(_stdout(), found, program)


@main.command()
@click.argument("text_1", type=Text(), required=False)
@click.argument("text_2", type=Text(), required=False)
@click.option("--input", "source", type=PathTo(path_type=Path, dir_okay=False), help="A file of pairs.")
@click.option(
    "--model",
    "name",
    type=Text(),
    default="standard",
    show_default=True,
    help="Name of a training or of a judged model, or baseline.",
)
@_takes_costs
@_pass_run
def score(
    context: RunContext,
    *,
    text_1: str | None,
    text_2: str | None,
    source: Path | None,
    name: str,
    cost_fp: float | None,
    cost_fn: float | None,
) -> None:
    """Cosine and verdict for TEXT_1 and TEXT_2, or for each line of a file (as JSON Lines)."""
    from .core.formatting import json_line  # noqa: PLC0415 - not for --help
    from .report.terminal import show_score  # noqa: PLC0415 - heavy
    from .scoring import score_pairs, texts_to_score  # noqa: PLC0415

    costs = None if cost_fp is None and cost_fn is None else _costs(cost_fp, cost_fn)
    for result in score_pairs(context, texts_to_score(context, text_1, text_2, source), name, costs):
        if source is None:
            show_score(_stdout(), result)
        else:
            click.echo(json_line(result.model_dump_json(ensure_ascii=not _takes_unicode(sys.stdout))))


@main.command()
@click.option(
    "--name", type=Text(), default="standard", show_default=True, help="Name of a training or of a judged model."
)
@click.option("--format", "form", type=click.Choice(["merged", "onnx", "int8"]), required=True)
@click.option(
    "--output",
    type=PathTo(path_type=Path, file_okay=False),
    metavar="DIR",
    required=True,
    help="The folder to write.",
)
@click.option(
    "--tolerance",
    type=FiniteFloatRange(0, 1),
    help="Largest loss of AUC, with grades of Spearman: the lower end of its interval decides.  [default: 0.01]",
)
@click.option("--force", is_flag=True, help="Replace an earlier export.")
@_pass_run
def export(context: RunContext, *, name: str, form: str, output: Path, tolerance: float | None, force: bool) -> None:
    """Write a model as a folder of its own, load it again, and measure what it lost.

    \b
    merged: weights as sentence-transformers loads them, an adapter merged into its base model
    onnx:   a graph for ONNX Runtime, pooling and normalisation included
    int8:   that graph with 8-bit weights, for this processor
    """  # noqa: D301 - click looks for the character that this backslash makes
    from .export.exporting import TOLERANCE, export_model  # noqa: PLC0415 - heavy; not for --help
    from .models import ExportFormat  # noqa: PLC0415 - Pydantic
    from .report.terminal import show_export  # noqa: PLC0415 - heavy

    allowed = TOLERANCE if tolerance is None else tolerance
    place = _real_path("--output", output)
    found = export_model(context, name, ExportFormat(form), place, tolerance=allowed, force=force)
    show_export(_stdout(), found)
    context.reporter.say(f"Exported: {place}")


@main.command()
@click.option(
    "--out",
    type=PathTo(path_type=Path, dir_okay=False),
    default=_RECIPE,
    show_default=True,
    help="The recipe to write.",
)
@_FORCE
@_pass_run
def init(context: RunContext, *, out: Path, force: bool) -> None:
    """Write a commented recipe for your pairs.

    Asks for the files, the columns and what the label means, with a guess each. No question is asked where an option
    says what the data is, or where the input is no terminal.
    """
    from .preparation.first_recipe import first_recipe  # noqa: PLC0415 - heavy; not for --help
    from .preparation.new_files import refuse_to_replace  # noqa: PLC0415 - the same
    from .preparation.recipe_file import recipe_text  # noqa: PLC0415 - PyYAML
    from .storage.files import write_text  # noqa: PLC0415 - NumPy

    refuse_to_replace(out, force=force)
    group = click.get_current_context().find_root()
    default = (ParameterSource.DEFAULT, None)
    given = {
        str(option.name): group.params[str(option.name)]
        for option in _recipe_sections()["data"]
        if group.get_parameter_source(str(option.name)) not in default
    }
    ask = _ask if _is_terminal(sys.stdin) and not given else None
    found = first_recipe(given, context.data, context.seed, ask)
    write_text(out, recipe_text(found.values, found.comments))
    context.reporter.say(f"{out}: read it, then run {program()} --config {shell_word(str(out))} evaluate-data")


def _is_terminal(stream: Any) -> bool:  # noqa: ANN401 - None where the process has none
    return stream is not None and bool(stream.isatty())


def _ask(question: str, guess: str, check: Callable[[str], object]) -> str:
    """Ask the user until the check takes the answer."""

    def checked(answer: str) -> str:
        try:
            check(answer)
        except UserInputError as error:
            raise click.UsageError(message_line(str(error.args[0]))) from None
        return answer

    return str(click.prompt(question, default=guess or None, value_proc=checked, prompt_suffix=" ", err=True))


@main.command()
@click.argument("file", type=PathTo(path_type=Path, dir_okay=False), required=False)
@click.option("--out", type=PathTo(path_type=Path, file_okay=False), required=True, help="Where the parts go.")
@click.option(
    "--group",
    type=Text(),
    metavar="COLUMN",
    help="Keep pairs of one value together; text_1 or text_2: of one text.  [default: of any shared text]",
)
@click.option("--shares", type=Text(), default="80,10,10", show_default=True, help="Of train, validation and test.")
@_FORCE
@_pass_run
def split(context: RunContext, *, file: Path | None, out: Path, group: str | None, shares: str, force: bool) -> None:
    """Divide FILE, or --train-file, into train, validation and test that share no text."""
    from .models import Split  # noqa: PLC0415 - Pydantic
    from .preparation.splitting import parse_shares, split_file, split_table  # noqa: PLC0415 - heavy; not for --help
    from .report.terminal import render  # noqa: PLC0415 - the same

    source = context.data.files.get(Split.TRAIN) if file is None else file
    if source is None:
        raise UserInputError("split: name the file to divide, as in `split pairs.csv --out DIR`")
    wanted = parse_shares(shares)
    parts = split_file(source, context.data, out, shares=wanted, group=group, seed=context.seed, force=force)
    console = _stdout()
    console.print(render(split_table(parts, group), console.width))
    context.reporter.say(f"Read them with --data-dir {shell_word(str(out))}")


@main.command()
@click.argument("action", type=click.Choice(["show"]))
@_pass_run
def recipe(context: RunContext, *, action: str) -> None:  # noqa: ARG001 - there is one
    """Show the whole recipe of this command line as YAML, which --config takes."""
    from .preparation.recipe_file import effective, recipe_text  # noqa: PLC0415 - Pydantic; not for --help

    sections, ctx = _recipe_sections(), click.get_current_context()
    given = {"select_on": context.profile.select_on, **(ctx.default_map or {}), **ctx.find_root().params}
    values = effective(sections, given)
    comments = {
        f"{section}.{option.name}" if section else str(option.name): option.help or ""
        for section, options in sections.items()
        for option in options
    }
    click.echo(recipe_text(values, comments), nl=False)


def _reporting(context: RunContext, to: str | None) -> RunContext:
    """The run, with the program that shows the curves of its trainings; a missing package is told before any work."""
    if to is None:
        return context
    from .models import ReportTo  # noqa: PLC0415 - Pydantic
    from .training.curves import check_reporting  # noqa: PLC0415 - the same

    check_reporting(ReportTo(to), context.paths.logs)
    return dataclasses.replace(context, report_to=ReportTo(to))


def _rules(given: dict[str, Any]) -> Any:  # noqa: ANN401 - its type would import Pydantic here
    from .models import DecisionRules  # noqa: PLC0415

    return DecisionRules(**{name: value for name, value in given.items() if value is not None})


def _guards(given: tuple[str, ...]) -> Any:  # noqa: ANN401 - the same
    from .data.guards import parse_guard  # noqa: PLC0415

    return tuple(map(parse_guard, given))


def _costs(false_positive: float | None, false_negative: float | None) -> Any:  # noqa: ANN401 - the same
    from .models import Costs  # noqa: PLC0415

    given = {"false_positive": false_positive, "false_negative": false_negative}
    return Costs(**{name: value for name, value in given.items() if value is not None})


def _show_and_gate(context: RunContext, result: Any, fail_on: str) -> None:  # noqa: ANN401 - the same
    from .report.terminal import show_comparison  # noqa: PLC0415 - not for --help

    show_comparison(_stdout(), result)
    context.reporter.say(f"Report: {context.paths.comparison_report}")
    _gate(result.verdict.decision.outcome, fail_on)


def _gate(outcome: str, fail_on: str) -> None:
    if outcome in FAIL_ON[fail_on]:
        raise GateError(f"the decision is {outcome}, and --fail-on {fail_on} ends with 3; the results say why")


def _stdout() -> Any:  # noqa: ANN401 - its type would import Rich here
    from .core.progress import PatientConsole  # noqa: PLC0415 - not for --help

    return PatientConsole(highlight=False, quiet=not is_main_process())


def _takes_unicode(stream: object) -> bool:
    return str(getattr(stream, "encoding", None)).lower().startswith("utf")


def _escape_what_has_no_place() -> None:
    """Write characters that the terminal's encoding lacks as escapes; they would end the command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _click_line(line: str) -> str:
    # it sets lists in with tabs
    return "\t".join(map(message_line, line.split("\t")))


def entry() -> None:
    """Run the program. Ctrl-C exits with 130; a closed pipe is no error."""
    if hasattr(signal, "SIGXFSZ"):
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    _escape_what_has_no_place()
    try:
        # not main(...), which would end a closed pipe with 1
        with main.make_context(program(), sys.argv[1:]) as ctx:
            code = main.invoke(ctx)
    except click.exceptions.Exit as done:
        code = done.exit_code
    except (click.Abort, KeyboardInterrupt):
        _tell("Interrupted.")
        code = EXIT_INTERRUPTED
    except click.ClickException as error:
        shown = io.StringIO()
        error.show(shown)
        _tell("\n".join(map(_click_line, shown.getvalue().splitlines())))
        code = error.exit_code
    except BrokenPipeError:
        code = 0
    except OSError as error:
        # a usage or help text that could not be written
        _tell(f"Error: {message_line(str(_in_our_words(error)))}")
        code = PipelineError.exit_code
    _flush()
    sys.exit(code if isinstance(code, int) else 0)


def _flush() -> None:
    """Flush the streams and drop what cannot be written; the interpreter would exit with 120 otherwise."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


if __name__ == "__main__":
    entry()
