"""Options that several commands take."""

from __future__ import annotations

import click

from ..core.option_types import Text

JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object in place of tables.")
DRY_RUN = click.option(
    "--dry-run", is_flag=True, help="Show what would be done, and what it is expected to cost; write nothing."
)
REDACT = click.option("--redact", is_flag=True, help="Leave the texts of the pairs out of the report.")
SELECT_ON = click.option(
    "--select-on",
    type=click.Choice(["test", "validation"]),
    help="Pairs that choose each checkpoint: the test pairs, or a validation file's, else train pairs set aside.  "
    "[default: test for dating pairs, else validation]",
)
REPORT_TO = click.option(
    "--report-to",
    type=click.Choice(["tensorboard", "mlflow", "trackio"]),
    help="Write the curves of the training for this program too, below ROOT/logs.",
)
TARGET_MODULES = click.option(
    "--target-modules",
    type=Text(),
    help="LoRA only: names of the modules to adapt, with commas between them.  "
    "[default: those of the base model's family]",
)
SEEDS = click.option("--seeds", type=Text(), metavar="SEED,...", help="Train each recipe with all of these seeds.")
RAY = click.option(
    "--ray",
    type=Text(),
    metavar="local|HOST:PORT",
    help="Train several at once with Ray: on this machine, or on the cluster that it belongs to.",
)
FORCE = click.option("--force", is_flag=True, help="Replace what is there.")
DISCARD = click.option("--discard", is_flag=True, help="Remove checkpoints of another recipe.")
