"use strict";
(() => {
  const form = document.getElementById("filters");
  const items = [...document.querySelectorAll("details.item")];
  const groups = [...document.querySelectorAll("section.group")];
  const count = document.getElementById("count");
  const none = document.getElementById("none");
  const toggle = document.getElementById("toggle");
  const settled = new Set(["pass", "not_applicable"]);

  form.hidden = false;
  for (const item of items) item.open = !settled.has(item.dataset.verdict);

  const matches = (item, chosen) => {
    const services = JSON.parse(item.dataset.services);
    return chosen.verdicts.has(item.dataset.verdict)
      && (!chosen.group || item.dataset.group === chosen.group)
      && (!chosen.service || services.includes(chosen.service))
      && (!chosen.gate || "gate" in item.dataset);
  };

  const apply = () => {
    const data = new FormData(form);
    const chosen = {
      verdicts: new Set(data.getAll("verdict")),
      group: data.get("group"),
      service: data.get("service"),
      gate: data.has("gate"),
    };
    let shown = 0;
    for (const item of items) {
      item.hidden = !matches(item, chosen);
      shown += item.hidden ? 0 : 1;
    }
    for (const group of groups) group.hidden = !group.querySelector("details.item:not([hidden])");
    for (const row of document.querySelectorAll("tr[data-service]")) {
      row.classList.toggle("faded", Boolean(chosen.service) && row.dataset.service !== chosen.service);
    }
    none.hidden = shown > 0;
    count.textContent = `${shown} of ${items.length} items shown`;
  };

  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target || !target.matches("details.item")) return;
    if (target.hidden) { form.reset(); apply(); }
    target.open = true;
    target.scrollIntoView();
  };

  let before = [];
  addEventListener("beforeprint", () => {
    const all = [...document.querySelectorAll("details")];
    before = all.map((one) => [one, one.open]);
    for (const one of all) one.open = true;
  });
  addEventListener("afterprint", () => { for (const [one, open] of before) one.open = open; });
  addEventListener("hashchange", reveal);
  form.addEventListener("change", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  toggle.addEventListener("click", () => {
    const open = toggle.textContent === "Open all";
    for (const item of items) item.open = open;
    toggle.textContent = open ? "Close all" : "Open all";
  });
  apply();
  reveal();
})();
