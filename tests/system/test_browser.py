"""The reports in a real browser: what a reader sees and does, with the network watched."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, field
from functools import cache
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from benchmarks import page as page_check
from src.core import formatting as formats
from src.core.formatting import cut
from src.evaluation.cost_threshold import HIGHEST, LOWEST
from src.metrics import threshold_metrics
from src.models import ShallowBaseline, VerdictFinding
from src.report import page_shell as report_page
from src.report.pdf import chromium
from tests.support.factories import (
    HOSTILE,
    make_comparison,
    make_cosines,
    make_evaluation,
    make_pairs,
    make_provenance,
    make_verdict,
)
from tests.support.report_pages import made_baseline, made_comparison, made_views, usual_comparison
from tests.system.attacks_on_texts import CSV_CELLS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Locator, Page

    from src.models import Evaluation, PairSet, ThresholdMetrics

    Open = Callable[..., "Visit"]

PATIENCE = 100  # seconds
WINDOW = {"width": 1280, "height": 900}
MODELS = ("baseline", "finetuned", "lora", "lora-tuned")
WATCH_POLICY = "addEventListener('securitypolicyviolation', (e) => console.error('CSP', e.violatedDirective))"
# what a spreadsheet would run, what would end a script, what turns the line around, what once ended lines in scripts
WORST = (*HOSTILE, "\u202eevil\u202c", 'a, "quoted"\nline', "@SUM(A1)", "line\u2028and\u2029end")


@dataclass
class Visit:
    """One open page and what it did that nobody sees."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._heard: dict[str, Callable[[Any], None]] = {
            "request": lambda request: self.requests.append(request.url),
            "console": lambda message: self.complaints.append(message.text),
            "pageerror": lambda error: self.complaints.append(str(error)),
            "dialog": lambda dialog: self.complaints.append(f"dialog: {dialog.message}"),
        }
        for event, hear in self._heard.items():
            self.page.on(event, hear)

    def leave(self) -> Page:
        """The page for the next visit, as it was before this one."""
        for event, hear in self._heard.items():
            self.page.remove_listener(event, hear)
        self.page.goto("about:blank")
        self.page.set_viewport_size(WINDOW)
        self.page.emulate_media(media="null", color_scheme="null")
        self.page.mouse.move(0, 0)
        return self.page

    def count(self) -> str:
        return self.page.locator("#pairs-count").inner_text()

    def rows(self) -> list[list[str]]:
        """Text of each cell of the list of pairs."""
        rows: list[list[str]] = self.page.evaluate(
            "[...document.querySelectorAll('#pairs-table tbody tr')].map(r => [...r.cells].map(c => c.textContent))"
        )
        return rows

    def choose(self, name: str, value: str) -> None:
        self.page.select_option(f"#pairs-{name}", value)

    def until(self, condition: Callable[[], bool]) -> None:
        """Wait for what the page does in its own time, however busy the machine is."""
        for _ in range(PATIENCE * 20):
            if condition():
                return
            self.page.wait_for_timeout(50)
        pytest.fail("the page did not do it")

    def chart(self, name: str) -> Locator:
        """A chart that is scrolled into view and drawn."""
        chart = self.page.locator(f"#{name}")
        chart.scroll_into_view_if_needed()
        chart.locator(".plot[data-drawn] .main-svg").first.wait_for()
        return chart

    def draw_all(self) -> None:
        """Scroll through every chart of the open tabs."""
        for plot in self.page.locator(".plot:visible").all():
            plot.scroll_into_view_if_needed()
            plot.locator(".main-svg").first.wait_for()

    @property
    def fragment(self) -> str:
        return self.page.url.partition("#")[2]

    def marked(self) -> list[str]:
        """Number of each row that is marked."""
        return self.page.locator("#pairs-table tr.marked th").all_inner_texts()

    def drawn(self) -> int:
        return self.page.locator(".plot[data-drawn]").count()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if chromium() is None:
        pytest.skip("there is no chromium on this machine")
    pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with page_check.browser() as started:
        yield started


