// --- charts: drawn when they come near the window, in the colours of the page

const NARROW = 480;
const LEGEND_HEIGHT = 130;
const NEAR = "800px"; // above and below the window
const PRINT_WIDTH = 660;
const PRINT_COLOURS = { ink: "#000000", grid: "#dddddd", muted: "#444444", card: "#ffffff" };
const WORKBENCH = matchMedia("(min-width: 1280px)");
const BESIDE_MAPS = 310; // pixels of the window that what stands above and below the maps of the workbench takes
const LOWEST_MAPS = 420;
const UNDER_LEGEND = 60; // of a chart's height, what its legend's place is not counted in
const still = matchMedia("(max-width: 600px), (hover: none)"); // where a finger moves the page, not a chart
const SELECT_TOOLS = ["select2d", "lasso2d"];
const dark = matchMedia("(prefers-color-scheme: dark)");
let libraryReady = false;
let drawing = false;
let draws = 0;
let drawingSoon = false;

function unpacked(id) {
  const packed = fromBase85(byId(id).textContent);
  return new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
}

// The security policy allows an inline script with exactly the text of the library, and nothing else.
async function unpackLibrary() {
  addFigures(JSON.parse(await unpacked("figures")));
  document.head.append(element("script", await unpacked("plotly")));
  if (typeof Plotly === "undefined") throw new Error("the chart library did not run");
}

function sayThereAreNoCharts() {
  root.classList.add("no-charts");
  byId("notice").hidden = false;
  byId("notice").textContent =
    "This browser cannot unpack the chart library, so there are no charts. " +
    "Every number of the charts is in the table below each of them.";
}

function colours() {
  if (root.classList.contains("printing")) return PRINT_COLOURS;
  const style = getComputedStyle(root);
  const read = (name) => style.getPropertyValue(name).trim();
  return { ink: read("--ink"), grid: read("--grid"), muted: read("--muted"), card: read("--card") };
}

// --- drawing

function load(plot) {
  const figure = carried(plot.dataset.figure);
  fillPairs(figure);
  moveThresholds(figure);
  return figure;
}

// On a phone names stand closer together, and a square chart is as low as it is narrow.
function fitNarrow(plot, figure, layout) {
  layout.font.size = 10;
  for (const axis of [layout.xaxis, layout.yaxis]) axis.title.font.size = 10;
  if (figure.layout.xaxis?.tickangle !== undefined) figure.layout.xaxis.tickangle = -60;
  for (const [name, axis] of Object.entries(figure.layout)) {
    if (name.startsWith("yaxis") && axis.ticktext) axis.ticktext = axis.ticktext.map((text) => text.replace(" (n=", "<br>(n="));
  }
  if (figure.layout.yaxis?.scaleanchor) {
    figure.layout.height = Math.min(figure.layout.height, plot.clientWidth + LEGEND_HEIGHT);
  }
  for (const note of figure.layout.annotations ?? []) note.font = { ...note.font, size: 8 };
}

// Beside the list the maps are as high as the window, so that list and maps are seen together.
function fitWorkbench(plot, figure) {
  const { height, legend } = figure.layout;
  const fitted = Math.max(LOWEST_MAPS, Math.min(height, innerHeight - BESIDE_MAPS));
  legend.y = 1 + ((legend.y - 1) * (height - UNDER_LEGEND)) / (fitted - UNDER_LEGEND);
  figure.layout.height = fitted;
}

// What a reader did to a chart stays when it is drawn anew, but for a lasso. Beside the list a drag selects.
function keepView(plot, figure) {
  Object.assign(figure.layout, { uirevision: plot.dataset.figure, selectionrevision: (draws += 1) });
  if (still.matches) figure.layout.dragmode = false;
  else if (plot.closest(".bench")) figure.layout.dragmode = "lasso";
}

