"""Maps, list, slider and address of a report as one workbench: what is chosen in one is shown in the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from src.metrics import threshold_metrics
from tests.support.factories import make_cosines, make_pairs
from tests.support.report_pages import made_views
from tests.system.test_browser import (
    FOLLOW,
    MODELS,
    Visit,
    evaluation,
    loneliest,
    points_of,
    ring,
    saved_csv,
    set_threshold,
    switch_to,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator, Page

    Open = Callable[..., Visit]

MAPS = "across-umap"
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
# for each trace of pairs of a chart: its pairs that are not faint
BRIGHT = """(plot) => plot.data.filter((trace) => trace.customdata && trace.meta).map(
  (trace) => trace.customdata.filter((_, place) => !trace.selectedpoints || trace.selectedpoints.includes(place)))"""
# where the halos of a chart are, beside where its axes say that the pair is
HALOS = """([plot, pair]) => plot.data.filter((t) => t.customdata?.includes(pair)).map((t) => {
  const [x, y] = [t.xaxis ?? "x", t.yaxis ?? "y"].map((id) => plot._fullLayout[id.replace(/^[xy]/, "$&axis")]);
  const at = t.customdata.indexOf(pair);
  const place = [x._offset + x.d2p(t.x[at]), y._offset + y.d2p(t.y[at])];
  return [...plot.querySelectorAll(".halo")].some(
    ({ style }) => Math.hypot(parseFloat(style.left) - place[0], parseFloat(style.top) - place[1]) < 1);
})"""


def maps(visited: Visit) -> Locator:
    """The maps of the workbench, drawn."""
    visited.page.locator(".bench").evaluate("part => part.scrollIntoView({ behavior: 'instant' })")
    return visited.chart(MAPS)


def bright(chart: Locator) -> set[int]:
    """The pairs of a chart that are not faint, which are the same in each of its panels."""
    traces: list[list[int]] = chart.locator(".plot").evaluate(BRIGHT)
    return {pair for trace in traces for pair in trace}


def bright_in_each_panel(chart: Locator) -> list[int]:
    """How many pairs stand out in each panel of the maps; two traces make a panel."""
    traces: list[list[int]] = chart.locator(".plot").evaluate(BRIGHT)
    return [len(a) + len(b) for a, b in zip(traces[::2], traces[1::2], strict=True)]


def pointed_out(page: Page, chart: Locator, pair: int) -> list[bool]:
    """For each panel whether the halo is where the pair is."""
    found: list[bool] = page.evaluate(HALOS, [chart.locator(".plot").element_handle(), pair])
    return found


def is_in_its_box(page: Page) -> bool:
    """Whether the marked row can be seen in the list's box, and the box in the window."""
    seen: bool = page.evaluate(
        """() => {
          const box = document.querySelector("#pair-list .table").getBoundingClientRect();
          const row = document.querySelector("#pairs-table tr.marked").getBoundingClientRect();
          const isInBox = row.top >= box.top - 1 && row.bottom <= box.bottom + 1;
          return isInBox && box.top < innerHeight && row.top < innerHeight;
        }"""
    )
    return seen


def click_on(page: Page, point: dict[str, float]) -> None:
    page.mouse.move(point["x"] - 5, point["y"])
    page.wait_for_timeout(60)
    page.mouse.click(point["x"], point["y"])


def lasso_left_half(page: Page, chart: Locator) -> set[int]:
    """Draw a lasso, which a drag does on the maps of the workbench, and say which pairs are within."""
    area = chart.locator(".nsewdrag").first.bounding_box()
    assert area is not None
    left, top, middle = area["x"] + 3, area["y"] + 3, area["x"] + area["width"] / 2
    bottom = area["y"] + area["height"] - 3
    inside = {int(point["pair"]) for point in points_of(chart) if point["x"] < middle}
    page.mouse.move(left, top)
    page.mouse.down()
    for x, y in ((middle, top), (middle, bottom), (left, bottom)):
        page.mouse.move(x, y, steps=8)
    page.mouse.up()
    page.locator("#pairs-selection").wait_for()
    return inside


