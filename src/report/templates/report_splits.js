// --- the switch: charts, decisions and list are of the test pairs, or of those of another split
// Whoever shows pairs reads `splitNow()` and listens to `split-changed` of the document.

const TEST = "eval";
const splitButtons = [...document.querySelectorAll(".splits button")];
const splitPlaces = { [TEST]: { first: 0, shown: pairs.rows.length, n: pairs.n } }; // of each split among the listed pairs
const splitNow = () => root.dataset.split ?? TEST;
const onMaps = (pair) => pair < splitPlaces[TEST].shown;
let restOfPage; // a promise of what the page holds of the other splits

function inSplit(pair) {
  const { first, shown } = splitPlaces[splitNow()];
  return pair >= first && pair < first + shown;
}

async function otherSplits() {
  const found = JSON.parse(await unpacked("split-data"));
  found.pairs.forEach(appendPairs);
  addFigures(found.figures);
  return found;
}

// The pairs of another split follow those of test, so that a place names one pair of the page.
function appendPairs(split) {
  splitPlaces[split.split] = { first: pairs.rows.length, shown: split.rows.length, n: split.n };
  for (const [name, column] of [["categories", "category"], ["pair_types", "pair_type"]]) {
    pairs[name].push(...split[name].filter((value) => !pairs[name].includes(value)));
    pairs[column].push(...split[column].map((place) => pairs[name].indexOf(split[name][place])));
  }
  for (const column of ["grades", "ids", "text_1", "text_2", "labels", "rows"]) {
    pairs[column]?.push(...(split[column] ?? split.rows.map(() => "")));
  }
  models.forEach((model, place) => {
    model.cosine.push(...split.models[place].cosine);
    model.right?.push(...split.models[place].right);
    model.moved?.push(...split.models[place].moved);
  });
}

// Resolves when the pairs of the split are shown, or when another one was asked for meanwhile.
function showSplit(split) {
  if (split !== wantedSplit) {
    wantedSplit = split;
    switched = switchTo(split);
  }
  return switched;
}
let switched = Promise.resolve();

async function switchTo(split) {
  const found = await (restOfPage ??= otherSplits());
  if (split !== wantedSplit || split === splitNow()) return;
  root.dataset.split = split;
  for (const button of splitButtons) button.setAttribute("aria-pressed", String(button.value === split));
  for (const part of document.querySelectorAll("[data-of-split]")) part.hidden = part.dataset.ofSplit !== split;
  for (const plot of document.querySelectorAll(".plot[data-of-splits]")) showChartOf(split, plot, found.tables);
  drawNear();
  document.dispatchEvent(new CustomEvent("split-changed", { detail: found }));
}
let wantedSplit = TEST;

function showChartOf(split, plot, tables) {
  const name = split === TEST ? plot.dataset.ofSplits : `${plot.dataset.ofSplits}-${split}`;
  plot.dataset.figure = `${name}-figure`;
  delete plot.dataset.drawn;
  const details = plot.closest("figure").querySelector("details");
  const own = [...details.children].slice(1);
  for (const part of own) {
    if (part.dataset.made) part.remove();
    else part.hidden = split !== TEST;
  }
  details.append(...(tables[name] ?? []).map(tableOf));
}

// A table as the page has it, made of what Python sent.
function tableOf({ caption, columns, rows, note }) {
  const box = element("div", "", { className: "table", tabIndex: 0, role: "region", ariaLabel: caption });
  box.dataset.made = "yes";
  const table = element("table");
  table.append(element("caption", caption), element("thead"), element("tbody"));
  table.tHead.append(element("tr"));
  table.tHead.rows[0].append(...columns.map((name) => element("th", name, { scope: "col" })));
  table.tBodies[0].append(...rows.map(tableRow));
  for (const row of table.tBodies[0].rows) nameCells(row, columns);
  box.append(table, element("p", note, { className: "hint" }));
  return box;
}

function tableRow(cells) {
  const row = element("tr");
  row.append(
    ...cells.map(({ text, note, title, kind }, place) => {
      const cell = element(place ? "td" : "th", text, place ? { className: kind, title } : { scope: "row" });
      if (note) cell.append(element("small", note));
      return cell;
    }),
  );
  return row;
}

// What a link leads to is a test pair: the list has to hold those.
function makeSwitch() {
  if (!splitButtons.length) return;
  for (const button of splitButtons) {
    button.addEventListener("click", () => {
      showSplit(button.value).then(save);
    });
  }
  for (const link of document.querySelectorAll('a[href*="="]')) link.addEventListener("click", () => showSplit(TEST));
  keep("split", splitNow, (split) => {
    if (!splitButtons.some((button) => button.value === split)) return false;
    showSplit(split);
    return true;
  });
}
