// --- tabs: links to sections without JavaScript, tabs with it

function select(tabs, chosen) {
  for (const tab of tabs) {
    const on = tab === chosen;
    tab.setAttribute("aria-selected", String(on));
    tab.tabIndex = on ? 0 : -1;
    byId(tab.getAttribute("aria-controls")).hidden = !on;
  }
  drawNear();
}

function neighbour(tabs, tab, key) {
  const here = tabs.indexOf(tab);
  const steps = { ArrowRight: here + 1, ArrowLeft: here - 1, Home: 0, End: -1 };
  return key in steps ? tabs.at(steps[key] % tabs.length) : undefined;
}

function makeTab(tab) {
  const id = tab.hash.slice(1);
  const panel = byId(id);
  tab.parentElement.setAttribute("role", "presentation");
  tab.setAttribute("role", "tab");
  tab.setAttribute("aria-controls", id);
  tab.id = `tab-${id}`;
  panel.setAttribute("role", "tabpanel");
  panel.setAttribute("aria-labelledby", tab.id);
  panel.tabIndex = 0;
}

function makeTabs(box) {
  const list = box.querySelector("ul");
  const tabs = [...list.querySelectorAll("a")];
  list.setAttribute("role", "tablist");
  list.setAttribute("aria-label", box.closest("section").querySelector("h2").textContent);
  for (const tab of tabs) {
    makeTab(tab);
    tab.addEventListener("click", (event) => {
      event.preventDefault();
      select(tabs, tab);
      save();
    });
    tab.addEventListener("keydown", (event) => {
      const next = event.key === " " ? tab : neighbour(tabs, tab, event.key);
      if (!next) return;
      event.preventDefault();
      select(tabs, next);
      next.focus();
      save();
    });
  }
  select(tabs, tabs[0]);
  keep(
    "tab",
    () => tabs.find((tab) => tab.getAttribute("aria-selected") === "true").getAttribute("aria-controls"),
    (id) => {
      const wanted = tabs.find((tab) => tab.getAttribute("aria-controls") === id);
      if (wanted) select(tabs, wanted);
      return Boolean(wanted);
    },
  );
}

