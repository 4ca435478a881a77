// --- state in the page's address: #tab=model-1&threshold=0.450&category=values
// A part of the page with a state keeps it here: how it is read, and how it is written (false for what it cannot be).

const states = new Map();
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
    if (state.read() !== state.initial) query.set(key, state.read());
  }
  return query.toString();
}

// Browsers refuse more than a hundred changes of the address in half a minute, and a slider makes many.
function save() {
  clearTimeout(saving);
  saving = setTimeout(() => {
    const text = addressOf();
    const plain = location.href.split("#")[0];
    if (text || location.hash.includes("=")) history.replaceState(null, "", text ? `#${text}` : plain);
  }, 250);
}

// What is not known, or cannot be, leaves its part as it was at first. A link to a place of the page changes nothing,
// but a link to a panel opens its tab.
function restore() {
  const hash = location.hash.slice(1);
  if (!hash.includes("=")) {
    states.get("tab")?.write(hash);
    return;
  }
  const wanted = new URLSearchParams(hash);
  for (const [key, state] of states) set(key, wanted.get(key) ?? state.initial);
}