class Files:
    """Every page that the tests look at, made once, when one asks for it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._makers: dict[str, Callable[[], str]] = {
            "comparison": usual_comparison,
            "baseline": made_baseline,
            "hostile": hostile_page,
            "redacted": lambda: usual_comparison(redact=True),
            "redacted baseline": lambda: made_baseline(
                pairs=make_pairs(ids=[f"p{i}" for i in range(120)]), redact=True
            ),
        }

    def __getitem__(self, name: str) -> Path:
        page = self._folder / f"{name}.html"
        if not page.exists():
            page.write_text(self._makers[name](), encoding="utf-8")
        return page


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return Files(tmp_path_factory.mktemp("pages"))


@pytest.fixture(scope="module")
def usual_pages() -> list[Page]:
    """Pages of the usual window that were left: a second visit of one finds the chart library compiled."""
    return []


@pytest.fixture
def visit(browser: Browser, files: Files, usual_pages: list[Page]) -> Iterator[Open]:
    """Opens a page and waits for its first charts; at the end every page must have asked for nothing but itself."""
    visits: list[Visit] = []
    others: list[Page] = []

    def new_page(init: str, options: dict[str, object]) -> Page:
        context = browser.new_context(**{"viewport": WINDOW} | options)
        context.set_default_timeout(PATIENCE * 1000)
        page = context.new_page()
        if options.get("java_script_enabled", True):
            page.add_init_script(WATCH_POLICY + ";" + init)
        if init or options:
            others.append(page)
        return page

    def start(
        name: str = "comparison", fragment: str = "", init: str = "", *, wait: bool = True, **options: object
    ) -> Visit:
        left = usual_pages and not init and not options
        visited = Visit(usual_pages.pop() if left else new_page(init, options))
        visits.append(visited)
        visited.page.goto(files[name].as_uri() + fragment)
        if wait:
            visited.page.locator("html.charts-ready").wait_for(state="attached")
        return visited

    yield start
    for visited in visits:
        visited.page.wait_for_timeout(50)
        assert visited.complaints == []
        assert [url for url in visited.requests if not url.startswith("blob:")] == visited.requests[:1]
    for visited in visits:
        if visited.page in others:
            visited.page.context.close()
        else:
            usual_pages.append(visited.leave())


def hostile_page() -> str:
    """A comparison whose every text field holds what must do nothing."""
    everything = " ".join(WORST)
    pairs = hostile_pairs()
    finding = VerdictFinding(code="MODEL-001", role="reason", name=everything, text=everything)
    result = make_comparison(
        ("baseline", *HOSTILE[:3]),
        pairs,
        verdict=make_verdict(HOSTILE[0], statement=everything, findings=(finding,)),
        trivial_baselines=(ShallowBaseline(name=everything, auc_roc=None, n=40, reason=everything),),
        provenance=make_provenance(command=everything, platform=everything, packages={everything: everything}),
    )
    return made_comparison(result, pairs)


def hostile_pairs() -> PairSet:
    n = 6 * len(WORST)
    worst = [WORST[i % len(WORST)] for i in range(n)]
    return make_pairs(
        n,
        text_1=[f"boy: {text}" for text in worst],
        text_2=worst,
        category=worst,
        pair_type=[WORST[i // 2 % len(WORST)] for i in range(n)],
        ids=worst,
    )


@cache
def evaluation(model: str) -> Evaluation:
    return make_evaluation(model, make_pairs())


# --- nothing but the file -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "baseline",
        *(pytest.param(name, marks=pytest.mark.slow) for name in ("comparison", "redacted", "redacted baseline")),
    ],
)
def test_every_tab_can_be_looked_at_without_a_request_a_complaint_or_a_broken_policy(visit: Open, name: str) -> None:
    """What is asserted when the fixture ends."""
    visited = visit(name)

    for tab in visited.page.locator("[role=tab]").all():
        tab.click()
        visited.draw_all()
    assert visited.page.locator(".plot").count() == visited.drawn()


def test_no_button_of_a_chart_would_send_it_anywhere(visit: Open) -> None:
    visited = visit()
    visited.draw_all()
    titles = visited.page.evaluate("[...document.querySelectorAll('.modebar-btn')].map(b => b.dataset.title)")

    assert "Lasso Select" in titles
    assert not [title for title in titles if re.search("share|cloud|edit|plotly", title, re.IGNORECASE)]


def test_a_browser_that_cannot_unpack_the_library_says_so_in_one_line_and_shows_the_rest(visit: Open) -> None:
    visited = visit(init="delete globalThis.DecompressionStream", wait=False)
    page = visited.page
    page.locator("#notice").wait_for()

    assert page.locator("#notice").inner_text().startswith("This browser cannot unpack the chart library")
    assert page.locator(".plot").first.is_hidden()
    page.locator("summary", has_text="Numbers of this chart").first.click()
    assert page.locator("figure table").first.is_visible()
    visited.choose("outcome", "fixed")
    assert "of 120 pairs" in visited.count()


# --- threshold ------------------------------------------------------------------------------------------


def decisions(page: Page) -> dict[str, list[str]]:
    """Model to the cells behind its threshold, as the reader sees them."""
    rows = page.evaluate(
        "[...document.querySelectorAll('#threshold-table tbody tr')]"
        ".map(r => [...r.cells].map(c => c.childNodes[0].textContent))"
    )
    return {row[0]: row[1:] for row in rows}


def expected(model: str, threshold: float) -> list[Any]:
    pairs = make_pairs()
    return cells_of(threshold_metrics(make_cosines(pairs, model), pairs.labels, threshold))


def cells_of(point: ThresholdMetrics) -> list[Any]:
    counts = (point.true_positives, point.false_positives, point.false_negatives, point.true_negatives)
    return [
        point.threshold,
        *counts,
        point.precision,
        point.recall,
        point.f1,
        point.false_positive_rate,
        point.accuracy,
    ]


def assert_decisions(found: list[str], wanted: list[Any]) -> None:
    assert [value == "n/a" for value in found] == [value is None for value in wanted]
    numbers = [float(value.replace(",", "")) for value in found if value != "n/a"]
    assert numbers == pytest.approx([value for value in wanted if value is not None], abs=0.0005001)


def set_threshold(page: Page, threshold: float) -> None:
    page.fill("#threshold-number", str(threshold))
    page.press("#threshold-number", "Enter")


def test_the_slider_makes_the_table_what_python_computes(visit: Open) -> None:
    page = visit().page

    for threshold in (-1.0, -0.2, 0.137, 0.45, 0.999, 1.0):
        set_threshold(page, threshold)
        found = decisions(page)
        assert page.input_value("#threshold-range") == str(round(threshold * 1000))
        for model, name in zip(MODELS, ("baseline", "standard", "lora", "lora-tuned"), strict=True):
            assert_decisions(found[name], expected(model, threshold))


def test_the_slider_answers_to_the_keyboard_and_writes_its_value(visit: Open) -> None:
    page = visit().page
    set_threshold(page, 0.45)
    page.focus("#threshold-range")
    page.keyboard.press("ArrowRight")

    assert page.input_value("#threshold-number") == "0.451"
    assert page.get_attribute("#threshold-range", "aria-valuetext") == "0.451"
    assert_decisions(decisions(page)["lora"], expected("lora", 0.451))


def test_at_first_and_on_demand_each_model_has_its_own_train_threshold(visit: Open) -> None:
    page = visit().page
    button = page.locator("#threshold-train")
    before = decisions(page)

    assert button.get_attribute("aria-pressed") == "true"
    point = evaluation("lora").operating_point
    assert_decisions(before["lora"], expected("lora", point.threshold))
    set_threshold(page, 0.9)
    assert button.get_attribute("aria-pressed") == "false"
    assert decisions(page) != before
    button.click()
    assert decisions(page) == before
    assert page.input_value("#threshold-number") == ""


def test_a_threshold_that_decides_nothing_is_named(visit: Open) -> None:
    page = visit("baseline").page
    set_threshold(page, -1)

    assert page.locator("#threshold-table small").inner_text() == "calls every pair compatible"


# --- tabs -----------------------------------------------------------------------------------------------


def switch_to(visited: Visit, split: str) -> None:
    visited.page.locator(f"#threshold .splits button[value={split}]").click()
    visited.page.locator(f"html[data-split={split}]").wait_for(state="attached")


def test_one_switch_changes_charts_decisions_and_list_and_is_kept_in_the_address(visit: Open) -> None:
    visited = visit()
    page = visited.page
    own = decisions(page)
    [challenge] = [view for view in made_views([evaluation(name) for name in MODELS]) if view.split == "challenge"]
    switch_to(visited, "challenge")

    found = list(decisions(page).values())
    point = challenge.evaluations[1].operating_point
    assert point is not None
    assert_decisions(found[1], cells_of(point))
    set_threshold(page, 0.4)
    lora = threshold_metrics(challenge.scores["lora"], challenge.pairs.labels, 0.4)
    assert_decisions(list(decisions(page).values())[2], cells_of(lora))
    area = challenge.evaluations[1].estimate("auc_roc").value
    assert f"AUC {area:.3f}" in visited.chart("across-roc").locator(".legendtext").all_text_contents()[1]
    assert "of 50 pairs" in visited.count()
    assert "challenge pair number" in visited.rows()[0][1]
    assert page.locator("#pairs-table tbody button").count() == 0  # no map shows them
    visited.until(lambda: "split=challenge" in visited.fragment)

    page.locator("#threshold-train").click()
    switch_to(visited, "eval")
    assert decisions(page) == own
    assert "of 120 pairs" in visited.count()


def test_a_link_opens_train_pairs_and_a_number_leads_back_to_test_pairs(visit: Open) -> None:
    visited = visit(fragment="#split=train")
    visited.page.locator("html[data-split=train]").wait_for(state="attached")

    assert "of 400 pairs, a sample of all 500" in visited.count()
    visited.page.evaluate("document.querySelector('a[href*=\"category=\"]').click()")
    visited.page.locator("html[data-split=eval]").wait_for(state="attached")


@pytest.mark.parametrize(
    ("fp", "percent"),
    [
        pytest.param(4, "20", id="a threshold"),
        pytest.param(4, "0.000000001", id="the lowest share"),
        pytest.param(1_000_000, "20", id="above every cosine", marks=pytest.mark.slow),
        pytest.param(4, "99.999999999", id="the highest share", marks=pytest.mark.slow),
    ],
)
def test_other_costs_and_another_share_give_the_threshold_and_the_cost_that_python_computes(
    visit: Open, fp: int, percent: str
) -> None:
    visited = visit()
    page = visited.page
    table = "#cost-table tbody tr"
    of_run = page.locator(table).all_inner_texts()
    page.fill("#cost-fp", str(fp))
    page.fill("#cost-rate", percent)
    row = page.evaluate(
        f"[...document.querySelectorAll('{table}')][1].cells.length && "
        f"[...[...document.querySelectorAll('{table}')][1].cells].map(c => c.textContent)"
    )

    known, share = evaluation("finetuned").calibration, float(percent) / 100
    shift = np.log(share / (1 - share)) - np.log(known.n_compatible / (known.n - known.n_compatible))
    threshold = float(np.clip(round((np.log(fp) - known.intercept - shift) / known.slope, 3), LOWEST, HIGHEST))
    pairs = make_pairs()
    point = threshold_metrics(make_cosines(pairs, "finetuned"), pairs.labels, threshold)
    cost = share * (1 - point.recall) + (1 - share) * fp * point.false_positive_rate
    wanted = [threshold, point.false_positive_rate, point.recall, cost, cost - min((1 - share) * fp, share)]
    assert [float(text) for text in row[2:5]] == pytest.approx(wanted[:3], abs=0.0011)
    digits = formats.decimals(min((1 - share) * fp, share))
    assert row[5:] == [formats.number(cost, digits), formats.signed(wanted[-1], digits)]
    chart = visited.chart("threshold-expected-cost")
    marks = chart.locator(".plot").evaluate("plot => plot.data.filter(t => t.meta.chosen === 1).map(t => t.x[0])")
    assert marks == pytest.approx([threshold])
    visited.until(lambda: f"cost_fp={fp}" in visited.fragment and f"cost_rate={percent}" in visited.fragment)

    page.click("#cost-reset")
    assert page.locator(table).all_inner_texts() == of_run


def open_panels(page: Page) -> list[str]:
    ids: list[str] = page.evaluate("[...document.querySelectorAll('.panel')].filter(p => !p.hidden).map(p => p.id)")
    return ids


def test_tabs_open_by_mouse_and_draw_their_charts_then(visit: Open) -> None:
    visited = visit()
    page = visited.page
    assert open_panels(page) == ["model-0"]

    page.get_by_role("tab", name="lora", exact=True).click()

    assert open_panels(page) == ["model-2"]
    visited.chart("model-2-roc")
    assert page.locator("#model-3-roc .plot[data-drawn]").count() == 0


def test_tabs_answer_to_the_keyboard_and_are_named_for_a_screen_reader(visit: Open) -> None:
    page = visit().page
    page.get_by_role("tab", name="baseline").focus()
    seen = []
    for key in ("ArrowRight", "End", "ArrowRight", "ArrowLeft", "Home"):
        page.keyboard.press(key)
        seen.append(open_panels(page)[0])

    assert seen == ["model-1", "model-3", "model-0", "model-3", "model-0"]
    assert page.get_by_role("tabpanel", name="baseline").count() == 1
    assert page.get_by_role("tablist", name="One model at a time").count() == 1
    assert page.locator("[role=tab][tabindex='0']").count() == 1


# --- the list of pairs ----------------------------------------------------------------------------------


def outcome(model: str) -> np.ndarray:
    """What the model makes of each pair, relative to the baseline, each at its own threshold."""
    pairs = make_pairs()
    right = [
        (make_cosines(pairs, name) >= evaluation(name).operating_point.threshold) == (pairs.labels == 1)
        for name in ("baseline", model)
    ]
    words = np.array([["still wrong", "fixed"], ["broken", "still right"]])
    return words[right[0].astype(int), right[1].astype(int)]


def test_the_list_shows_the_pairs_of_an_outcome_for_the_chosen_model(visit: Open) -> None:
    visited, found = visit(), outcome("lora")
    visited.choose("model", "lora")

    for wanted in ("fixed", "broken", "still wrong", "still right"):
        visited.choose("outcome", wanted.replace(" ", "-"))
        n = int((found == wanted).sum())
        assert visited.count().startswith(f"Found {n} of 120 pairs." if n else "Found none of 120 pairs.")
        assert {row[-1] for row in visited.rows()} <= {wanted}
        assert all(found[int(row[0]) - 1] == wanted for row in visited.rows())
    visited.choose("outcome", "wrong")
    n = np.isin(found, ["broken", "still wrong"]).sum()
    assert visited.count().startswith(f"Found {n} of 120 pairs.")


def test_the_best_model_is_looked_at_first_and_every_pair_is_there(visit: Open) -> None:
    visited = visit()
    best = max(MODELS[1:], key=lambda name: evaluation(name).auc_roc)

    assert visited.page.input_value("#pairs-model") == best
    assert visited.count() == "Found 120 of 120 pairs. Rows 1 to 50 are shown."
    visited.page.click("#pairs-next")
    visited.page.click("#pairs-next")
    assert visited.count() == "Found 120 of 120 pairs. Rows 101 to 120 are shown."
    assert len(visited.rows()) == 20
    assert visited.page.locator("#pairs-next").is_disabled()
    visited.page.click("#pairs-back")
    assert visited.page.locator("#pairs-page").inner_text() == "page 2 of 3"


def test_the_list_is_filtered_by_category_pair_type_label_and_words(visit: Open) -> None:
    visited, pairs = visit(), make_pairs()
    visited.choose("category", "values")
    assert visited.count().startswith(f"Found {pairs.category.count('values')} of")
    visited.choose("type", "dealbreaker")
    both = [i for i in range(120) if (pairs.category[i], pairs.pair_type[i]) == ("values", "dealbreaker")]
    assert visited.count().startswith(f"Found {len(both)} of")
    visited.choose("label", "1")
    assert visited.count() == "Found none of 120 pairs."
    visited.page.click("#pairs-clear")
    visited.page.fill("#pairs-search", "HOBBY NUMBER 117")
    assert [row[0] for row in visited.rows()] == ["118"]


def test_the_list_is_sorted_by_change_and_by_cosine(visit: Open) -> None:
    visited, pairs = visit(), make_pairs()
    model = visited.page.input_value("#pairs-model")
    cosine = make_cosines(pairs, model)
    change = cosine - make_cosines(pairs)
    orders = {
        "change": -np.abs(change), "rise": -change, "fall": change, "high": -cosine, "low": cosine,
        "row": np.arange(120),
    }  # fmt: skip

    for sort, keys in orders.items():
        visited.choose("sort", sort)
        shown = np.array([int(row[0]) - 1 for row in visited.rows()])
        assert (np.diff(keys[shown]) >= -2e-5).all(), sort
        assert keys[shown[0]] == pytest.approx(keys.min(), abs=2e-5)
    assert visited.rows()[0][-2] == f"{change[0]:+.3f}"


def test_a_number_leads_to_its_pairs(visit: Open) -> None:
    visited = visit()
    page = visited.page
    page.get_by_role("tab", name="lora", exact=True).click()
    page.locator("#model-2-false-positives-by-pair-type summary").click()
    link = page.locator("#model-2-false-positives-by-pair-type td a").filter(has_text=re.compile("[1-9]")).first
    n = link.inner_text()
    link.click()

    assert visited.count().startswith(f"Found {n} of")
    assert page.input_value("#pairs-model") == "lora"
    assert {row[3] for row in visited.rows()} == {"incompatible"}
    assert open_panels(page) == ["model-2"]
    assert page.locator("#pairs h2").is_visible()


# --- the list and the maps ------------------------------------------------------------------------------


def points_of(chart: Locator) -> list[dict[str, float]]:
    """Place in the window and pair of each point of a chart's first panel."""
    found: list[dict[str, float]] = chart.locator(".plot").evaluate(
        """(plot) => {
          const { xaxis, yaxis } = plot._fullLayout;
          const box = plot.getBoundingClientRect();
          return plot.data.filter((t) => t.customdata && (t.xaxis ?? "x") === "x").flatMap((t) => t.customdata.map(
            (pair, i) => ({ pair, x: box.x + xaxis._offset + xaxis.d2p(t.x[i]),
                            y: box.y + yaxis._offset + yaxis.d2p(t.y[i]) })));
        }"""
    )
    return found


