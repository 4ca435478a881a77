"use strict";
(() => {
  const root = document.documentElement;
  const strings = JSON.parse(document.getElementById("strings").textContent);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const config = { responsive: true, displaylogo: false, modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d"] };
  const NARROW = 480;
  const PRINT_WIDTH = 660;
  const PRINT_COLOURS = { ink: "#000000", grid: "#dddddd", muted: "#444444", card: "#ffffff" };
  root.classList.add("js");

  // --- charts: drawn when first shown, in the colours of the page

  function colours() {
    if (root.classList.contains("printing")) return PRINT_COLOURS;
    const style = getComputedStyle(root);
    const read = (name) => style.getPropertyValue(name).trim();
    return { ink: read("--ink"), grid: read("--grid"), muted: read("--muted"), card: read("--card") };
  }

  function load(plot) {
    const figure = JSON.parse(document.getElementById(plot.dataset.figure).textContent);
    for (const trace of figure.data) {
      if (Array.isArray(trace.hovertext)) trace.hovertext = trace.hovertext.map((place) => strings[place]);
    }
    return figure;
  }

  // A phone's panels are narrower than the numbers beside their bars; these are in the table.
  function fitNarrow(figure, layout) {
    layout.font.size = 10;
    for (const note of figure.layout.annotations ?? []) note.font = { ...note.font, size: 8 };
    for (const trace of figure.data) {
      if (trace.type === "bar" && trace.text) trace.text = trace.text.map((text) => (text === "n/a" ? text : ""));
    }
  }

  function draw(plot) {
    const figure = load(plot);
    const colour = colours();
    const layout = figure.layout.template.layout;
    layout.font.color = colour.ink;
    if (plot.clientWidth < NARROW) fitNarrow(figure, layout);
    layout.hoverlabel = { ...layout.hoverlabel, bgcolor: colour.card, bordercolor: colour.muted };
    layout.hoverlabel.font = { ...layout.hoverlabel.font, color: colour.ink };
    for (const axis of [layout.xaxis, layout.yaxis]) {
      Object.assign(axis, { gridcolor: colour.grid, zerolinecolor: colour.muted, linecolor: colour.grid });
    }
    if (root.classList.contains("printing")) figure.layout.width = PRINT_WIDTH;
    plot.dataset.drawn = "yes";
    return Plotly.react(plot, figure.data, figure.layout, config);
  }

  const plots = () => [...document.querySelectorAll(".plot")];
  const shown = (plot) => plot.getClientRects().length > 0;

  // One chart a turn of the event loop, so that the page answers while it draws.
  function drawShown() {
    const next = plots().find((plot) => !plot.dataset.drawn && shown(plot));
    if (!next) return;
    draw(next);
    setTimeout(drawShown);
  }

  function redraw() {
    for (const plot of plots()) {
      if (plot.dataset.drawn && shown(plot)) draw(plot);
      else delete plot.dataset.drawn;
    }
    drawShown();
  }

  // --- tabs: links to sections without JavaScript, tabs with it

  function select(tabs, chosen, focus) {
    for (const tab of tabs) {
      const on = tab === chosen;
      tab.setAttribute("aria-selected", String(on));
      tab.tabIndex = on ? 0 : -1;
      document.getElementById(tab.getAttribute("aria-controls")).hidden = !on;
    }
    if (focus) chosen.focus();
    drawShown();
  }

  function neighbour(tabs, tab, key) {
    const here = tabs.indexOf(tab);
    const steps = { ArrowRight: here + 1, ArrowLeft: here - 1, Home: 0, End: -1 };
    return key in steps ? tabs.at(steps[key] % tabs.length) : undefined;
  }

  function makeTabs(box) {
    const list = box.querySelector("ul");
    const tabs = [...list.querySelectorAll("a")];
    list.setAttribute("role", "tablist");
    list.setAttribute("aria-label", box.closest("section").querySelector("h2").textContent);
    for (const tab of tabs) {
      const id = tab.hash.slice(1);
      const panel = document.getElementById(id);
      tab.parentElement.setAttribute("role", "presentation");
      tab.setAttribute("role", "tab");
      tab.setAttribute("aria-controls", id);
      tab.id = `tab-${id}`;
      panel.setAttribute("role", "tabpanel");
      panel.setAttribute("aria-labelledby", tab.id);
      panel.tabIndex = 0;
      tab.addEventListener("click", (event) => {
        event.preventDefault();
        history.replaceState(null, "", tab.hash);
        select(tabs, tab, false);
      });
      tab.addEventListener("keydown", (event) => {
        const next = event.key === " " ? tab : neighbour(tabs, tab, event.key);
        if (!next) return;
        event.preventDefault();
        select(tabs, next, true);
      });
    }
    select(tabs, tabs.find((tab) => tab.hash === location.hash) ?? tabs[0], false);
  }

  // --- printing: every tab, every chart, dark text on white

  addEventListener("beforeprint", () => {
    root.classList.add("printing");
    for (const plot of plots()) draw(plot);
  });
  addEventListener("afterprint", () => {
    root.classList.remove("printing");
    redraw();
  });

  dark.addEventListener("change", redraw);
  document.querySelectorAll(".tabs").forEach(makeTabs);
  drawShown();
})();
