// --- charts: drawn when they come near the window, in the colours of the page

const NARROW = 480;
const LEGEND_HEIGHT = 130;
const NEAR = "800px"; // above and below the window
const PRINT_WIDTH = 660;
const PRINT_COLOURS = { ink: "#000000", grid: "#dddddd", muted: "#444444", card: "#ffffff" };
const HOVER_WIDTH = 60;
const SELECT_TOOLS = ["select2d", "lasso2d"];
const dark = matchMedia("(prefers-color-scheme: dark)");
const whenPairClicked = []; // called with the pair whose point was clicked
const whenPairsSelected = []; // called with the pairs within a lasso or box
let libraryReady = false;
let drawing = false;
let marked = null; // place of the marked pair among the drawn ones

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

// --- maps: a trace of pairs holds their places among the drawn pairs, and which model's map it is of

const isMap = (trace) => trace.meta?.map !== undefined;
const isMovement = (trace) => trace.meta?.moved !== undefined;
const hasMap = (plot) => plot.data.some(isMap);

// The library reads hover text as HTML, and what stands between $ as TeX.
function inert(text) {
  return text.replace(/[&<>$]/g, (letter) => `&#${letter.charCodeAt(0)};`);
}

function wrapped(text) {
  const lines = [""];
  for (const word of text.split(/\s+/).flatMap((part) => part.match(/.{1,60}/gsu) ?? [])) {
    if (lines.at(-1) && lines.at(-1).length + word.length >= HOVER_WIDTH) lines.push(word);
    else lines.push([lines.pop(), word].filter(Boolean).join(" "));
  }
  return lines.map(inert).join("<br>");
}

function hoverText(pair, model) {
  const facts = [pairs.grades ? `grade ${pairs.grades[pair]}` : labelOf(pair), categoryOf(pair), typeOf(pair)].filter(Boolean).map(inert).join(" | ");
  const cosine = `${inert(model.name)}: cosine ${number(model.cosine[pair])}`;
  const texts = redacted
    ? [`row ${pairs.rows[pair]} of ${inert(pairs.file)}${pairs.ids ? `, id ${inert(pairs.ids[pair])}` : ""}`]
    : [wrapped(pairs.text_1[pair]), wrapped(pairs.text_2[pair])];
  return [...texts, `<i>${facts}</i>`, cosine].join("<br>");
}

function fill(trace) {
  const model = models[trace.meta.map];
  trace.x = trace.customdata.map((pair) => model.map.x[pair]);
  trace.y = trace.customdata.map((pair) => model.map.y[pair]);
  trace.hovertext = trace.customdata.map((pair) => hoverText(pair, model));
}

// How a training moved each pair: a trace holds percentiles, and which model's they are.
function fillMoved(trace) {
  const model = models[trace.meta.moved];
  trace.hovertext = trace.customdata.map(
    (pair, place) => `${hoverText(pair, model)}<br>percentile ${trace.x[place]} before, ${trace.y[place]} after`,
  );
}

// A ring in each panel of a map; it is empty in the panels that do not show the marked pair.
function rings(traces) {
  const found = new Map();
  for (const trace of traces.filter(isMap)) {
    const { xaxis = "x", yaxis = "y" } = trace;
    const key = `${xaxis} ${yaxis}`;
    if (!found.has(key)) found.set(key, { ...emptyRing(), xaxis, yaxis });
    const place = trace.customdata.indexOf(marked);
    if (place >= 0) Object.assign(found.get(key), { x: [trace.x[place]], y: [trace.y[place]] });
  }
  return [...found.values()];
}

function emptyRing() {
  return {
    type: "scatter",
    mode: "markers",
    x: [],
    y: [],
    marker: { symbol: "circle-open", size: 22, color: colours().ink, line: { width: 3 } },
    unselected: { marker: { opacity: 1 } },
    hoverinfo: "skip",
    showlegend: false,
    meta: { ring: true },
  };
}

function mark(pair) {
  marked = pair;
  for (const plot of plots().filter((each) => each.dataset.drawn && hasMap(each))) {
    const fresh = rings(plot.data);
    const places = plot.data.flatMap((trace, place) => (trace.meta?.ring ? [place] : []));
    Plotly.restyle(plot, { x: fresh.map((ring) => ring.x), y: fresh.map((ring) => ring.y) }, places);
  }
}

function listen(plot) {
  if (plot.dataset.listens || !plot.data.some((trace) => isMap(trace) || isMovement(trace))) return;
  plot.dataset.listens = "yes";
  const pairsOf = (event) => event.points.map((point) => point.customdata).filter((pair) => pair !== undefined);
  plot.on("plotly_click", (event) => {
    for (const pair of pairsOf(event).slice(0, 1)) whenPairClicked.forEach((tell) => tell(pair));
  });
  const tellSelected = (found) => {
    // drawing anew takes the lasso away and says so; that is no wish of the reader's
    if (!drawing) whenPairsSelected.forEach((tell) => tell(found, plot));
  };
  plot.on("plotly_selected", (event) => tellSelected(event ? pairsOf(event) : []));
  plot.on("plotly_deselect", () => tellSelected([]));
}

// --- drawing

function load(plot) {
  const figure = carried(plot.dataset.figure);
  figure.data.filter(isMap).forEach(fill);
  figure.data.filter(isMovement).forEach(fillMoved);
  figure.data.push(...rings(figure.data));
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
    plot.style.minHeight = `${figure.layout.height}px`;
  }
  for (const note of figure.layout.annotations ?? []) note.font = { ...note.font, size: 8 };
}

function config(figure) {
  const removed = figure.data.some(isMap) ? ["autoScale2d"] : [...SELECT_TOOLS, "autoScale2d"];
  const nothingLeavesThePage = { displaylogo: false, showSendToCloud: false, plotlyServerURL: "" };
  return { ...nothingLeavesThePage, modeBarButtonsToRemove: removed };
}

function draw(plot) {
  const figure = load(plot);
  const colour = colours();
  const layout = figure.layout.template.layout;
  layout.font.color = colour.ink;
  if (plot.clientWidth < NARROW) fitNarrow(plot, figure, layout);
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

function redraw() {
  for (const plot of plots()) delete plot.dataset.drawn;
  drawNear();
}

// At a new width a chart starts afresh: the library would place its legend by the margins that it had.
function redrawForWidth() {
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

