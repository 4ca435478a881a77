// --- the list of pairs: filtered, sorted, in pages of 50 rows, linked with the maps

const ROWS = 50;
const own = models[0];
let selection = null; // pairs within a lasso or box on a map; null for no selection
let page = 0;

const control = (name) => byId(`pairs-${name}`);
const valueOf = (name) => control(name)?.value ?? "";
const compared = () => models.find((model) => model.key === valueOf("model")) ?? null;
const looked = () => compared() ?? own;
const cosineOf = (pair) => looked().cosine[pair];
const changeOf = (pair) => cosineOf(pair) - own.cosine[pair];

const WAYS = { 1: "moved right", 0: "not moved", "-1": "moved wrong" };
const wayOf = (pair) => WAYS[compared()?.moved[pair]];

// At the slider's threshold, or at the model's own one; null where it has none.
function isRight(model, pair) {
  if (stepNow === null) return model.right && model.right[pair] === 1;
  return model.cosine[pair] >= stepNow / STEPS === (pairs.labels[pair] === 1);
}

function outcomeOf(pair) {
  if (compared() && pairs.by_movement) return wayOf(pair);
  const [before, after] = [own, looked()].map((model) => isRight(model, pair));
  if (before === null || after === null) return NOT_AVAILABLE;
  if (!compared()) return after ? "right" : "wrong";
  if (before) return after ? "still right" : "broken";
  return after ? "fixed" : "still wrong";
}

function hasOutcome(pair, wanted) {
  if (wanted.startsWith("moved-")) return wayOf(pair)?.replace(" ", "-") === wanted;
  if (wanted === "wrong") return isRight(looked(), pair) === false;
  const outcome = outcomeOf(pair).replace(" ", "-");
  return wanted === "all" || wanted === outcome;
}

function hasText(pair, words) {
  return !words || [pairs.text_1[pair], pairs.text_2[pair]].some((text) => text.toLowerCase().includes(words));
}

const ORDERS = {
  change: (pair) => -Math.abs(changeOf(pair)),
  rise: (pair) => -changeOf(pair),
  fall: (pair) => changeOf(pair),
  high: (pair) => -cosineOf(pair),
  low: (pair) => cosineOf(pair),
  row: (pair) => pair,
};

function listed() {
  const words = valueOf("search").trim().toLowerCase();
  const [outcome, label, category, type] = ["outcome", "label", "category", "type"].map(valueOf);
  const within = selection && new Set(selection);
  const order = ORDERS[valueOf("sort")];
  return pairs.rows
    .map((_, pair) => pair)
    .filter(inSplit)
    .filter((pair) => !within || within.has(pair))
    .filter((pair) => !label || String(pairs.labels[pair]) === label)
    .filter((pair) => !category || categoryOf(pair) === category)
    .filter((pair) => !type || typeOf(pair) === type)
    .filter((pair) => hasOutcome(pair, outcome || "all") && hasText(pair, words))
    .sort((a, b) => order(a) - order(b) || a - b);
}

// Name, value in the CSV, and what a reader sees; ids and texts stand between row and label where there are any.
function columns() {
  const model = compared();
  const texts = redacted ? [] : ["text_1", "text_2"].map((name) => ({
    name: name.replace("_", " "),
    key: name,
    value: (pair) => pairs[name][pair],
    kind: "text",
  }));
  const cosine = (one) => ({
    name: `cosine, ${one.name}`,
    key: `cosine_${one.key}`,
    value: (pair) => one.cosine[pair],
    show: (pair) => number(one.cosine[pair]),
    kind: "number",
  });
  const at = stepNow === null || pairs.by_movement ? "" : number(stepNow / STEPS);
  const outcome = { name: at ? `outcome at ${at}` : "outcome", key: at ? `outcome_at_${at}` : "outcome", value: outcomeOf, kind: "outcome" };
  const change = { name: "change", key: "change", value: changeOf, show: (pair) => signed(changeOf(pair)), kind: "number" };
  return [
    { name: "row", key: "row", value: (pair) => pairs.rows[pair], kind: "number" },
    ...(pairs.ids ? [{ name: "id", key: "id", value: (pair) => pairs.ids[pair], kind: "name" }] : []),
    ...texts,
    ...(pairs.grades
      ? [{ name: "grade", key: "grade", value: (pair) => pairs.grades[pair], kind: "number" }]
      : [{ name: "label", key: "label", value: labelOf }]),
    ...[["category", categoryOf], ["pair_type", typeOf]]
      .filter(([column]) => pairs.words[column])
      .map(([column, value]) => ({ name: named(pairs.words[column]), key: pairs.words[column], value, kind: "name" })),
    cosine(own),
    ...(model ? [cosine(model), change] : []),
    ...(control("outcome") ? [outcome] : []),
  ];
}