def hover_text(page: Page, chart: Locator, point: dict[str, float]) -> str:
    """What a chart tells of a point; it listens to the mouse every 50 ms only."""
    for aside in (5, 1, 0):
        page.mouse.move(point["x"] - aside, point["y"])
        page.wait_for_timeout(60)
    return chart.locator(".hoverlayer").text_content() or ""


def loneliest(points: list[dict[str, float]]) -> dict[str, float]:
    """The point that lies farthest from all others, which a mouse can hit for certain."""
    places = np.array([[point["x"], point["y"]] for point in points])
    apart = np.linalg.norm(places[:, None] - places, axis=2) + 1e9 * np.eye(len(points))
    return points[int(apart.min(axis=1).argmax())]


def ring(page: Page, chart: str) -> list[list[float]]:
    """Where a chart's rings are."""
    found: list[list[float]] = page.locator(f"#{chart} .plot").evaluate(
        "(plot) => plot.data.filter((t) => t.meta?.ring && t.x.length).map((t) => [t.x[0], t.y[0]])"
    )
    return found


def test_a_row_marks_its_pair_on_the_maps_that_are_drawn_and_on_those_drawn_later(visit: Open) -> None:
    visited = visit()
    page = visited.page
    for chart in ("across-umap", "model-0-umap-by-label", "model-0-umap-by-category"):
        visited.chart(chart)
    visited.choose("sort", "row")
    page.get_by_role("button", name="mark the pair of row 8 on the maps").click()

    assert visited.marked() == ["8"]
    places = [[evaluation(name).projection.x[7], evaluation(name).projection.y[7]] for name in MODELS]
    assert np.allclose(ring(page, "across-umap"), places, atol=1e-3)
    assert np.allclose(ring(page, "model-0-umap-by-label"), places[:1], atol=1e-3)
    assert np.allclose(ring(page, "model-0-umap-by-category"), places[:1], atol=1e-3)
    page.get_by_role("tab", name="lora-tuned").click()
    visited.chart("model-3-clusters")
    assert np.allclose(ring(page, "model-3-clusters"), places[3:], atol=1e-3)
    page.get_by_role("button", name="mark the pair of row 8 on the maps").click()
    assert ring(page, "across-umap") == []
    assert visited.marked() == []