# --- side by side ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "chart"),
    [("comparison", MAPS), pytest.param("baseline", "baseline-umap-by-label", marks=pytest.mark.slow)],
)
def test_from_1280_pixels_on_maps_and_list_are_seen_together_and_the_list_scrolls_in_its_box(
    visit: Open, name: str, chart: str
) -> None:
    visited = visit(name)
    page = visited.page
    visited.chart(chart)
    page.locator(".bench").evaluate("part => part.scrollIntoView({ behavior: 'instant' })")
    boxes = [page.locator(place).bounding_box() for place in (f"#{chart} .plot", "#pair-list .table")]

    assert all(box is not None for box in boxes)
    drawn, listed = (box for box in boxes if box is not None)
    assert drawn["x"] + drawn["width"] <= listed["x"]
    assert all(box["y"] >= 0 and box["y"] + box["height"] <= 900 for box in (drawn, listed))
    assert page.evaluate("(box => box.scrollHeight > box.clientHeight)(document.querySelector('#pair-list .table'))")


def test_below_1280_pixels_the_list_stands_below_the_maps(visit: Open) -> None:
    visited = visit(viewport={"width": 1279, "height": 900})
    drawn, listed = maps(visited).bounding_box(), visited.page.locator("#pair-list").bounding_box()

    assert drawn is not None
    assert listed is not None
    assert drawn["y"] + drawn["height"] <= listed["y"]


# --- a pair in list and maps ----------------------------------------------------------------------------


def test_a_click_on_a_point_scrolls_the_box_to_its_row_and_the_page_stays(visit: Open) -> None:
    visited = visit()
    page = visited.page
    visited.choose("sort", "row")
    chart = maps(visited)
    point = loneliest([one for one in points_of(chart) if one["pair"] % 50 > 20])
    before = page.evaluate("scrollY")
    click_on(page, point)

    page.locator("#pairs-table tr.marked").wait_for(state="attached")
    assert visited.marked() == [str(int(point["pair"]) + 1)]
    assert is_in_its_box(page)
    assert page.evaluate("scrollY") == before
    assert page.locator("#sheet").is_hidden()


def test_a_click_on_a_map_far_from_the_list_tells_of_its_row_and_leads_to_it(visit: Open) -> None:
    visited = visit()
    page = visited.page
    visited.choose("sort", "row")
    chart = visited.chart("model-0-umap-by-label")
    chart.evaluate("part => part.scrollIntoView({ behavior: 'instant' })")
    point = loneliest(points_of(chart))
    click_on(page, point)

    page.locator("#sheet").wait_for()
    assert f"row {int(point['pair']) + 1} |" in page.locator("#sheet-text").inner_text()
    page.get_by_role("button", name="Show its row").click()
    visited.until(lambda: is_in_its_box(page))
    assert page.evaluate("document.activeElement.textContent") == str(int(point["pair"]) + 1)
    assert page.locator("#sheet").is_hidden()


def test_a_click_on_a_row_marks_its_pair_in_all_panels_and_in_the_address(visit: Open) -> None:
    visited = visit()
    page = visited.page
    visited.choose("sort", "row")
    maps(visited)
    page.locator("#pairs-table tbody tr").nth(6).locator("td").first.click()

    places = [[evaluation(name).projection.x[6], evaluation(name).projection.y[6]] for name in MODELS]
    assert np.allclose(ring(page, MAPS), places, atol=1e-3)
    visited.until(lambda: "pair=7" in visited.fragment)
    again = visit(fragment=f"#{visited.fragment}")
    maps(again)
    assert again.marked() == ["7"]
    assert np.allclose(ring(again.page, MAPS), places, atol=1e-3)
    again.page.locator("#pairs-table tr.marked td").first.click()
    assert again.marked() == []
    assert ring(again.page, MAPS) == []


def test_the_row_under_the_mouse_or_the_focus_is_pointed_out_in_all_panels(visit: Open) -> None:
    visited = visit()
    page = visited.page
    visited.choose("sort", "row")
    chart = maps(visited)
    row = page.locator("#pairs-table tbody tr").nth(2)

    row.hover()
    assert pointed_out(page, chart, 2) == [True] * 4
    page.locator("#pairs-count").hover()
    assert pointed_out(page, chart, 2) == [False] * 4
    row.locator("button").focus()
    assert pointed_out(page, chart, 2) == [True] * 4
    page.keyboard.press("Tab")
    assert pointed_out(page, chart, 2) == [False] * 4
    assert pointed_out(page, chart, 3) == [True] * 4