// --- the table

const box = control("table").closest(".table");
const listedRows = () => [...control("table").tBodies[0].rows];
const rowOf = (pair) => listedRows().find((row) => row.dataset.pair === String(pair)) ?? null;
const pairOf = (part) => {
  const row = part.closest("tbody tr");
  return row && onMaps(Number(row.dataset.pair)) ? Number(row.dataset.pair) : null;
};

function markButton(pair) {
  const button = element("button", String(pairs.rows[pair]), { type: "button", title: "mark this pair on the maps" });
  button.setAttribute("aria-label", `mark the pair of row ${pairs.rows[pair]} on the maps`);
  return button;
}

function showMark() {
  for (const row of listedRows()) {
    const isMarked = row.dataset.pair === String(marked);
    row.classList.toggle("marked", isMarked);
    row.querySelector("button")?.setAttribute("aria-pressed", String(isMarked));
  }
}

// A name such as values_and_interests breaks behind its underscores.
function pairCell(column, text) {
  const cell = element("td", "", { className: column.kind ?? "", role: "cell" });
  const parts = column.kind === "name" ? text.split(/(?<=_)/) : [text];
  cell.append(...parts.flatMap((part, place) => (place ? [element("wbr"), part] : [part])));
  return cell;
}

// The rows are laid out as cards where there is no room for a table; their roles say what they are all the same.
function pairRow(pair, shownColumns) {
  const row = element("tr", "", { role: "row" });
  row.dataset.pair = pair;
  const head = element("th", "", { scope: "row", role: "rowheader" });
  head.append(onMaps(pair) ? markButton(pair) : String(pairs.rows[pair]));
  row.append(head, ...shownColumns.slice(1).map((column) => pairCell(column, (column.show ?? column.value)(pair))));
  nameCells(row, shownColumns.map((column) => column.name));
  return row;
}

function countLine(found) {
  const { shown, n } = splitPlaces[splitNow()];
  const of = shown < n ? `${count(shown)} pairs, a sample of all ${count(n)}` : `${count(shown)} pairs`;
  if (!found) return `Found none of ${of}.`;
  const first = page * ROWS;
  return `Found ${count(found)} of ${of}. Rows ${count(first + 1)} to ${count(Math.min(first + ROWS, found))} are shown.`;
}

function showList() {
  const found = listed();
  const pages = Math.max(1, Math.ceil(found.length / ROWS));
  page = Math.min(page, pages - 1);
  const table = control("table");
  const shownColumns = columns();
  table.classList.toggle("no-texts", redacted);
  const head = (column) => element("th", column.name, { scope: "col", role: "columnheader", className: column.kind ?? "" });
  table.tHead.rows[0].replaceChildren(...shownColumns.map(head));
  table.tBodies[0].replaceChildren(...found.slice(page * ROWS, (page + 1) * ROWS).map((pair) => pairRow(pair, shownColumns)));
  showMark();
  control("count").textContent = countLine(found.length);
  control("page").textContent = `page ${page + 1} of ${pages}`;
  control("back").disabled = page === 0;
  control("next").disabled = page === pages - 1;
  control("csv").disabled = found.length === 0;
  control("selection").hidden = selection === null;
  if (selection) control("selection").firstElementChild.textContent = `${count(selection.length)} ${selection.length === 1 ? "pair" : "pairs"} selected on a map.`;
  emphasise(isFiltered() && splitNow() === TEST ? new Set(found) : null);
}

function changed() {
  page = 0;
  showList();
  save();
}

function turn(pages) {
  page += pages;
  showList();
  box.scrollTop = 0;
  save();
}

// --- CSV

function csv() {
  const shownColumns = columns();
  const rows = listed().map((pair) => shownColumns.map((column) => csvCell(column.value(pair))));
  return [shownColumns.map((column) => csvCell(column.key)), ...rows].map((row) => `${row.join(",")}\r\n`).join("");
}

function saveCsv() {
  const address = URL.createObjectURL(new Blob([csv()], { type: "text/csv;charset=utf-8" }));
  element("a", "", { href: address, download: splitNow() === TEST ? "pairs.csv" : `pairs-${splitNow()}.csv` }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

