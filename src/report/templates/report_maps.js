// --- pairs on charts: a trace of pairs holds their places among the drawn pairs, and whose map or movement it is of

const HOVER_WIDTH = 60;
const FAINT = 0.08; // opacity of a pair that the list leaves out
const whenPairClicked = []; // called with the pair whose point was clicked
const whenPairsSelected = []; // called with the pairs within a lasso or box
let marked = null; // place of the marked pair among the drawn ones
let pointedOut = null; // place of the pair under the mouse or with the keyboard's focus
let emphasised = null; // set of the pairs that the list holds; null for all

const isMap = (trace) => trace.meta?.map !== undefined;
const isMovement = (trace) => trace.meta?.moved !== undefined;
const isOfPairs = (trace) => isMap(trace) || isMovement(trace);
const hasPairs = (plot) => plot.data.some(isOfPairs);

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

// What is said of a pair: its texts, or where they are redacted its row; its label and names; its cosines.
function textsOf(pair) {
  if (!redacted) return [pairs.text_1[pair], pairs.text_2[pair]];
  return [`row ${pairs.rows[pair]} of ${pairs.file}${pairs.ids ? `, id ${pairs.ids[pair]}` : ""}`];
}

function factsOf(pair) {
  const label = pairs.grades ? `grade ${pairs.grades[pair]}` : labelOf(pair);
  const row = redacted ? "" : `row ${pairs.rows[pair]}`;
  return [row, label, categoryOf(pair), typeOf(pair)].filter(Boolean).join(" | ");
}

const cosineLine = (model, pair) => `${model.name}: cosine ${number(model.cosine[pair])}`;

function hoverText(pair, model) {
  return [...textsOf(pair).map(wrapped), `<i>${inert(factsOf(pair))}</i>`, inert(cosineLine(model, pair))].join("<br>");
}