def test_the_point_under_the_mouse_is_pointed_out_in_all_panels_and_in_the_list(visit: Open) -> None:
    visited = visit()
    page = visited.page
    visited.choose("sort", "row")
    chart = maps(visited)
    point = loneliest([one for one in points_of(chart) if one["pair"] < 50])
    pair = int(point["pair"])
    for aside in (5, 1, 0):
        page.mouse.move(point["x"] - aside, point["y"])
        page.wait_for_timeout(60)

    visited.until(lambda: pointed_out(page, chart, pair) == [True] * 4)
    assert page.locator("#pairs-table tr.pointed th").all_inner_texts() == [str(pair + 1)]
    page.locator("#pairs h2").hover()
    visited.until(lambda: page.locator(".halo, tr.pointed").count() == 0)


def test_by_keyboard_the_arrows_lead_over_the_map_and_enter_to_the_row(visit: Open) -> None:
    visited = visit()
    page = visited.page
    chart = maps(visited)
    chart.locator(".plot").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    row = page.locator("#map-says").text_content().partition("row ")[2].partition(" ")[0]  # type: ignore[union-attr]

    assert pointed_out(page, chart, int(row) - 1) == [True] * 4
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    assert page.locator("#map-says").text_content() != ""
    assert visited.marked() == [page.evaluate("document.activeElement.textContent")]
    assert is_in_its_box(page)


# --- several pairs --------------------------------------------------------------------------------------


def test_a_lasso_in_one_panel_dims_the_others_in_all_panels_and_filters_the_list(visit: Open) -> None:
    visited = visit()
    page = visited.page
    visited.choose("sort", "row")
    chart = maps(visited)
    inside = lasso_left_half(page, chart)

    assert 0 < len(inside) < 120
    visited.until(lambda: bright_in_each_panel(chart) == [len(inside)] * 4)
    assert bright(chart) == inside
    assert page.locator("#pairs-selection").inner_text().startswith(f"{len(inside)} pairs selected")
    assert [int(row[0]) - 1 for row in visited.rows()] == sorted(inside)[:50]
    assert bright(visited.chart("model-0-umap-by-label")) == inside
    assert bright(visited.chart("across-movement")) == inside
    page.click("#pairs-unselect")
    chart = maps(visited)
    visited.until(lambda: bright_in_each_panel(chart) == [120] * 4)
    assert visited.count().startswith("Found 120 of 120")


def test_by_keyboard_a_category_and_a_type_stand_out_in_all_panels_and_filter_the_list(visit: Open) -> None:
    visited, pairs = visit(), make_pairs()
    page = visited.page
    chart = maps(visited)
    page.focus("#pairs-category")
    page.keyboard.type("val")
    category = page.input_value("#pairs-category")
    wanted = {i for i in range(120) if pairs.category[i] == category}

    assert category.startswith("val")
    visited.until(lambda: bright(chart) == wanted)
    assert bright_in_each_panel(chart) == [len(wanted)] * 4
    assert visited.count().startswith(f"Found {len(wanted)} of")
    page.focus("#pairs-type")
    page.keyboard.press("ArrowDown")
    kind = page.input_value("#pairs-type")
    both = {i for i in wanted if pairs.pair_type[i] == kind}
    visited.until(lambda: bright(chart) == both)
    page.focus("#pairs-clear")
    page.keyboard.press("Enter")
    visited.until(lambda: len(bright(chart)) == 120)


def test_what_a_reader_did_to_a_map_stays_when_a_filter_changes(visit: Open) -> None:
    visited = visit()
    chart = maps(visited)
    chart.locator(".modebar-btn[data-title='Zoom in']").click(force=True)
    zoomed = chart.locator(".plot").evaluate("plot => plot._fullLayout.xaxis.range")
    visited.choose("label", "1")
    visited.until(lambda: len(bright(chart)) < 120)

    assert chart.locator(".plot").evaluate("plot => plot._fullLayout.xaxis.range") == pytest.approx(zoomed)


# --- the slider -----------------------------------------------------------------------------------------


def threshold_lines(chart: Locator) -> list[float]:
    """Where the lines of a histogram's panels that mark a threshold are."""
    found: list[float] = chart.locator(".plot").evaluate(
        "plot => plot.layout.shapes.filter(s => s.name === 'threshold').map(s => s.x0)"
    )
    return found


