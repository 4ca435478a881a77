// --- threshold: the table of decisions at one threshold for all models, or at each model's own

const STEPS = 1000;
const OWN_LINE = "threshold"; // name of the line of a histogram that marks a threshold
let stepNow = null; // thousandths, or null while each model has its own
let countsNow = []; // of each model, on the pairs that are shown
const WHY = {
  precision: `nothing is called ${pairs.words.positive}`,
  recall: `there are no ${pairs.words.positive} pairs`,
  alarms: `there are no ${pairs.words.negative} pairs`,
};

// The page carries how many pairs lie between every two thresholds; from the highest down they add up to the counts.
function totals(falls) {
  let total = 0;
  return falls.map((_, place) => (total += falls[falls.length - 1 - place])).reverse();
}

// a threshold by costs may lie beyond those that are counted: above them is no pair, below them are all
const countAt = (counts, step) => (step > STEPS ? 0 : counts[Math.max(step, -STEPS) + STEPS]);
const ratio = (part, whole) => (whole ? part / whole : null);

function decisions(model, step) {
  const { positive, negative } = model;
  const hits = countAt(model.counts.hits, step);
  const alarms = countAt(model.counts.alarms, step);
  return {
    counts: [hits, alarms, positive - hits, negative - alarms],
    rates: [
      [ratio(hits, hits + alarms), WHY.precision],
      [ratio(hits, positive), WHY.recall],
      [positive ? ratio(2 * hits, positive + hits + alarms) : null, WHY.recall],
      [ratio(alarms, negative), WHY.alarms],
      [ratio(hits + negative - alarms, positive + negative), ""],
    ],
    decidesNothing: ["", `calls no pair ${pairs.words.positive}`, `calls every pair ${pairs.words.positive}`].at(
      hits + alarms === 0 ? 1 : hits + alarms === positive + negative ? 2 : 0,
    ),
  };
}

function rateCell([value, why]) {
  const missing = value === null;
  return element("td", number(value), { className: missing ? "missing" : "", title: missing ? why : "" });
}

function decisionRow(model, step) {
  const found = decisions(model, step);
  const row = element("tr");
  const at = element("td", number(step / STEPS));
  if (found.decidesNothing) at.append(element("small", found.decidesNothing));
  const name = element("th", model.name, { scope: "row" });
  row.append(name, at, ...found.counts.map((n) => element("td", count(n))), ...found.rates.map(rateCell));
  return row;
}

// --- charts at the slider's threshold: the lines of the histograms, the points of the ROC curves

const decides = (trace) => trace.meta?.decides !== undefined;
const showsThreshold = ({ data, layout }) => data.some(decides) || (layout.shapes ?? []).some((shape) => shape.name === OWN_LINE);

function moveThresholds(figure) {
  if (stepNow === null) return;
  const value = stepNow / STEPS;
  const lines = (figure.layout.shapes ?? []).filter((shape) => shape.name === OWN_LINE);
  for (const line of lines) Object.assign(line, { x0: value, x1: value });
  for (const [name, axis] of Object.entries(figure.layout)) {
    if (lines.length && name.startsWith("xaxis") && axis.range) axis.range = [Math.min(axis.range[0], value - 0.02), Math.max(axis.range[1], value + 0.02)];
  }
  figure.data.filter(decides).forEach(movePoint);
}

function movePoint(trace) {
  const model = countsNow[trace.meta.decides];
  const [, [recall], , [alarms]] = decisions(model, stepNow).rates;
  const words = `threshold ${number(stepNow / STEPS)}`;
  Object.assign(trace, { x: [alarms], y: [recall], name: words, hovertext: [`${inert(model.name)}: ${words}`] });
}

function makeSlider() {
  const range = byId("threshold-range");
  if (!range) return;
  const fields = ["threshold-number", "pairs-threshold"].map(byId).filter(Boolean);
  const button = byId("threshold-train");
  const body = byId("threshold-table").querySelector("tbody");
  const atOwn = { [TEST]: [...body.rows] };
  const names = [...body.rows[0].cells].map((cell) => cell.dataset.label ?? "");
  const counted = (model) => ({
    ...model,
    counts: { hits: totals(model.true_positives), alarms: totals(model.false_positives) },
  });
  const ofTest = carried("threshold-data");
  countsNow = ofTest.map(counted);

  function show(next) {
    const isOther = next !== stepNow;
    stepNow = next;
    const step = next;
    const own = step === null;
    range.value = String(step ?? Math.round((countsNow[0].train?.threshold ?? 0) * STEPS));
    range.setAttribute("aria-valuetext", own ? button.textContent : number(step / STEPS));
    for (const field of fields) field.value = own ? "" : number(step / STEPS);
    button.setAttribute("aria-pressed", String(own));
    body.replaceChildren(...(own ? atOwn[splitNow()] : countsNow.map((model) => decisionRow(model, step))));
    for (const row of body.rows) nameCells(row, names);
    if (!isOther) return;
    drawAgain(showsThreshold);
    document.dispatchEvent(new Event("threshold-changed"));
  }

  function parse(text) {
    const value = Math.round(Number(text) * STEPS);
    return text.trim() !== "" && Math.abs(value) <= STEPS ? value : undefined;
  }

  function showOtherPairs({ detail }) {
    const split = splitNow();
    countsNow = (detail.thresholds[split] ?? ofTest).map(counted);
    atOwn[split] ??= (detail.decisions[split]?.rows ?? []).map(tableRow);
    show(stepNow);
    if (stepNow !== null) drawAgain(showsThreshold);
  }

  document.addEventListener("split-changed", showOtherPairs);
  range.addEventListener("input", () => {
    show(Number(range.value));
    save();
  });
  for (const field of fields) {
    field.addEventListener("change", () => {
      show(parse(field.value) ?? null);
      save();
    });
  }
  button.addEventListener("click", () => {
    show(null);
    save();
  });
  show(null);
  keep(
    "threshold",
    () => (stepNow === null ? "" : number(stepNow / STEPS)),
    (text) => {
      const value = text === "" ? null : parse(text);
      if (value !== undefined) show(value);
      return value !== undefined;
    },
  );
}