def test_a_click_on_a_point_marks_its_row_whatever_page_it_is_on(visit: Open) -> None:
    visited = visit()
    page = visited.page
    visited.choose("sort", "row")
    chart = visited.chart("model-0-umap-by-label")
    point = loneliest(points_of(chart))
    page.mouse.move(point["x"] - 5, point["y"])
    page.mouse.click(point["x"], point["y"])

    page.locator("#pairs-table tr.marked").wait_for(state="attached")
    assert visited.marked() == [str(int(point["pair"]) + 1)]
    assert page.locator("#pairs-page").inner_text() == f"page {int(point['pair']) // 50 + 1} of 3"


@pytest.mark.parametrize("tool", ["Lasso Select", pytest.param("Box Select", marks=pytest.mark.slow)])
def test_a_lasso_or_box_on_a_map_filters_the_list_until_it_is_cleared(visit: Open, tool: str) -> None:
    visited = visit()
    page = visited.page
    visited.choose("sort", "row")
    chart = visited.chart("model-0-umap-by-label")
    chart.locator(f".modebar-btn[data-title='{tool}']").click(force=True)
    area = chart.locator(".nsewdrag").bounding_box()
    assert area is not None
    left, top, middle, bottom = (
        area["x"] + 3,
        area["y"] + 3,
        area["x"] + area["width"] / 2,
        area["y"] + area["height"] - 3,
    )
    inside = sorted(int(p["pair"]) for p in points_of(chart) if p["x"] < middle)
    page.mouse.move(left, top)
    page.mouse.down()
    for x, y in ((middle, top), (middle, bottom), (left, bottom)) if "Lasso" in tool else ((middle, bottom),):
        page.mouse.move(x, y, steps=8)
    page.mouse.up()

    page.locator("#pairs-selection").wait_for()
    assert 0 < len(inside) < 120
    assert visited.count().startswith(f"Found {len(inside)} of 120 pairs.")
    assert [int(row[0]) - 1 for row in visited.rows()] == inside[:50]
    # drawing anew takes the lasso away, but not what it chose
    page.emulate_media(color_scheme="dark")
    visited.until(lambda: chart.locator(".selectionlayer path").count() == 0)
    assert visited.count().startswith(f"Found {len(inside)} of 120 pairs.")
    page.click("#pairs-unselect")
    assert visited.count().startswith("Found 120 of 120")
    assert page.locator("#pairs-selection").is_hidden()