def roc_points(chart: Locator) -> list[list[float]]:
    """False and true positive rate of each model's point."""
    found: list[list[float]] = chart.locator(".plot").evaluate(
        "plot => plot.data.filter(t => t.meta?.decides !== undefined).map(t => [t.x[0], t.y[0]])"
    )
    return found


def rates(cosines: np.ndarray, labels: np.ndarray, threshold: float) -> list[float | None]:
    point = threshold_metrics(cosines, labels, threshold)
    return [point.false_positive_rate, point.recall]


def test_the_slider_moves_table_list_histogram_lines_and_roc_points(visit: Open) -> None:
    visited, pairs = visit(), make_pairs()
    page = visited.page
    lines = threshold_lines(visited.chart("across-cosine-distributions"))
    points = roc_points(visited.chart("across-roc"))
    set_threshold(page, 0.3)

    visited.until(lambda: threshold_lines(visited.chart("across-cosine-distributions")) == [0.3] * 4)
    wanted = [rates(make_cosines(pairs, name), pairs.labels, 0.3) for name in MODELS]
    visited.until(lambda: np.allclose(roc_points(visited.chart("across-roc")), wanted, atol=1e-9))
    assert np.allclose(roc_points(visited.chart("model-0-roc")), wanted[:1])
    visited.choose("model", "lora")
    visited.choose("outcome", "wrong")
    wrong = (make_cosines(pairs, "lora") >= 0.3) != (pairs.labels == 1)
    assert visited.count().startswith(f"Found {int(wrong.sum())} of")
    assert page.input_value("#pairs-threshold") == "0.300"
    page.fill("#pairs-threshold", "")
    page.press("#pairs-threshold", "Enter")
    assert page.get_attribute("#threshold-train", "aria-pressed") == "true"
    visited.until(lambda: threshold_lines(visited.chart("across-cosine-distributions")) == lines)
    assert roc_points(visited.chart("across-roc")) == points


def test_a_threshold_beyond_a_histogram_is_on_its_axis_all_the_same(visit: Open) -> None:
    visited = visit()
    set_threshold(visited.page, 1.0)
    plot = visited.chart("across-cosine-distributions").locator(".plot")

    visited.until(lambda: plot.evaluate("plot => plot._fullLayout.xaxis.range[1] > 1"))


def test_on_another_split_the_slider_moves_the_points_of_that_splits_curves(visit: Open) -> None:
    visited = visit()
    [challenge] = [view for view in made_views([evaluation(name) for name in MODELS]) if view.split == "challenge"]
    set_threshold(visited.page, 0.4)
    switch_to(visited, "challenge")
    wanted = [rates(challenge.scores[name], challenge.pairs.labels, 0.4) for name in MODELS]

    visited.until(lambda: np.allclose(roc_points(visited.chart("across-roc")), wanted, atol=1e-9))


def test_the_csv_names_the_threshold_that_its_outcomes_are_of(visit: Open) -> None:
    visited = visit()
    set_threshold(visited.page, 0.45)
    _, rows = saved_csv(visited.page)

    assert "outcome_at_0.450" in rows[0]
    assert "outcome" not in rows[0]


# --- the address ----------------------------------------------------------------------------------------


def view_of(visited: Visit) -> dict[str, Any]:
    """What a reader has chosen."""
    page = visited.page
    return {
        "count": visited.count(),
        "rows": visited.rows(),
        "marked": visited.marked(),
        "selection": page.locator("#pairs-selection").inner_text(),
        "threshold": page.input_value("#threshold-number"),
        "label": page.input_value("#pairs-label"),
        "split": page.evaluate("document.documentElement.dataset.split ?? 'eval'"),
    }


def reload(visited: Visit) -> None:
    """Load the page again, which asks for nothing but the page."""
    visited.page.reload()
    visited.page.locator("html.charts-ready").wait_for(state="attached")
    again = visited.requests.pop()
    assert [again.partition("#")[0]] == [url.partition("#")[0] for url in visited.requests]


def test_selection_filters_threshold_and_mark_survive_a_reload_and_section_links(visit: Open) -> None:
    visited = visit()
    page = visited.page
    inside = lasso_left_half(page, maps(visited))
    visited.choose("label", "0")
    set_threshold(page, 0.45)
    page.locator("#pairs-table tbody button").first.click()
    before = view_of(visited)
    assert before["marked"]
    page.locator("nav a", has_text="Training").evaluate("link => link.click()")
    visited.until(lambda: visited.fragment.endswith("&at=training"))

    assert view_of(visited) == before
    reload(visited)
    assert view_of(visited) == before
    labels = make_pairs().labels
    assert bright(maps(visited)) == {pair for pair in inside if not labels[pair]}
    again = visit(fragment=f"#{visited.fragment}")
    assert view_of(again) == before
    visited.until(lambda: again.page.evaluate("document.querySelector('#training').getBoundingClientRect().top") < 900)


