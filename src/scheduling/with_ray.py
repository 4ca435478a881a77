"""Several tasks at once, on the processors of this machine or on those of a Ray cluster."""

from __future__ import annotations

import logging
import math
import os
import re
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from ..core.errors import NAME_LIMIT, PipelineError, UserInputError, first_line, printable
from .tasks import Outcome, outcome_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from .tasks import Needs, Task

ValueT = TypeVar("ValueT")

LOCAL = "local"
# how often a task is tried again whose worker or machine was lost
RETRIES = 3
_LOOPBACK = "127.0.0.1"
_HOST = re.compile(r"[A-Za-z0-9._\[\]:-]{1,255}")
_PORT = re.compile(r"[0-9]{1,5}")
# read when Ray is imported, or by the processes that it starts
_QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_task_oom_retries": str(RETRIES),
}


def check_address(address: str) -> str:
    """What `--ray` names, once it is sure that it can be one.

    Raises:
        UserInputError: It is neither `local` nor HOST:PORT.
    """
    host, _, port = address.rpartition(":")
    if address != LOCAL and not (_HOST.fullmatch(host) and _PORT.fullmatch(port)):
        raise UserInputError(f"--ray {printable(address, NAME_LIMIT)}: local or HOST:PORT is expected")
    return address


@contextmanager
def with_ray(address: str, prepare: Callable[[], object]) -> Iterator[WithRay]:
    """A scheduler that is connected to Ray until the block ends.

    Args:
        address: `local`, or HOST:PORT of a cluster that this machine belongs to.
        prepare: Called in each worker before its task is unpacked.

    Raises:
        PipelineError: There is no such cluster.
    """
    os.environ.update({name: value for name, value in _QUIET.items() if name not in os.environ})
    import ray  # noqa: PLC0415 - slow, and only with --ray

    logging.getLogger("ray").setLevel(logging.CRITICAL)
    quiet = {"log_to_driver": False, "logging_level": logging.CRITICAL, "configure_logging": False}
    own = {"include_dashboard": False, "_node_ip_address": _LOOPBACK} if address == LOCAL else {}
    _silence(ray)
    try:
        with _on_loopback(ray) if own else nullcontext():
            ray.init(address=address, **own, **quiet)
    except Exception as error:  # noqa: BLE001 - the library raises many kinds, and a bare Exception where it is slow
        raise PipelineError(
            f"--ray {address}: cannot be reached: {first_line(error)}; start the cluster first"
        ) from None
    try:
        yield WithRay(prepare)
    finally:
        ray.shutdown()


def _silence(ray: Any) -> None:  # noqa: ANN401 - a module
    """Keep what Ray tells of lost workers out of standard output; each is told by its outcome."""
    ray._private.worker.print_to_stdstream = lambda *_, **__: None  # noqa: SLF001 - no option does it


@contextmanager
def _on_loopback(ray: Any) -> Iterator[None]:  # noqa: ANN401 - a module
    """Let the processes of a cluster of this machine alone listen to this machine alone.

    Ray would put the machine's address in the network in the place of the loopback address.
    """
    services = ray._private.services  # noqa: SLF001 - no option does it
    before = services.resolve_ip_for_localhost
    services.resolve_ip_for_localhost = lambda host: host
    try:
        yield
    finally:
        services.resolve_ip_for_localhost = before


class WithRay:
    """The scheduler of a Ray cluster."""

    is_remote: ClassVar[bool] = True

    def __init__(self, prepare: Callable[[], object]) -> None:
        self._prepare = prepare

    def run(self, tasks: Iterable[Task[ValueT]]) -> Iterator[Outcome[ValueT]]:
        """Run as many tasks at once as there is room for; see `Scheduler.run`."""
        import ray  # noqa: PLC0415 - as above
        from ray.cloudpickle import dumps  # noqa: PLC0415

        running = dict[Any, str]()
        try:
            # a task is taken only when there is room for it
            for task in tasks:
                running[_remote(task.needs).remote(dumps((self._prepare, dumps(task))))] = task.name
                while len(running) >= _room(task.needs):
                    yield _next_outcome(running)
            while running:
                yield _next_outcome(running)
        finally:
            # whoever stops listening wants no more results
            for ref in running:
                ray.cancel(ref, force=True)


def _remote(needs: Needs) -> Any:  # noqa: ANN401 - the library's own type
    import ray  # noqa: PLC0415 - as above

    return ray.remote(num_cpus=needs.cpus, num_gpus=needs.gpus, max_retries=RETRIES)(_work)


def _work(packed: bytes) -> Outcome[Any]:
    """Unpack a task and run it, in a worker; an error that may not travel becomes one of ours."""
    from ray.cloudpickle import loads  # noqa: PLC0415 - as above

    prepare, rest = loads(packed)
    # before the task, whose modules are imported with it
    prepare()
    outcome = outcome_of(loads(rest))
    if outcome.error is not None and not isinstance(outcome.error, PipelineError):
        return Outcome(outcome.name, error=PipelineError(outcome.reason))
    return outcome


def _next_outcome(running: dict[Any, str]) -> Outcome[Any]:
    """Wait for one of the running tasks, and take it away."""
    import ray  # noqa: PLC0415 - as above

    [done], _ = ray.wait(list(running), num_returns=1)
    return _outcome(running.pop(done), done)


def _outcome(name: str, ref: object) -> Outcome[Any]:
    import ray  # noqa: PLC0415 - as above

    try:
        return cast("Outcome[Any]", ray.get(ref))
    except ray.exceptions.RayTaskError as error:
        return Outcome(name, error=PipelineError(f"cannot run on a worker: {first_line(error.cause)}"))
    except ray.exceptions.RayError as error:
        what = f"its worker was lost {RETRIES + 1} times: {type(error).__name__}"
        return Outcome(name, error=PipelineError(what))


def _room(needs: Needs) -> int:
    """How many tasks the machines of the cluster can run at once.

    Raises:
        PipelineError: None has room for one.
    """
    import ray  # noqa: PLC0415 - as above

    machines = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    found = sum(_fits(machine, needs) for machine in machines)
    if not found:
        raise PipelineError(
            f"--ray: no machine has {needs.cpus:g} processors and {needs.gpus:g} GPUs for a task; "
            "add one to the cluster, or choose another --device"
        )
    return found


def _fits(machine: dict[str, float], needs: Needs) -> int:
    wanted = {"CPU": needs.cpus, "GPU": needs.gpus}
    return min(math.floor(machine.get(kind, 0) / n) for kind, n in wanted.items() if n)
