// --- thresholds by costs: table and chart for other costs, and for another share of positive pairs than the data has

const HIGHEST = 1.001; // a threshold that no cosine reaches; minus it, one that all do
const DATA_SHARE = null; // as in the pairs: no share was given

// Decimals in which costs of this size show three digits, as in Python.
const decimals = (size) => Math.min(15, Math.max(3, 2 - Number(size.toExponential().split("e")[1])));

// Mean cost a pair of a share of positive pairs called negative, and of a share of negative ones called positive.
function costOf({ fp, fn, share }, missed, alarms, model) {
  const positive = share ?? model.positive / (model.positive + model.negative);
  return positive * fn * missed + (1 - positive) * fp * alarms;
}

function costAt(given, model, step) {
  const missed = model.positive ? 1 - countAt(model.counts.hits, step) / model.positive : 0;
  const alarms = model.negative ? countAt(model.counts.alarms, step) / model.negative : 0;
  return costOf(given, missed, alarms, model);
}

// As Python computes it, with the log-odds of the share in use in place of those of the pairs that were fitted.
function stepByCosts({ fp, fn, share }, { intercept, slope, separated_at, share: fitted }) {
  const odds = (value) => Math.log(value / (1 - value));
  const shift = share === DATA_SHARE ? 0 : odds(share) - odds(fitted);
  const threshold = slope === null ? separated_at : (Math.log(fp / fn) - intercept - shift) / slope;
  return Math.round(Math.min(HIGHEST, Math.max(-HIGHEST, threshold)) * STEPS);
}

function makeCosts() {
  if (!byId("costs")) return;
  const fields = { fp: byId("cost-fp"), fn: byId("cost-fn"), rate: byId("cost-rate") };
  const body = byId("cost-table").querySelector("tbody");
  const caption = byId("cost-table").querySelector("caption");
  const valuesOfRun = Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.value]));
  const ofRun = { rows: [...body.rows], caption: caption.textContent, ...valuesOfRun };
  const plot = byId("threshold-expected-cost")?.querySelector(".plot");
  const figureOfRun = plot && carried(plot.dataset.figure);
  const counted = carried("threshold-data").map((model) => ({
    ...model,
    counts: { hits: totals(model.true_positives), alarms: totals(model.false_positives) },
  }));
  // which model each row is about
  const places = figureOfRun?.data.map((trace) => trace.meta.cost).filter((place) => place !== undefined) ?? [];

  function given() {
    const [fp, fn, rate] = [fields.fp, fields.fn, fields.rate].map((field) => (field.validity.valid ? field.value : ""));
    if (!fp || !fn || (fp === ofRun.fp && fn === ofRun.fn && rate === ofRun.rate)) return null;
    return { fp: Number(fp), fn: Number(fn), share: rate ? Number(rate) / 100 : DATA_SHARE };
  }

  const rules = (wanted) => [costOf(wanted, 0, 1, counted[0]), costOf(wanted, 1, 0, counted[0])];

  function rowFor(wanted, row, model, cheaper, digits) {
    const fresh = row.cloneNode(true);
    if (!model?.calibration) return fresh;
    const step = stepByCosts(wanted, model.calibration);
    const rates = decisions(model, step).rates;
    const cost = costAt(wanted, model, step);
    const costs = [number(cost, digits), signed(cost - cheaper, digits)];
    [number(step / STEPS), number(rates[3][0]), number(rates[1][0]), ...costs].forEach(
      (text, place) => (fresh.cells[place + 2].textContent = text),
    );
    return fresh;
  }

  function rowsFor(wanted) {
    const [accept, reject] = rules(wanted);
    const cheaper = Math.min(accept, reject);
    const digits = decimals(cheaper || Math.max(accept, reject));
    const rows = ofRun.rows.map((row, place) => rowFor(wanted, row, counted[places[place]], cheaper, digits));
    rows.at(-2).cells[5].textContent = number(accept, digits);
    rows.at(-1).cells[5].textContent = number(reject, digits);
    return rows;
  }

  function figureFor(wanted) {
    const figure = structuredClone(figureOfRun);
    const [accept, reject] = rules(wanted);
    for (const trace of figure.data) {
      const { cost, chosen, rule } = trace.meta;
      const model = counted[cost ?? chosen];
      if (rule) trace.y = trace.x.map(() => (rule === "accept all" ? accept : reject));
      else if (cost !== undefined) trace.y = trace.x.map((x) => costAt(wanted, model, Math.round(x * STEPS)));
      else if (chosen !== undefined && model.calibration) {
        const step = stepByCosts(wanted, model.calibration);
        Object.assign(trace, { x: [step / STEPS], y: [costAt(wanted, model, step)] });
      }
    }
    return figure;
  }

  function show() {
    const wanted = given();
    body.replaceChildren(...(wanted ? rowsFor(wanted) : ofRun.rows));
    const inUse = wanted?.share === DATA_SHARE ? "" : `, ${fields.rate.value} % positive pairs`;
    caption.textContent = wanted
      ? `Threshold by cost: false positive ${wanted.fp}, false negative ${wanted.fn}${inUse}`
      : ofRun.caption;
    if (!plot) return;
    byId(plot.dataset.figure).textContent = JSON.stringify(wanted ? figureFor(wanted) : figureOfRun);
    delete plot.dataset.drawn;
    drawNear();
  }

  for (const [name, field] of Object.entries(fields)) {
    field.addEventListener("input", () => {
      show();
      save();
    });
    keep(
      `cost_${name}`,
      () => field.value,
      (value) => {
        field.value = value;
        show();
        return field.validity.valid;
      },
    );
  }
  byId("cost-reset").addEventListener("click", () => {
    for (const [name, field] of Object.entries(fields)) field.value = ofRun[name];
    show();
    save();
  });
}