def test_the_set_that_is_shown_survives_a_reload(visit: Open) -> None:
    visited = visit()
    switch_to(visited, "train")
    # the seventh page is one that the test pairs do not have
    for _ in range(6):
        visited.page.locator("#pairs-next").click()
    visited.until(lambda: "split=train" in visited.fragment and "page=7" in visited.fragment)
    before = view_of(visited)
    reload(visited)
    visited.page.locator("html[data-split=train]").wait_for(state="attached")

    visited.until(lambda: view_of(visited) == before)


def test_a_click_on_a_map_beside_a_list_of_train_pairs_leads_to_the_pair_among_the_test_pairs(visit: Open) -> None:
    visited = visit(fragment="#split=train&sort=row")
    page = visited.page
    page.locator("html[data-split=train]").wait_for(state="attached")
    chart = maps(visited)
    point = loneliest([one for one in points_of(chart) if one["pair"] >= 50])  # not on the first page
    click_on(page, point)

    page.locator("html[data-split=eval]").wait_for(state="attached")
    visited.until(lambda: visited.marked() == [str(int(point["pair"]) + 1)])
    assert is_in_its_box(page)
    assert page.locator("#sheet").is_hidden()


def test_back_returns_from_the_pairs_of_a_number_to_the_view_before(visit: Open) -> None:
    visited = visit()
    page = visited.page
    visited.choose("label", "1")
    before = view_of(visited)
    page.evaluate("document.querySelector('a[href*=\"category=\"]').click()")
    visited.until(lambda: visited.fragment.endswith("at=pairs"))

    assert view_of(visited) != before
    page.go_back()
    visited.until(lambda: view_of(visited) == before)
    page.evaluate("document.querySelector('a[href*=\"category=\"]').click()")
    visited.choose("label", "0")
    page.go_back()
    visited.until(lambda: view_of(visited) == before)


def test_back_to_the_page_as_it_was_first_takes_all_filters_away(visit: Open) -> None:
    visited = visit()
    before = view_of(visited)
    visited.page.evaluate("document.querySelector('a[href*=\"category=\"]').click()")
    assert view_of(visited) != before
    visited.page.go_back()

    visited.until(lambda: view_of(visited) == before)


def test_the_address_is_bounded_and_leaves_out_what_would_make_it_longer(visit: Open) -> None:
    visited = visit()
    page = visited.page
    lasso_left_half(page, maps(visited))
    page.evaluate("document.querySelector('#pairs-search').removeAttribute('maxlength')")
    page.fill("#pairs-search", "\U0001f600" * 3000)
    set_threshold(page, 0.4)  # an address that holds this was written after the search
    visited.until(lambda: "threshold=0.400" in visited.fragment)

    assert len(visited.fragment) <= 2000
    assert "selected=" in visited.fragment
    assert "search=" not in visited.fragment


@pytest.mark.parametrize(
    "garbage",
    [
        "#selected=!!!&pair=x&page=-1",
        *(
            pytest.param(address, marks=pytest.mark.slow)
            for address in ("#selected=A&pair=0&page=99999999", "#pair=1e9&selected=%FF&at=nowhere")
        ),
    ],
)
def test_a_selection_pair_page_or_place_that_cannot_be_is_ignored(visit: Open, garbage: str) -> None:
    visited = visit(fragment="#label=1")
    visited.page.evaluate(FOLLOW, garbage)
    visited.until(lambda: visited.count() == "Found 120 of 120 pairs. Rows 1 to 50 are shown.")

    assert visited.marked() == []
    assert visited.page.locator("#pairs-selection").is_hidden()


# --- on a phone -----------------------------------------------------------------------------------------


def swipe_up(page: Page, x: float, y: float) -> None:
    session = page.context.new_cdp_session(page)
    session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for step in range(1, 13):
        session.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [{"x": x, "y": y - 20 * step}]})
        page.wait_for_timeout(16)
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


