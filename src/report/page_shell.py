"""The shell of a report: what a page is made of, and one self-contained HTML file of it.

A page makes no request: styles, scripts and data are inside, and its security policy allows only the two scripts
that it came with. The chart library travels compressed; the page unpacks it and runs it as the very text whose hash
the policy names. Jinja escapes every value.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from ..core.formatting import capitalised, number
from ..evaluation.metric_registry import METRICS
from ..models import DATING_WORDS
from .explained import Explained, term_id

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..evaluation.metric_registry import Metric
    from ..models import Costs, VerdictFinding, Words
    from ..tables.example_pairs import ExamplePair
    from ..tables.table import Table
    from ..verdict.next_steps import Step
    from .badges import Badge

_WHOLE = re.compile(r"--[a-z][a-z-]*|\b\d{4}-\d\d-\d\d\b|\[[-+]?[\d.]+, [-+]?[\d.]+\]", re.ASCII)
# one script in this order: what a part needs stands before it
SCRIPTS = (
    "report_data.js",
    "report_state.js",
    "report_charts.js",
    "report_maps.js",
    "report_sheet.js",
    "report_tabs.js",
    "report_splits.js",
    "report_threshold.js",
    "report_costs.js",
    "report_csv.js",
    "report_pairs.js",
    "report_links.js",
    "report_start.js",
)


@dataclass(frozen=True)
class Choice:
    """One option of a list: its value in the page's address, and what a reader sees."""

    value: str
    name: str
    note: str = ""


@dataclass(frozen=True)
class OnSplit:
    """A chart on the pairs of another split than test; `figure` is JSON."""

    split: str
    figure: Markup
    tables: tuple[Table, ...]


@dataclass(frozen=True)
class PageChart:
    """One chart with its words and its tables; `figure` is JSON."""

    id: str
    name: str  # of the chart, for its explanation
    title: str
    reading: str
    height: int
    shape: str  # "", "wide" or "tall"
    figure: Markup
    tables: tuple[Table, ...]
    elsewhere: tuple[OnSplit, ...] = ()


@dataclass(frozen=True)
class Panel:
    """What one tab shows."""

    id: str
    title: str
    charts: tuple[PageChart, ...] = ()
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True)
class PairList:
    """What the list of pairs can be filtered and sorted by."""

    note: str
    models: tuple[Choice, ...]  # empty where the baseline is looked at alone
    chosen: str
    outcomes: tuple[Choice, ...]
    sorts: tuple[Choice, ...]
    categories: tuple[str, ...]
    pair_types: tuple[str, ...]
    redacted: bool
    words: Words = DATING_WORDS


@dataclass(frozen=True)
class Section:
    """One part of a page."""

    id: str
    title: str
    note: str = ""
    tables: tuple[Table, ...] = ()
    charts: tuple[PageChart, ...] = ()
    panels: tuple[Panel, ...] = ()
    slider: Table | None = None  # what the threshold slider rewrites
    pairs: PairList | None = None
    costs: tuple[Table, Costs] | None = None  # thresholds by costs, which other costs rewrite


@dataclass(frozen=True)
class Card:
    """The decision at a glance: what a reader sees first."""

    outcome: str
    candidate: str
    why: str  # follows the name of the candidate
    others: tuple[str, ...]  # one line for models of one decision and one reason
    so: str = ""  # what the outcome asks for or leaves open, where its name does not say it


@dataclass(frozen=True)
class Examples:
    """A few pairs to look at; without pairs the note says why there are none."""

    groups: tuple[tuple[str, tuple[ExamplePair, ...]], ...]
    note: str
    reference: str = ""
    candidate: str = ""
    threshold: float | None = None


@dataclass(frozen=True)
class Page:
    """Everything that the page shell shows; `pairs` and `thresholds` are JSON that the script reads."""

    kind: str  # of report, in the title
    heading: str
    about: str
    card: Card | None  # none without a decision
    steps: tuple[Step, ...]
    examples: Examples | None
    statement: str
    findings: tuple[VerdictFinding, ...]
    line: str
    badges: tuple[Badge, ...]
    facts: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    pairs: Markup
    thresholds: Markup
    seed: int
    splits: tuple[Choice, ...] = ()  # of the switch; empty where there are test pairs alone
    elsewhere: Mapping[str, object] = field(default_factory=dict)  # what list and slider show of the other splits
    words: Words = DATING_WORDS
    metrics: tuple[Metric, ...] = METRICS  # that it explains