# --- CSV ------------------------------------------------------------------------------------------------


def saved_csv(page: Page) -> tuple[str, list[dict[str, str]]]:
    with page.expect_download() as download:
        page.click("#pairs-csv")
    text = download.value.path().read_bytes().decode("utf-8")
    assert download.value.suggested_filename == "pairs.csv"
    return text, list(csv.DictReader(io.StringIO(text, newline="")))


def test_the_csv_holds_what_the_filters_let_through_of_all_pages(visit: Open) -> None:
    visited, pairs = visit(), make_pairs()
    visited.choose("model", "lora")
    visited.choose("label", "0")
    visited.choose("sort", "row")
    text, rows = saved_csv(visited.page)
    wanted = [i for i in range(120) if pairs.labels[i] == 0]

    assert text.endswith("\r\n")
    assert "\n" not in text.replace("\r\n", "")
    assert [int(row["row"]) - 1 for row in rows] == wanted
    assert [row["text_1"] for row in rows] == [pairs.text_1[i] for i in wanted]
    assert [row["outcome"] for row in rows] == outcome("lora")[wanted].tolist()
    assert [float(row["cosine_lora"]) for row in rows] == pytest.approx(
        make_cosines(pairs, "lora")[wanted].tolist(), abs=1e-5
    )
    # a negative number stays one
    assert any(row["change"].startswith("-") for row in rows)