function pairLines(pair) {
  return [...textsOf(pair), factsOf(pair), models.map((model) => cosineLine(model, pair)).join(" | ")];
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

function fillPairs(figure) {
  const traces = figure.data.filter(isOfPairs);
  traces.filter(isMap).forEach(fill);
  traces.filter(isMovement).forEach(fillMoved);
  traces.forEach(dim);
  figure.data.push(...rings(traces));
}

// --- the pairs of the list stand out on every chart of pairs

function dim(trace) {
  if (!emphasised) return;
  trace.selectedpoints = trace.customdata.flatMap((pair, place) => (emphasised.has(pair) ? [place] : []));
  trace.unselected = { marker: { opacity: FAINT } };
}

function emphasise(found) {
  if (found?.size === emphasised?.size && [...(found ?? [])].every((pair) => emphasised.has(pair))) return;
  emphasised = found;
  drawAgain(hasPairs);
}

// --- the marked pair has a ring in each panel, which is empty in the panels that do not show it

function rings(traces) {
  const found = new Map();
  for (const trace of traces.filter(isOfPairs)) {
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
  for (const plot of plots().filter((each) => each.dataset.drawn && hasPairs(each))) {
    const fresh = rings(plot.data);
    const places = plot.data.flatMap((trace, place) => (trace.meta?.ring ? [place] : []));
    Plotly.restyle(plot, { x: fresh.map((ring) => ring.x), y: fresh.map((ring) => ring.y) }, places);
  }
}

// --- the pair under the mouse or the focus has a halo in each panel that is in sight
// It lies above the chart, whose axes say where: a chart that is drawn anew at every move of the mouse would be slow.

function isInSight(part) {
  const { top, bottom, width } = part.getBoundingClientRect();
  return width > 0 && bottom > 0 && top < innerHeight;
}

function halosOf(plot, pair) {
  return plot.data.filter((trace) => isOfPairs(trace) && trace.visible !== "legendonly").flatMap((trace) => {
    const at = trace.customdata.indexOf(pair);
    if (at < 0) return [];
    const axes = [trace.xaxis ?? "x", trace.yaxis ?? "y"].map((id) => plot._fullLayout[id.replace(/^[xy]/, "$&axis")]);
    const [x, y] = [trace.x[at], trace.y[at]].map((value, place) => axes[place].d2p(value));
    if (x < 0 || y < 0 || x > axes[0]._length || y > axes[1]._length) return [];
    const halo = element("span", "", { className: "halo" });
    Object.assign(halo.style, { left: `${axes[0]._offset + x}px`, top: `${axes[1]._offset + y}px` });
    return [halo];
  });
}

function pointOut(pair) {
  pointedOut = pair;
  for (const halo of document.querySelectorAll(".halo")) halo.remove();
  for (const row of document.querySelectorAll("tr.pointed")) row.classList.remove("pointed");
  if (pair === null) return;
  rowOf(pair)?.classList.add("pointed");
  for (const plot of plots().filter((each) => each.dataset.drawn && hasPairs(each) && isInSight(each))) {
    plot.append(...halosOf(plot, pair));
  }
}

// --- what a reader does on a chart of pairs

const pairsAt = (event) => event.points.map((point) => point.customdata).filter((pair) => pair !== undefined);

function listenToPairs(plot) {
  plot.on("plotly_hover", (event) => pointOut(pairsAt(event)[0] ?? null));
  plot.on("plotly_unhover", () => pointOut(null));
  plot.on("plotly_click", (event) => {
    for (const pair of pairsAt(event).slice(0, 1)) whenPairClicked.forEach((tell) => tell(pair));
  });
  const tellSelected = (found) => {
    // drawing anew takes the lasso away and says so; that is no wish of the reader's
    if (!drawing) whenPairsSelected.forEach((tell) => tell([...new Set(found)]));
  };
  plot.on("plotly_selected", (event) => tellSelected(event ? pairsAt(event) : []));
  plot.on("plotly_deselect", () => tellSelected([]));
}

// --- by keyboard: the arrows lead from a pair to the nearest one that way, Enter to its row

const ARROWS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const ASIDE = 3; // how much worse a step aside is than one ahead

// Of the panel that the keyboard walks on: that of the model that the list is looked at with, else the first one.
function walkedTraces(plot) {
  const own = plot.data.filter((trace) => trace.meta?.map === models.indexOf(looked()));
  return own.length ? own : plot.data.filter((trace) => trace.meta?.map === plot.data.find(isMap)?.meta.map);
}

function nearestThatWay(traces, from, [right, up]) {
  const points = traces
    .flatMap((trace) => trace.customdata.map((pair, at) => ({ pair, x: trace.x[at], y: trace.y[at] })))
    .filter(({ pair, x }) => x !== null && (!emphasised || emphasised.has(pair) || pair === from));
  const start = points.find(({ pair }) => pair === from);
  if (!start) return points[0]?.pair;
  const effort = ({ x, y }) => {
    const ahead = (x - start.x) * right + (y - start.y) * up;
    return ahead > 0 ? ahead + ASIDE * Math.abs((x - start.x) * up + (y - start.y) * right) : Infinity;
  };
  const best = points.reduce((a, b) => (effort(b) < effort(a) ? b : a), start);
  return best.pair;
}

function walk(plot, key) {
  const traces = walkedTraces(plot);
  const pair = nearestThatWay(traces, pointedOut ?? marked, ARROWS[key]);
  const trace = traces.find((each) => each.customdata.includes(pair));
  if (!trace) return;
  const point = { curveNumber: plot.data.indexOf(trace), pointNumber: trace.customdata.indexOf(pair) };
  Plotly.Fx.hover(plot, [point], `${trace.xaxis ?? "x"}${trace.yaxis ?? "y"}`);
  pointOut(pair);
  byId("map-says").textContent = pairLines(pair).join(". ");
}

function makeWalk(plot) {
  const keys = "the arrow keys lead from pair to pair, Enter leads to the row in the list";
  Object.assign(plot, { tabIndex: 0, role: "application", ariaLabel: `${plot.getAttribute("aria-label")}; ${keys}` });
  plot.addEventListener("keydown", (event) => {
    const pair = pointedOut ?? marked;
    if (!plot.dataset.drawn || !(event.key in ARROWS || (event.key === "Enter" && pair !== null))) return;
    event.preventDefault();
    if (event.key in ARROWS) walk(plot, event.key);
    else {
      Promise.all(whenPairClicked.map((tell) => tell(pair))).then(() => {
        rowOf(pair)?.querySelector("button").focus({ preventScroll: true });
      });
    }
  });
  plot.addEventListener("blur", () => {
    pointOut(null);
    if (plot.dataset.drawn) Plotly.Fx.unhover(plot);
  });
}

