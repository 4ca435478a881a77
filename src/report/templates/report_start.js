// --- start

root.classList.add("js");
document.querySelectorAll(".tabs").forEach(makeTabs);
makeSwitch();
makeSlider();
makeCosts();
makeList();
makeSheet();
restore();
addEventListener("hashchange", restore);
addEventListener("beforeprint", startPrinting);
addEventListener("afterprint", endPrinting);
matchMedia("print").addEventListener("change", (event) => (event.matches ? startPrinting() : endPrinting()));
addEventListener("resize", resized);
dark.addEventListener("change", redraw);
unpackLibrary().then(startDrawing, sayThereAreNoCharts);