def test_no_cell_of_the_csv_is_a_formula_and_quotes_and_lines_stay_what_they_are(visit: Open) -> None:
    visited, pairs = visit("hostile"), hostile_pairs()
    visited.choose("sort", "row")
    _, rows = saved_csv(visited.page)

    for row, text in zip(rows, pairs.text_2, strict=True):
        dangerous = text.startswith(("=", "+", "-", "@", "\t", "\r"))
        assert row["text_2"] == (f"'{text}" if dangerous else text)
        assert not any(re.match(r"[=+@\t\r]", row[name]) for name in ("category", "id"))
    assert {"'=", "'@"} <= {row["text_2"][:2] for row in rows}


def test_a_cell_that_a_spreadsheet_would_take_for_a_formula_is_quoted(browser: Browser) -> None:
    page = browser.new_page()
    script = report_page.asset("report_csv.js")

    cells = page.evaluate(f"(texts) => {{ {script} return texts.map(csvCell); }}", [cell.text for cell in CSV_CELLS])

    read = ["".join(next(csv.reader(io.StringIO(f"{cell}\r\n", newline="")))) for cell in cells]
    assert read == [f"'{cell.text}" if cell.is_formula else cell.text for cell in CSV_CELLS]


# --- hostile text ---------------------------------------------------------------------------------------


def test_hostile_text_is_shown_as_it_is_and_does_nothing(visit: Open) -> None:
    visited, pairs = visit("hostile"), hostile_pairs()
    page = visited.page
    for tab in page.locator("[role=tab]").all():
        tab.click()
        visited.draw_all()
    visited.choose("sort", "row")
    _, ids, _, texts, *_ = zip(*visited.rows(), strict=True)

    assert list(texts) == pairs.text_2[: len(texts)]
    assert list(ids) == [cut(text, 40) for text in texts]
    assert page.evaluate("document.querySelectorAll('img, iframe, td b, svg a, svg b').length") == 0
    assert page.evaluate("[...document.scripts].filter(s => !s.type).length") == 2
    legend = page.locator("#across-roc .legendtext").all_text_contents()
    for name in HOSTILE[:3]:
        assert any(text.startswith(f"{name[:20]}") for text in legend)
    assert HOSTILE[1] in page.locator("#across-margin-heatmap").inner_text()


def test_hover_shows_hostile_text_as_it_is(visit: Open) -> None:
    visited = visit("hostile")
    page = visited.page
    chart = visited.chart("model-0-umap-by-label")
    missing = {"</script><script>alert(1)</script>", "<b>x</b>", "<img src=x onerror=alert(1)>", "${7*7}"}
    for point in points_of(chart):
        shown = hover_text(page, chart, point)
        missing -= {text for text in missing if text in shown}
        if not missing:
            break

    assert not missing
    assert page.evaluate("document.querySelectorAll('.hoverlayer b, .hoverlayer img, .hoverlayer script').length") == 0


# --- without JavaScript, on paper, redacted -------------------------------------------------------------


@pytest.mark.parametrize("name", ["comparison", "baseline"])
def test_without_javascript_verdict_badges_and_tables_can_be_read(visit: Open, name: str) -> None:
    page = visit(name, java_script_enabled=False, wait=False).page

    assert page.locator("noscript .notice").is_visible()
    if name == "comparison":
        assert page.locator(".status").is_visible()
        page.locator(".numbers > summary").click()
    else:
        assert page.locator(".statement").is_visible()
    assert page.locator(".badges li").first.is_visible()
    assert all(panel.is_visible() for panel in page.locator(".panel").all())
    assert page.locator("#threshold-table td").first.is_visible()
    assert page.locator("#scores > .table td").first.is_visible()
    assert page.locator("#pair-list").is_hidden()
    assert page.locator(".slider").is_hidden()
    page.locator("summary").last.click()
    assert page.locator("details[open] table").first.is_visible()


def test_on_a_phone_every_column_of_a_table_can_be_seen(visit: Open) -> None:
    page = visit(viewport={"width": 360, "height": 740}).page
    cells = "table:not(#pairs-table) tbody > tr > *"
    beyond = page.evaluate(
        f"[...document.querySelectorAll('.table > {cells}')].filter(c => c.offsetParent)"
        ".filter(c => c.getBoundingClientRect().right > 360 || c.scrollWidth > c.clientWidth + 1)"
        ".map(c => c.textContent)"
    )
    column = "AUC-ROC, challenge set"
    challenge = page.locator(f"#scores td[data-label='{column}']").first

    assert beyond == []
    assert challenge.is_visible()
    assert challenge.evaluate("cell => getComputedStyle(cell, '::before').content") == f'"{column}"'
    named = [
        cell.get_attribute("data-label") for cell in page.locator("#threshold-table tr").nth(1).locator("td").all()
    ]
    set_threshold(page, 0.4)
    cells = page.locator("#threshold-table tr").nth(1).locator("td").all()
    assert [cell.get_attribute("data-label") for cell in cells] == named
    assert named[0] == "Threshold"