function config(figure) {
  const removed = figure.data.some(isMap) ? ["autoScale2d"] : [...SELECT_TOOLS, "autoScale2d"];
  const nothingLeavesThePage = { displaylogo: false, showSendToCloud: false, plotlyServerURL: "" };
  const bar = phone.matches ? { displayModeBar: false } : {};
  return { ...nothingLeavesThePage, ...bar, modeBarButtonsToRemove: removed };
}

function listen(plot) {
  if (plot.dataset.listens) return;
  plot.dataset.listens = "yes";
  if (hasPairs(plot)) listenToPairs(plot);
  listenForSheet(plot);
}

function draw(plot) {
  const figure = load(plot);
  const colour = colours();
  const layout = figure.layout.template.layout;
  layout.font.color = colour.ink;
  if (plot.clientWidth < NARROW) fitNarrow(plot, figure, layout);
  if (WORKBENCH.matches && plot.closest(".bench") && !root.classList.contains("printing")) fitWorkbench(plot, figure);
  plot.style.minHeight = `${figure.layout.height}px`;
  keepView(plot, figure);
  layout.hoverlabel = { ...layout.hoverlabel, bgcolor: colour.card, bordercolor: colour.muted };
  layout.hoverlabel.font = { ...layout.hoverlabel.font, color: colour.ink };
  for (const axis of [layout.xaxis, layout.yaxis]) {
    Object.assign(axis, { gridcolor: colour.grid, zerolinecolor: colour.muted, linecolor: colour.grid });
  }
  figure.layout.width = root.classList.contains("printing") ? PRINT_WIDTH : plot.clientWidth;
  plot.dataset.drawn = "yes";
  drawing = true;
  Plotly.react(plot, figure.data, figure.layout, config(figure));
  drawing = false;
  listen(plot);
  if (pointedOut !== null) pointOut(pointedOut);
}

const plots = () => [...document.querySelectorAll(".plot")];
const near = new Set();
const watch = new IntersectionObserver(
  (entries) => {
    for (const entry of entries) {
      if (entry.isIntersecting) near.add(entry.target);
      else near.delete(entry.target);
    }
    drawNear();
  },
  { rootMargin: NEAR },
);

// One chart a turn of the event loop, so that the page answers while it draws. A tab that was closed a moment ago may
// still count as near; a chart without width would be drawn at a width of its own.
function drawNear() {
  const next = libraryReady && [...near].find((plot) => !plot.dataset.drawn && plot.clientWidth);
  if (!next) return;
  draw(next);
  setTimeout(drawNear);
}

function startDrawing() {
  libraryReady = true;
  root.classList.add("charts-ready");
  plots().forEach((plot) => watch.observe(plot));
}

// Charts that show what has changed: those near the window now, the others when they come near.
function drawAgain(shows) {
  for (const plot of plots().filter((each) => each.dataset.drawn && shows(each))) delete plot.dataset.drawn;
  if (drawingSoon) return;
  drawingSoon = true;
  setTimeout(() => {
    drawingSoon = false;
    drawNear();
  });
}

function redraw() {
  for (const plot of plots()) delete plot.dataset.drawn;
  drawNear();
}

// At a new width a chart starts afresh: the library would place its legend by the margins that it had.
function redrawForWidth() {
  pointOut(null);
  for (const plot of plots().filter((each) => each.dataset.listens || each.dataset.drawn)) {
    Plotly.purge(plot);
    delete plot.dataset.listens;
  }
  redraw();
}

// The library would fit the charts that are shown to a new width; those in hidden tabs need it too.
let lastWidth = innerWidth;
let resizing;

function resized() {
  if (innerWidth === lastWidth || root.classList.contains("printing")) return;
  lastWidth = innerWidth;
  clearTimeout(resizing);
  resizing = setTimeout(redrawForWidth, 150);
}

// --- printing: every tab, every chart, dark text on white

function startPrinting() {
  if (root.classList.contains("printing")) return;
  root.classList.add("printing");
  if (libraryReady) plots().forEach(draw);
}

function endPrinting() {
  root.classList.remove("printing");
  redraw();
}