def render(page: Page) -> str:
    """A page as HTML."""
    script = page_script()
    return (
        environment(Explained(page.words, page.seed, page.metrics))
        .get_template("page.html.j2")
        .render(
            page=page,
            style=Markup(asset("report.css")),  # noqa: S704 - a file of the project
            script=Markup(script),  # noqa: S704 - the same
            plotly=packed_plotly(),
            figures=_packed_figures(page),
            split_data=_split_data(page) if page.splits else "",
            policy=_policy([_plotly(), script]),
        )
    )


def page_script() -> str:
    """The page's own script: its parts in their order, within one function."""
    parts = "\n".join(asset(name) for name in SCRIPTS)
    return f'"use strict";\n(() => {{\n{parts}}})();\n'


@cache
def packed_plotly() -> Markup:
    """The chart library, packed: 1.8 MB instead of 5."""
    return packed(_plotly())


def packed(text: str) -> Markup:
    """A text compressed with gzip and written in base 85, which is 6 % shorter than base 64.

    A comma stands for `<`, which a script element might take for markup.
    """
    written = base64.b85encode(gzip.compress(text.encode(), 9, mtime=0)).decode()
    return Markup(written.replace("<", ","))  # noqa: S704 - what makes it safe stands in this line


def _packed_figures(page: Page) -> Markup:
    """The figures of all charts but those that a control needs before the library is there."""
    charts = [chart for section in page.sections for chart in _charts(section) if not section.costs]
    return packed(json.dumps({chart.id: json.loads(chart.figure) for chart in charts}, separators=(",", ":")))


def _split_data(page: Page) -> Markup:
    """Everything that the switch of a page shows, packed."""
    charts = [chart for section in page.sections for chart in _charts(section)]
    known = [(f"{chart.id}-{other.split}", other) for chart in charts for other in chart.elsewhere]
    figures = {name: json.loads(other.figure) for name, other in known}
    tables = {name: [asdict(table) for table in other.tables] for name, other in known}
    return packed(json.dumps({"figures": figures, "tables": tables, **page.elsewhere}, separators=(",", ":")))


def _charts(section: Section) -> list[PageChart]:
    """Those of a section and of its tabs."""
    return [*section.charts, *(chart for panel in section.panels for chart in panel.charts)]


def _plotly() -> str:
    from plotly.offline import get_plotlyjs  # noqa: PLC0415 - slow to import

    library: str = get_plotlyjs()
    return library


def environment(explained: Explained | None = None) -> Environment:
    """Of all templates; every value is escaped.

    Args:
        explained: The terms of one page; None for a page that explains none.
    """
    made = Environment(
        loader=PackageLoader(__package__),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["capitalised"] = capitalised
    made.globals["explained"] = explained
    made.filters["first_uses"] = explained.first_uses if explained else str
    made.filters["term_id"] = term_id
    made.filters["number"] = number
    made.filters["unbroken"] = unbroken
    return made


def unbroken(text: str) -> Markup:
    """A text in which no line ends within the name of an option, a date or an interval.

    Args:
        text: Plain text, or markup that has none of these in an attribute.
    """
    return Markup(_WHOLE.sub(r'<span class="whole">\g<0></span>', str(escape(text))))  # noqa: S704 - escaped


def asset(name: str) -> str:
    """A file beside the templates, as text."""
    return (files(__package__) / "templates" / name).read_text(encoding="utf-8")


def _policy(scripts: Sequence[str]) -> str:
    """A security policy under which these scripts run and nothing else, and no request is made.

    plotly adds style rules while it draws, and saves pictures through `blob:` and `data:`.
    """
    digests = (base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts)
    sources = " ".join(f"'sha256-{digest}'" for digest in digests)
    return (
        f"default-src 'none'; script-src {sources}; style-src 'unsafe-inline'; img-src data: blob:; "
        "font-src data:; base-uri 'none'; form-action 'none'"
    )
