// --- the list of pairs: filtered, sorted, in pages of 50 rows, linked with the maps

const ROWS = 50;
const own = models[0];
let selection = null; // pairs within a lasso or box on a map; null for no selection
let selectedOn = null; // that map
let page = 0;

const control = (name) => byId(`pairs-${name}`);
const valueOf = (name) => control(name)?.value ?? "";
const compared = () => models.find((model) => model.key === valueOf("model")) ?? null;
const looked = () => compared() ?? own;
const cosineOf = (pair) => looked().cosine[pair];
const changeOf = (pair) => cosineOf(pair) - own.cosine[pair];

const WAYS = { 1: "moved right", 0: "not moved", "-1": "moved wrong" };
const wayOf = (pair) => WAYS[compared()?.moved[pair]];

function outcomeOf(pair) {
  const model = looked();
  if (compared() && pairs.by_movement) return wayOf(pair);
  if (!model.right || !own.right) return NOT_AVAILABLE;
  if (!compared()) return model.right[pair] ? "right" : "wrong";
  if (own.right[pair]) return model.right[pair] ? "still right" : "broken";
  return model.right[pair] ? "fixed" : "still wrong";
}

function hasOutcome(pair, wanted) {
  if (wanted.startsWith("moved-")) return wayOf(pair)?.replace(" ", "-") === wanted;
  if (wanted === "wrong") return looked().right?.[pair] === 0;
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
    ...(control("outcome") ? [{ name: "outcome", key: "outcome", value: outcomeOf }] : []),
  ];
}

// --- the table

function markButton(pair) {
  const button = element("button", String(pairs.rows[pair]), { type: "button", title: "mark this pair on the maps" });
  button.setAttribute("aria-pressed", String(pair === marked));
  button.setAttribute("aria-label", `mark the pair of row ${pairs.rows[pair]} on the maps`);
  button.addEventListener("click", () => {
    mark(pair === marked ? null : pair);
    showList();
  });
  return button;
}

// A name such as values_and_interests breaks behind its underscores.
function pairCell(column, text) {
  const cell = element("td", "", { className: column.kind ?? "" });
  const parts = column.kind === "name" ? text.split(/(?<=_)/) : [text];
  cell.append(...parts.flatMap((part, place) => (place ? [element("wbr"), part] : [part])));
  return cell;
}

function pairRow(pair) {
  const row = element("tr", "", { className: pair === marked ? "marked" : "" });
  const head = element("th", "", { scope: "row" });
  head.append(onMaps(pair) ? markButton(pair) : String(pairs.rows[pair]));
  const [, ...rest] = columns();
  row.append(head, ...rest.map((column) => pairCell(column, (column.show ?? column.value)(pair))));
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
  table.tHead.rows[0].replaceChildren(...columns().map((column) => element("th", column.name, { scope: "col", className: column.kind ?? "" })));
  table.tBodies[0].replaceChildren(...found.slice(page * ROWS, (page + 1) * ROWS).map(pairRow));
  control("count").textContent = countLine(found.length);
  control("page").textContent = `page ${page + 1} of ${pages}`;
  control("back").disabled = page === 0;
  control("next").disabled = page === pages - 1;
  control("csv").disabled = found.length === 0;
  control("selection").hidden = selection === null;
  if (selection) control("selection").firstElementChild.textContent = `Only the ${count(selection.length)} pairs selected on a map.`;
}

function changed() {
  page = 0;
  showList();
  save();
}

function turn(pages) {
  page += pages;
  showList();
}

// --- links with the maps

function choose(pair) {
  mark(pair);
  const place = listed().indexOf(pair);
  if (place >= 0) page = Math.floor(place / ROWS);
  showList();
}

function unselect() {
  const plot = selectedOn;
  selection = null;
  selectedOn = null;
  if (plot?.dataset.drawn) draw(plot);
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

// --- controls

const FILTERS = { model: "model", outcome: "outcome", label: "label", category: "category", pair_type: "type", search: "search", sort: "sort" };

function keepFilter(key, name) {
  const input = control(name);
  if (!input) return;
  input.addEventListener("input", changed);
  keep(
    key,
    () => input.value,
    (value) => {
      if (input.options && ![...input.options].some((option) => option.value === value)) return false;
      input.value = value;
      page = 0;
      showList();
      return true;
    },
  );
}

function clearFilters() {
  unselect();
  for (const key of Object.keys(FILTERS)) {
    if (key !== "model" && key !== "sort") set(key, states.get(key)?.initial);
  }
  changed();
}

// A number's link to its pairs: the other filters go, tab and threshold stay.
function follow(link) {
  clearFilters();
  for (const [key, value] of new URLSearchParams(link.hash.slice(1))) {
    if (key in FILTERS) set(key, value);
  }
  changed();
  byId("pairs").scrollIntoView();
}

function makeList() {
  const chosen = control("model");
  if (chosen) chosen.value = chosen.dataset.chosen;
  for (const [key, name] of Object.entries(FILTERS)) keepFilter(key, name);
  control("clear").addEventListener("click", clearFilters);
  control("csv").addEventListener("click", saveCsv);
  control("back").addEventListener("click", () => turn(-1));
  control("next").addEventListener("click", () => turn(1));
  control("unselect").addEventListener("click", () => {
    unselect();
    changed();
  });
  whenPairClicked.push(choose);
  whenPairsSelected.push((found, plot) => {
    if (selectedOn && selectedOn !== plot) unselect();
    selection = found.length ? found : null;
    selectedOn = found.length ? plot : null;
    changed();
  });
  for (const link of document.querySelectorAll('a[href*="="]')) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      follow(link);
    });
  }
  document.addEventListener("split-changed", () => {
    if (splitNow() !== TEST) unselect();
    page = 0;
    showList();
  });
  showList();
}

