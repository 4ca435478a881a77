// --- what the page carries: the drawn pairs, and the counts of the threshold slider

const root = document.documentElement;
const byId = (id) => document.getElementById(id);
const carried = (id) => JSON.parse(byId(id).textContent);
const pairs = carried("pair-data");
const models = pairs.models;
const redacted = pairs.text_1 === undefined;
const NOT_AVAILABLE = "n/a";

const labelOf = (pair) => (pairs.labels[pair] ? pairs.words.positive : pairs.words.negative);
const categoryOf = (pair) => pairs.categories[pairs.category[pair]];
const typeOf = (pair) => pairs.pair_types[pairs.pair_type[pair]];
const named = (column) => column.replaceAll("_", " ");
const count = (value) => value.toLocaleString("en-US");

function number(value, digits = 3) {
  if (value === null || value === undefined) return NOT_AVAILABLE;
  const text = value.toFixed(digits);
  return Number(text) === 0 ? text.replace("-", "") : text;
}

function signed(value) {
  const text = number(value);
  return text.startsWith("-") || text === NOT_AVAILABLE ? text : `+${text}`;
}

// On a narrow screen a row of a table is a card, in which each cell has the name of its column.
function nameCells(row, names) {
  [...row.cells].forEach((cell, place) => {
    cell.dataset.label = names[place];
  });
}

// An element with text. Whatever the data holds goes in as text, never as HTML.
function element(name, text = "", properties = {}) {
  return Object.assign(document.createElement(name), { textContent: text, ...properties });
}