@pytest.mark.parametrize("name", [MAPS, pytest.param("across-roc", marks=pytest.mark.slow)])
def test_on_a_phone_a_swipe_on_a_chart_moves_the_page_and_not_the_chart(visit: Open, name: str) -> None:
    visited = visit(**PHONE)
    page = visited.page
    plot = visited.chart(name).locator(".plot")
    plot.evaluate("part => part.scrollIntoView({ block: 'center', behavior: 'instant' })")
    page.wait_for_timeout(300)
    area = plot.bounding_box()
    assert area is not None
    axis = "plot => plot._fullLayout.xaxis.range.join()"
    before, ranges = page.evaluate("scrollY"), plot.evaluate(axis)
    swipe_up(page, area["x"] + area["width"] / 2, area["y"] + area["height"] / 2)

    visited.until(lambda: page.evaluate("scrollY") > before + 100)
    assert plot.evaluate(axis) == ranges
    assert page.locator(".modebar-btn").count() == 0


def test_on_a_phone_a_tap_on_a_point_opens_a_sheet_at_the_lower_edge(visit: Open) -> None:
    visited, pairs = visit(**PHONE), make_pairs()
    page = visited.page
    chart = maps(visited)
    chart.locator(".plot").evaluate("part => part.scrollIntoView({ behavior: 'instant' })")
    page.wait_for_timeout(300)
    point = loneliest(points_of(chart))
    page.touchscreen.tap(point["x"], point["y"])
    page.locator("#sheet-row").wait_for()
    box = page.locator("#sheet").bounding_box()

    assert box is not None
    assert (box["x"], box["width"], box["y"] + box["height"]) == (0, 360, 740)
    assert pairs.text_1[int(point["pair"])] in page.locator("#sheet-text").inner_text()
    assert page.locator(".hoverlayer .hovertext:visible").count() == 0
    page.locator("#sheet-row").tap()
    assert page.locator("#sheet").is_hidden()
    visited.until(lambda: is_in_its_box(page))


def test_on_a_phone_a_chart_without_pairs_tells_of_its_points_on_the_sheet_too(visit: Open) -> None:
    visited = visit(**PHONE)
    page = visited.page
    plot = visited.chart("across-roc").locator(".plot")
    place = """(plot) => {
      const { xaxis, yaxis } = plot._fullLayout, box = plot.getBoundingClientRect();
      const point = plot.data.find((trace) => trace.meta?.decides === 1);
      return [box.x + xaxis._offset + xaxis.d2p(point.x[0]), box.y + yaxis._offset + yaxis.d2p(point.y[0])];
    }"""

    def opens_the_sheet() -> bool:
        # charts above it that are drawn meanwhile may move it
        plot.evaluate("part => part.scrollIntoView({ behavior: 'instant' })")
        page.touchscreen.tap(*plot.evaluate(place))
        page.wait_for_timeout(200)
        return page.locator("#sheet").is_visible()

    visited.until(opens_the_sheet)
    assert "threshold" in page.locator("#sheet-text").inner_text()
    assert page.locator("#sheet-row").is_hidden()


def test_on_a_phone_all_of_a_row_of_the_list_is_within_the_window(visit: Open) -> None:
    page = visit(**PHONE).page
    beyond = page.evaluate(
        "[...document.querySelectorAll('#pairs-table tbody tr:first-child > *')]"
        ".filter(c => c.getBoundingClientRect().right > 360 || c.scrollWidth > c.clientWidth + 1).length"
    )

    assert beyond == 0


# --- redacted -------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_redacted_neither_sheet_nor_map_says_a_word_of_a_text(visit: Open) -> None:
    visited, pairs = visit("redacted"), make_pairs()
    page = visited.page
    chart = maps(visited)
    chart.locator(".plot").focus()
    page.keyboard.press("ArrowRight")
    chart = visited.chart("model-0-umap-by-label")
    chart.evaluate("part => part.scrollIntoView({ behavior: 'instant' })")
    click_on(page, loneliest(points_of(chart)))
    page.locator("#sheet").wait_for()

    assert "of eval_pairs.jsonl" in page.locator("#map-says").inner_text()
    assert "of eval_pairs.jsonl" in page.locator("#sheet-text").inner_text()
    everything = page.content()
    assert not any(text[6:] in everything for text in (*pairs.text_1, *pairs.text_2))