def test_print_shows_all_tabs_with_all_charts_drawn_and_then_the_screen_again(visit: Open) -> None:
    visited = visit()
    page = visited.page
    page.emulate_media(media="print")

    page.locator("#model-3-umap-by-category .plot[data-drawn]").wait_for()
    assert all(panel.is_visible() for panel in page.locator(".panel").all())
    assert page.locator(".panel h3").count() == page.locator(".panel h3:visible").count()
    drawn = page.evaluate(
        "[...document.querySelectorAll('.plot')].map(p => p.querySelector('.main-svg')?.getBoundingClientRect().width)"
    )
    assert len(drawn) == visited.drawn()
    assert all(width == pytest.approx(660, abs=1) for width in drawn)
    ink = "getComputedStyle(document.querySelector('#across-roc .xtick text')).fill"
    assert page.evaluate(ink) == "rgb(0, 0, 0)"
    page.emulate_media(media="screen")
    visited.chart("model-0-roc")
    assert open_panels(page) == ["model-0"]


@pytest.mark.parametrize("name", [pytest.param("redacted", marks=pytest.mark.slow), "redacted baseline"])
def test_redacted_a_pair_is_its_row_number_in_the_list_the_hover_and_the_csv(visit: Open, name: str) -> None:
    visited = visit(name)
    page, pairs = visited.page, make_pairs()
    chart = visited.chart("baseline-umap-by-label" if "baseline" in name else "model-0-umap-by-label")
    point = loneliest(points_of(chart))
    pair = int(point["pair"])
    wanted = f"row {pair + 1} of eval_pairs.jsonl" + (f", id p{pair}" if "baseline" in name else "")

    visited.until(lambda: wanted in hover_text(page, chart, point))
    text, rows = saved_csv(page)
    assert list(rows[0])[:3] == ["row", *(["id"] if "baseline" in name else []), "label", "category"][:3]
    everything = page.content() + text
    assert not any(sentence[6:] in everything for sentence in (*pairs.text_1, *pairs.text_2))


def test_the_baseline_alone_lists_its_pairs_as_right_or_wrong(visit: Open) -> None:
    visited = visit("baseline")
    pairs = make_pairs()
    right = (make_cosines(pairs) >= evaluation("baseline").operating_point.threshold) == (pairs.labels == 1)
    visited.choose("outcome", "wrong")

    assert visited.count().startswith(f"Found {int((~right).sum())} of 120 pairs.")
    assert {row[-1] for row in visited.rows()} == {"wrong"}
    assert visited.page.locator("#pairs-model").count() == 0


# --- state in the address -------------------------------------------------------------------------------


def test_a_view_can_be_sent_as_a_link(visit: Open) -> None:
    visited = visit()
    page = visited.page
    page.get_by_role("tab", name="lora-tuned").click()
    set_threshold(page, 0.45)
    for name, value in {
        "model": "lora", "outcome": "still-wrong", "label": "0", "category": "values", "type": "dealbreaker",
        "sort": "low",
    }.items():  # fmt: skip
        visited.choose(name, value)
    page.fill("#pairs-search", "number & 1")
    fragment = (
        "tab=model-3&threshold=0.450&model=lora&outcome=still-wrong&label=0&category=values&pair_type=dealbreaker"
        "&search=number+%26+1&sort=low"
    )
    visited.until(lambda: visited.fragment == fragment)
    again = visit(fragment=f"#{fragment}")

    assert open_panels(again.page) == ["model-3"]
    assert again.page.input_value("#pairs-search") == "number & 1"
    assert again.page.input_value("#threshold-number") == "0.450"
    assert again.count() == visited.count()
    assert decisions(again.page) == decisions(page)
    assert again.fragment == fragment


# resolves when the page has seen the change, or at once where there is none
FOLLOW = """(hash) => new Promise((done) => {
  if (location.hash === hash) done();
  addEventListener("hashchange", () => setTimeout(done), { once: true });
  location.hash = hash;
})"""
GARBAGE = (
    "#tab=nonsense&threshold=abc&model=gpt&outcome=%3Cimg%3E&label=7&category=none&pair_type=&sort=up&x=1",
    "#threshold=2",
    "#threshold=NaN&tab=",
    "#=&&&==",
    "#%E0%A4%A=%",
    "#__proto__=1&constructor=2",
    "#no-such-place",
)


def test_garbage_in_the_address_is_ignored(visit: Open) -> None:
    visited = visit(fragment=GARBAGE[0])
    page = visited.page
    best = page.get_attribute("#pairs-model", "data-chosen")

    for garbage in GARBAGE:
        if "=" in garbage:  # takes back what an address before it asked for
            page.evaluate(FOLLOW, "#tab=model-3&threshold=0.5&outcome=fixed&model=lora&sort=row&category=values")
            assert open_panels(page) == ["model-3"]
        page.evaluate(FOLLOW, garbage)
        assert open_panels(page) == ["model-0"]
        assert page.get_attribute("#threshold-train", "aria-pressed") == "true"
        assert page.input_value("#pairs-model") == best
        assert [page.input_value(f"#pairs-{name}") for name in ("outcome", "sort", "category")] == ["all", "change", ""]
        assert visited.count() == "Found 120 of 120 pairs. Rows 1 to 50 are shown."


