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

function signed(value, digits = 3) {
  const text = number(value, digits);
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

// --- packed data: five letters stand for four bytes, as `base64.b85encode` of Python writes them, with a comma for <

const LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;,=>?@^_`{|}~";

function fromBase85(text) {
  const values = new Uint8Array(128);
  [...LETTERS].forEach((letter, value) => (values[letter.charCodeAt(0)] = value));
  const left = (5 - (text.length % 5)) % 5; // letters that the last group lacks, and so bytes that it does not hold
  const words = new DataView(new ArrayBuffer(((text.length + left) / 5) * 4));
  for (let place = 0; place < text.length + left; place += 5) {
    let word = 0;
    for (let next = place; next < place + 5; next += 1) word = word * 85 + (next < text.length ? values[text.charCodeAt(next)] : 84);
    words.setUint32((place / 5) * 4, word);
  }
  return new Uint8Array(words.buffer, 0, words.byteLength - left);
}

// A figure that was packed lies where `carried` finds it.
function addFigures(figures) {
  for (const [name, figure] of Object.entries(figures)) {
    const properties = { type: "application/json", id: `${name}-figure` };
    document.body.append(element("script", JSON.stringify(figure), properties));
  }
}
