"""Environment variables of the libraries: what each may hold for a command to run and to give the same numbers.

The libraries read them on import or in the middle of the work, and end there, or compute something else without a word.
`RULES` is the table; a variable joins by one line, and the first rule for a name counts.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from .errors import UserInputError, printable
from .option_types import is_blank

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_SHOWN = 60  # characters of a value
_OFF = ("0", "false", "no", "off", "n", "f")
_ON = ("1", "true", "yes", "on", "y", "t")
_LEVELS = ("debug", "info", "warning", "error", "critical")
_STRIPS_DOCSTRINGS = 2
# torchrun sets all of them; the libraries take the first three, each alone, for the sign of several processes
_PROCESS = ("RANK", "WORLD_SIZE", "LOCAL_RANK")
_MEETING = ("MASTER_ADDR", "MASTER_PORT")
_USE_CPU = "ACCELERATE_USE_CPU"


class Rule(NamedTuple):
    """What the variables of some names may hold.

    Attributes:
        names: Pattern of the whole name.
        allows: Whether a value, without the white space around it, is allowed.
        expected: What is allowed, in words.
    """

    names: str
    allows: Callable[[str], bool]
    expected: str


def _whole(names: str, low: int, high: int) -> Rule:
    def allows(value: str) -> bool:
        return re.fullmatch(r"[0-9]{1,9}", value) is not None and low <= int(value) <= high

    return Rule(names, allows, f"it has to be a whole number from {low} to {high}")


def _number(names: str) -> Rule:
    pattern = r"[+-]?[0-9]{1,12}(\.[0-9]*)?"
    return Rule(names, lambda value: re.fullmatch(pattern, value) is not None, "it has to be a number")


def _one_of(names: str, *values: str) -> Rule:
    return Rule(names, lambda value: value.lower() in values, f"it has to be one of {', '.join(filter(None, values))}")


def _off(names: str, *values: str) -> Rule:
    """It may be set, but only so that it changes nothing."""
    neutral = values or _OFF
    shown = ", ".join(value or "nothing" for value in neutral)
    return Rule(names, lambda value: value.lower() in neutral, f"it changes what is computed unless it is {shown}")


def _not_set(names: str) -> Rule:
    """Any value switches something on, also `0`."""
    return Rule(names, lambda _: False, "it changes what is computed or printed, whatever it holds")


def _like(names: str, pattern: str, expected: str) -> Rule:
    return Rule(names, lambda value: re.fullmatch(pattern, value) is not None, f"it has to be {expected}")


def _place(names: str) -> Rule:
    """Empty, it would stand for the working directory."""
    return Rule(names, lambda value: not is_blank(value), "it has to name a folder")


RULES = (
    # several processes
    _whole("WORLD_SIZE|LOCAL_WORLD_SIZE", 1, 100_000),
    _whole("RANK|LOCAL_RANK", 0, 99_999),
    _whole("MASTER_PORT", 1, 65_535),
    _like("MASTER_ADDR", r"[A-Za-z0-9_.:%\[\]-]+", "the name or the address of a machine"),
    _one_of("TORCH_DISTRIBUTED_DEBUG", "", "off", "info", "detail"),
    # another launcher than torchrun
    _whole("PMI_SIZE|OMPI_COMM_WORLD_SIZE|MV2_COMM_WORLD_SIZE", 1, 1),
    _off("FORK_LAUNCHED"),
    # threads and devices
    _whole(r"(OMP|MKL|OPENBLAS|GOTO|BLIS|NUMEXPR|NUMBA|VECLIB_MAXIMUM)_NUM_THREADS|OMP_THREAD_LIMIT", 1, 9_999),
    _whole("LOKY_MAX_(CPU_COUNT|DEPTH)|RAYON_NUM_THREADS", 1, 9_999),
    _like(
        "CUDA_VISIBLE_DEVICES",
        r"|-1|NoDevFiles|([0-9]+|(GPU|MIG)-[0-9A-Za-z/-]+)(, *([0-9]+|(GPU|MIG)-[0-9A-Za-z/-]+))*,?",
        "device numbers or identifiers with commas between them, or nothing",
    ),
    # accelerate and transformers would train in another way
    _off("ACCELERATE_(MIXED_PRECISION|DYNAMO_BACKEND)", "no"),
    _off("ACCELERATE_GRADIENT_ACCUMULATION_STEPS", "1"),
    _one_of("ACCELERATE_LOG_LEVEL", *_LEVELS),
    _one_of("ACCELERATE_ENABLE_RICH", *_OFF, *_ON),
    # `accelerate launch` sets these; see `device_of_launch`
    _one_of(_USE_CPU, *_OFF, *_ON),
    _off("ACCELERATE_DYNAMO_MODE", "default"),
    _off(r"ACCELERATE_\w+"),
    _one_of("USE_TORCH_XLA", *_OFF, *_ON),
    # torch: of what it cannot read, it aborts, or waits for ever
    _like("GOMP_CPU_AFFINITY", "[0-9][0-9 ,:-]*", "a list of processors, such as 0-3"),
    _like("PYTORCH_(CUDA_|HIP_)?ALLOC_CONF", r"|\w+:[^,:]+(, *\w+:[^,:]+)*", "a list of NAME:VALUE with commas"),
    _whole("PYTORCH_JIT|TORCH_(DISABLE_NATIVE_JIT|NATIVE_SKIP_VERSION_CHECK)|NUMBA_DYLD_WORKAROUND", 0, 1),
    _off("TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD", "", *_OFF),
    _not_set("TORCH_CUDA_SANITIZER|TORCH_LOGS"),
    # numba would compile the map in another way, or write to the results
    _off(r"NUMBA_(BOUNDSCHECK|ENABLE_CUDASIM|DEVELOPER_MODE|DEBUG\w*|DUMP_\w+|TRACE|NRT_STATS)", "", "0"),
    _one_of("NUMBA_THREADING_LAYER", "default", "safe", "threadsafe", "forksafe", "workqueue", "omp", "tbb"),
    # numbers that a library reads while it is imported
    _whole("HF_HUB_(ETAG|DOWNLOAD)_TIMEOUT", 1, 86_400),
    _number("HF_DATASETS_IN_MEMORY_MAX_SIZE"),
    _number("TQDM_(MININTERVAL|MAXINTERVAL|MINITERS|SMOOTHING|INITIAL|DELAY|NCOLS|NROWS|POSITION|TOTAL|UNIT_DIVISOR)"),
    _whole("SKLEARN_WORKING_MEMORY|SKLEARN_PAIRWISE_DIST_CHUNK_SIZE", 1, 999_999_999),
    _whole("NUMPY_MADVISE_HUGEPAGE|JOBLIB_MULTIPROCESSING", 0, 1),
    _one_of("LOKY_PICKLER", "", "cloudpickle", "pickle"),
    _one_of("JOBLIB_START_METHOD", "", "fork", "forkserver", "spawn"),
    _whole("TORCHDYNAMO_(REPRO_LEVEL|TRANSLATION_VALIDATION_TIMEOUT)|TORCHINDUCTOR_COMPILE_THREADS", 0, 999_999_999),
    # the terminal's size: Rich reads any digits, and shows nothing in no columns
    _like("COLUMNS|LINES", r"|[1-9][0-9]{0,3}", "a whole number from 1 to 9999"),
    _like("(MKL|ONEDNN|DNNL)_VERBOSE", "|0", "nothing or 0, because it writes between the results"),
    # words
    _one_of("TRANSFORMERS_VERBOSITY|DATASETS_VERBOSITY|HF_HUB_VERBOSITY", "detail", *_LEVELS),
    # folders
    _place("HOME|XDG_CACHE_HOME|HF_HOME|HF_(HUB|ASSETS|DATASETS|MODULES|XET)_CACHE|SENTENCE_TRANSFORMERS_HOME"),
    _place("HUGGINGFACE_(HUB|ASSETS)_CACHE|HF_DATASETS_(DOWNLOADED_DATASETS|EXTRACTED_DATASETS)_PATH"),
)


def refuse_environment(environ: Mapping[str, str]) -> None:
    """Refuse, before any work, an environment that would end a command or change its numbers.

    Args:
        environ: The environment variables.

    Raises:
        UserInputError: A variable does not hold what it has to; the message names the first one.
    """
    for name, value in sorted(environ.items()):
        rule = next((rule for rule in RULES if re.fullmatch(rule.names, name)), None)
        if rule is not None and not rule.allows(value.strip()):
            raise _refused(name, value, rule.expected)
    _refuse_part_of_a_launch(environ)


def device_of_launch(environ: Mapping[str, str], wanted: str) -> str:
    """The device that a command is to use: `accelerate launch --cpu` asks for the processor.

    Args:
        environ: The environment variables.
        wanted: What `--device` says: auto, cpu, mps or cuda.

    Raises:
        UserInputError: The launch and `--device` ask for different devices.
    """
    if environ.get(_USE_CPU, "").strip().lower() not in _ON:
        return wanted
    if wanted not in ("auto", "cpu"):
        raise UserInputError(
            f"--device {wanted}: {_USE_CPU} is set in the environment and asks for the processor; leave --cpu out of "
            "`accelerate launch`, or give --device cpu"
        )
    return "cpu"


def refuse_stripped_docstrings(level: int) -> None:
    """Refuse an interpreter without docstrings: help texts are made of them, and libraries need them.

    Args:
        level: How much Python optimises, as in `sys.flags.optimize`.

    Raises:
        UserInputError: Docstrings are stripped.
    """
    if level >= _STRIPS_DOCSTRINGS:
        raise UserInputError(
            f"PYTHONOPTIMIZE={level} (or python -OO) strips the docstrings, which help texts and libraries need; "
            "unset it, or set it to 1"
        )


def _refuse_part_of_a_launch(environ: Mapping[str, str]) -> None:
    there = [name for name in _PROCESS if name in environ]
    missing = [name for name in (*_PROCESS, *_MEETING) if name not in environ]
    if there and missing:
        raise UserInputError(
            f"{there[0]} is set in the environment and {missing[0]} is not; "
            f"start several processes with torchrun, or unset {', '.join(there)}"
        )
    for part, whole in (("RANK", "WORLD_SIZE"), ("LOCAL_RANK", "LOCAL_WORLD_SIZE")):
        if there and whole in environ and int(environ[part]) >= int(environ[whole]):
            raise _refused(part, environ[part], f"it has to be below {whole}, which is {environ[whole].strip()}")


def _refused(name: str, value: str, why: str) -> UserInputError:
    shown = printable(value, _SHOWN)
    return UserInputError(f"{name} is '{shown}' in the environment: {why}; mend it or unset it, and run again")
