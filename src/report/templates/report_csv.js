// --- cells of a CSV (RFC 4180)

// A spreadsheet takes a text for a formula if the first character that is seen is one of these, full-width ones too.
const FORMULA = /^[=+\-@\u2212]/;
const FIRST_SEEN = /[^\s\p{Z}\p{C}\p{Default_Ignorable_Code_Point}]/u;

function harmless(text) {
  const [first] = FIRST_SEEN.exec(text) ?? [""];
  return /^[\t\r\n]/.test(text) || FORMULA.test(first.normalize("NFKC")) ? `'${text}` : text;
}

function csvCell(value) {
  const text = typeof value === "string" ? harmless(value) : String(Number(value.toFixed(5)));
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

