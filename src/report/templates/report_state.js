// --- state in the page's address: #tab=model-1&threshold=0.450&category=values&at=pairs
// A part of the page with a state keeps it here: how it is read, and how it is written (false for what it cannot be).
// `at` is the place of the page that a link led to.

const LONGEST_ADDRESS = 2000; // characters; what would make it longer is left out
const WRITTEN = { written: true }; // marks the addresses in the history that this page wrote
const states = new Map();
let place = "";
let known = location.href; // the address that the page shows
let saving;

function keep(key, read, write) {
  states.set(key, { read, write, initial: read() });
}

function set(key, value) {
  const state = states.get(key);
  if (state && !state.write(value)) state.write(state.initial);
}

function addressOf() {
  const query = new URLSearchParams();
  for (const [key, state] of states) {
    if (state.read() === state.initial) continue;
    query.set(key, state.read());
    if (query.toString().length > LONGEST_ADDRESS) query.delete(key);
  }
  const plain = location.href.split("#")[0];
  if (query.size === 0) return place ? `${plain}#${place}` : plain;
  if (place) query.set("at", place);
  return `${plain}#${query}`;
}

// An address that is not known yet was gone to a moment ago: it is about to be read, and must not be written over.
function saveNow() {
  clearTimeout(saving);
  if (location.href !== known) return;
  if (history.state === null || addressOf() !== location.href) history.replaceState(WRITTEN, "", addressOf());
  known = location.href;
}

// Browsers refuse more than a hundred changes of the address in half a minute, and a slider makes many.
function save() {
  clearTimeout(saving);
  saving = setTimeout(saveNow, 250);
}

// Leads to a place of the page in another state; Back leads to the place and the state before.
function goTo(id, change) {
  saveNow();
  change();
  clearTimeout(saving);
  place = id;
  if (addressOf() !== location.href) history.pushState(WRITTEN, "", addressOf());
  known = location.href;
  byId(id).scrollIntoView();
}

// A link to a place of the page changes nothing, but a link to a panel opens its tab.
function arriveAt(id) {
  if (byId(id)) place = id;
  states.get("tab")?.write(id);
  saveNow();
}

// What is not known, or cannot be, leaves its part as it was at first.
function restore() {
  known = location.href;
  const hash = location.hash.slice(1);
  const isWritten = history.state !== null;
  if (!isWritten && !hash.includes("=")) {
    arriveAt(hash);
    return;
  }
  const wanted = new URLSearchParams(hash.includes("=") ? hash : { at: hash });
  for (const [key, state] of states) set(key, wanted.get(key) ?? state.initial);
  // the pairs of another split come later, and begin with their first page
  if (wanted.has("page")) switched.then(() => set("page", wanted.get("page")));
  place = byId(wanted.get("at") ?? "") ? wanted.get("at") : "";
  // where the reader was on the page before, the browser knows better
  if (!isWritten) byId(place)?.scrollIntoView();
}

