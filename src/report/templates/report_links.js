// --- the list and the charts: what is chosen in one is shown in the others, and kept in the address

const FILTERS = { model: "model", outcome: "outcome", label: "label", category: "category", pair_type: "type", search: "search", sort: "sort" };
const VIEWS = ["model", "sort"]; // they leave out no pair

function isFiltered() {
  const isSet = (key) => states.has(key) && states.get(key).read() !== states.get(key).initial;
  return selection !== null || Object.keys(FILTERS).some((key) => !VIEWS.includes(key) && isSet(key));
}

// --- the marked pair

// Turns to the page of a pair and scrolls the list's box, not the page, to its row.
function reveal(pair) {
  const found = listed().indexOf(pair);
  if (found >= 0) page = Math.floor(found / ROWS);
  showList();
  const row = rowOf(pair);
  if (row) box.scrollTop += row.getBoundingClientRect().top - box.getBoundingClientRect().top - box.clientHeight / 3;
}

// The charts that a pair is chosen on are of the test pairs: the list has to hold those first.
async function choose(pair) {
  await showSplit(TEST);
  mark(pair);
  reveal(pair);
  tellOfRow(pair);
  save();
}

function markFromRow(pair) {
  mark(pair === marked ? null : pair);
  showMark();
  save();
}

function listenToRows() {
  const body = control("table").tBodies[0];
  body.addEventListener("click", (event) => {
    const pair = pairOf(event.target);
    // who selects text of a row wants to copy it
    if (pair !== null && (event.target.closest("button") || getSelection().isCollapsed)) markFromRow(pair);
  });
  body.addEventListener("pointerover", (event) => pointOut(pairOf(event.target)));
  body.addEventListener("pointerleave", () => pointOut(null));
  body.addEventListener("focusin", (event) => pointOut(pairOf(event.target)));
  body.addEventListener("focusout", () => pointOut(null));
}

function keepMark() {
  const test = splitPlaces[TEST].shown;
  keep(
    "pair",
    () => (marked === null ? "" : String(pairs.rows[marked])),
    (text) => {
      const found = text === "" ? -1 : pairs.rows.slice(0, test).indexOf(Number(text));
      mark(found < 0 ? null : found);
      if (found >= 0) reveal(found);
      showMark();
      return text === "" || found >= 0;
    },
  );
  keep(
    "page",
    () => (page ? String(page + 1) : ""),
    (text) => {
      if (text === "") return true;
      if (!/^[1-9]\d{0,5}$/.test(text)) return false;
      page = Number(text) - 1;
      showList();
      return true;
    },
  );
}

// --- a selection on a map: in the address it is a bit a pair, so that its length does not depend on what it holds

function packedPlaces(places) {
  const bytes = new Uint8Array(Math.floor(Math.max(...places) / 8) + 1);
  for (const one of places) bytes[one >> 3] |= 1 << (one & 7);
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function unpackedPlaces(text) {
  if (!/^[\w-]+$/.test(text)) return [];
  let bytes;
  try {
    bytes = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  } catch {
    return [];
  }
  const isIn = (one) => (bytes.charCodeAt(one >> 3) >> (one & 7)) & 1;
  return Array.from({ length: splitPlaces[TEST].shown }, (_, one) => one).filter(isIn);
}

function keepSelection() {
  keep(
    "selected",
    () => (selection ? packedPlaces(selection) : ""),
    (text) => {
      const found = unpackedPlaces(text);
      selection = found.length ? found : null;
      showList();
      return text === "" || found.length > 0;
    },
  );
}

function unselect() {
  selection = null;
}

// --- filters

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
    if (!VIEWS.includes(key)) set(key, states.get(key)?.initial);
  }
  changed();
}

// A number's link to its pairs: the other filters go, tab and threshold stay.
function follow(link) {
  goTo("pairs", () => {
    clearFilters();
    for (const [key, value] of new URLSearchParams(link.hash.slice(1))) {
      if (key in FILTERS) set(key, value);
    }
    changed();
  });
}

function makeList() {
  const chosen = control("model");
  if (chosen) chosen.value = chosen.dataset.chosen;
  for (const [key, name] of Object.entries(FILTERS)) keepFilter(key, name);
  keepSelection();
  keepMark();
  control("clear").addEventListener("click", clearFilters);
  control("csv").addEventListener("click", saveCsv);
  control("back").addEventListener("click", () => turn(-1));
  control("next").addEventListener("click", () => turn(1));
  control("unselect").addEventListener("click", () => {
    unselect();
    changed();
  });
  listenToRows();
  document.querySelectorAll(".bench .plot").forEach(makeWalk);
  whenPairClicked.push(choose);
  whenPairsSelected.push(async (found) => {
    if (found.length) await showSplit(TEST);
    selection = found.length ? found : null;
    changed();
  });
  for (const link of document.querySelectorAll('a[href*="="]')) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      follow(link);
    });
  }
  document.addEventListener("threshold-changed", showList);
  document.addEventListener("split-changed", () => {
    if (splitNow() !== TEST) unselect();
    page = 0;
    showList();
  });
  showList();
}