def test_a_link_to_a_section_or_a_panel_works_and_changes_nothing_else(visit: Open) -> None:
    visited = visit(fragment="#model-2")
    page = visited.page
    assert open_panels(page) == ["model-2"]
    visited.choose("category", "values")
    visited.until(lambda: "category=values" in visited.fragment)

    page.locator("nav a", has_text="Training").click()

    visited.until(lambda: visited.fragment == "tab=model-2&category=values&at=training")
    assert page.locator("#training h2").is_visible()
    assert open_panels(page) == ["model-2"]
    assert visited.page.input_value("#pairs-category") == "values"


def test_an_address_that_changes_changes_the_view(visit: Open) -> None:
    visited = visit(fragment="#tab=model-1")
    visited.page.evaluate("location.hash = '#tab=model-3&category=values'")

    visited.until(lambda: open_panels(visited.page) == ["model-3"])
    assert visited.page.input_value("#pairs-category") == "values"


# --- every width, light and dark ------------------------------------------------------------------------


# for each chart that is drawn: texts that are hidden, that leave the chart or lie on another text, and missing numbers
UNSEEN_LABELS = """() => [...document.querySelectorAll(".plot[data-drawn]")].flatMap((plot) => {
  if (!plot.clientWidth) return [];
  const frame = plot.getBoundingClientRect();
  const labels = [...plot.querySelectorAll(".main-svg text")]
    .filter((text) => text.textContent.trim() && !text.closest(".hoverlayer"))
    .map((text) => ({ name: text.textContent, shown: text.checkVisibility(), box: text.getBoundingClientRect() }));
  const inside = ({ left, right, top, bottom }) =>
    left >= frame.left - 1 && right <= frame.right + 1 && top >= frame.top - 1 && bottom <= frame.bottom + 1;
  const over = ({ box: a }, { box: b }) =>
    Math.min(a.right, b.right) - Math.max(a.left, b.left) > 4 &&
    Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 5;
  const numbers = plot._fullData.filter((t) => t.visible === true && t.mode?.includes("text")).flatMap((t) => t.text);
  const missing = numbers.filter((text) => text.trim()).length - plot.querySelectorAll(".textpoint text").length;
  return [
    ...labels.filter((label) => !label.shown || !inside(label.box)).map((label) => label.name),
    ...labels.flatMap((a, i) => labels.slice(i + 1).filter((b) => over(a, b)).map((b) => `${a.name} on ${b.name}`)),
    ...(missing ? [`${missing} numbers`] : []),
  ].map((what) => `${plot.dataset.figure}: ${what}`);
})"""


# the narrowest page of all charts here; the others take minutes
@pytest.mark.parametrize(
    ("name", "width"),
    [
        case if case == ("comparison", 360) else pytest.param(*case, marks=pytest.mark.slow)
        for case in product(("comparison", "baseline"), (360, 768, 1280, 2560))
    ],
)
def test_the_page_fits_its_window_and_all_labels_of_a_chart_its_frame(visit: Open, name: str, width: int) -> None:
    visited = visit(name)
    page = visited.page
    unfit = (
        "[...document.querySelectorAll('.plot')].filter(p => p.clientWidth && !(p.dataset.drawn && "
        "Math.abs(p.querySelector('.main-svg').getBoundingClientRect().width - p.clientWidth) <= 1)).length"
    )

    page.set_viewport_size({"width": width, "height": 40_000})  # every chart is near the window
    for tab in page.locator("[role=tab]").all():
        tab.click()
        visited.until(lambda: page.evaluate(unfit) == 0)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(UNSEEN_LABELS) == []


def test_at_1280_pixels_no_table_of_scores_needs_to_be_scrolled(visit: Open) -> None:
    page = visit().page
    wide = page.evaluate(
        "[...document.querySelectorAll('main > section > .table, #threshold-table .table')]"
        ".filter(t => t.scrollWidth > t.clientWidth + 1).map(t => t.getAttribute('aria-label'))"
    )

    assert wide == []


@pytest.mark.parametrize(
    ("scheme", "ink"),
    [pytest.param("light", "rgb(34, 34, 34)", marks=pytest.mark.slow), ("dark", "rgb(232, 232, 232)")],
)
def test_page_and_charts_follow_the_systems_colours_also_when_they_change(visit: Open, scheme: str, ink: str) -> None:
    other = "dark" if scheme == "light" else "light"
    visited = visit(color_scheme=other)
    page = visited.page
    visited.chart("model-0-roc")
    page.emulate_media(color_scheme=scheme)

    visited.until(lambda: page.evaluate("getComputedStyle(document.body).color") == ink)
    tick = "getComputedStyle(document.querySelector('#model-0-roc .xtick text')).fill"
    visited.until(lambda: page.evaluate(tick) == ink)


@pytest.mark.parametrize("width", [360, pytest.param(1280, marks=pytest.mark.slow)])
def test_a_word_is_explained_by_keyboard_and_by_touch_without_a_script(visit: Open, width: int) -> None:
    page = visit(java_script_enabled=False, wait=False, has_touch=True, viewport={"width": width, "height": 800}).page
    button = page.locator("button.explain:visible").first
    explanation = page.locator(f"#{button.get_attribute('popovertarget')}")
    assert explanation.is_hidden()

    button.focus()
    page.keyboard.press("Enter")
    box = explanation.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    page.keyboard.press("Escape")
    assert explanation.is_hidden()

    button.tap()
    assert explanation.is_visible()
    explanation.get_by_role("button", name="Close").tap()
    assert explanation.is_hidden()


def test_on_paper_every_explanation_can_be_read(visit: Open) -> None:
    page = visit().page
    page.emulate_media(media="print")

    assert page.locator("#term-auc-roc .term-text").is_visible()
    assert page.locator("button.explain:visible").count() == 0
