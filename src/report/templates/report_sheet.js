// --- a sheet at the lower edge: what a chart tells of a point on a phone, and of a chosen pair whose row is out of sight

const phone = matchMedia("(max-width: 600px)");

function showSheet(lines, pair = null) {
  byId("sheet-text").replaceChildren(...lines.map((line) => element("p", line)));
  byId("sheet-row").hidden = pair === null || !rowOf(pair);
  byId("sheet-row").dataset.pair = pair;
  byId("sheet").hidden = false;
}

function closeSheet() {
  byId("sheet").hidden = true;
}

// Beside a list whose box is in sight nothing more has to be said.
function tellOfRow(pair) {
  const row = rowOf(pair);
  if (row && !phone.matches && isInSight(row.closest(".table"))) closeSheet();
  else if (row) showSheet(pairLines(pair), pair);
  else showSheet([...pairLines(pair), "The filters of the list leave this pair out."], pair);
}

// The library's own label, which a phone would cut off, says what the sheet says: it stays out of sight there.
function labelLines(plot) {
  const texts = [...plot.querySelectorAll(".hoverlayer .hovertext text")];
  return texts.flatMap((text) => {
    const lines = [...text.querySelectorAll(".line")];
    return lines.length ? lines.map((line) => line.textContent) : [text.textContent];
  }).filter(Boolean);
}

function listenForSheet(plot) {
  plot.on("plotly_hover", (event) => {
    if (!phone.matches) return;
    const [pair = null] = pairsAt(event);
    showSheet(pair === null ? labelLines(plot) : pairLines(pair), pair);
  });
}

function makeSheet() {
  byId("sheet-close").addEventListener("click", closeSheet);
  byId("sheet-row").addEventListener("click", () => {
    const row = rowOf(Number(byId("sheet-row").dataset.pair));
    closeSheet();
    row?.closest(".table").scrollIntoView({ block: "nearest" });
    row?.querySelector("button")?.focus({ preventScroll: true });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") closeSheet();
  });
}

