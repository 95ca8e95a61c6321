// The panels of the explorer of softmax: one way each, as a table with a verdict.
import { h, write } from "../shared/element.js";

const COLUMNS = [
  ["exponent", "exponent"],
  ["exp", "exp"],
  ["probability", "prob."],
  ["log", "log"],
];

export function panelOf(way, name, formula) {
  const body = h("tbody", {});
  const story = h("p", { class: "dx-verdict" });
  const head = h("tr", {}, ...[["", "z"], ...COLUMNS].map(([, label]) => h("th", { scope: "col" }, label)));
  const caption = h("caption", { class: "dx-hidden" }, `${name}: ${formula}`);
  const table = h("table", { class: "dx-table" }, caption, h("thead", {}, head), body);
  const title = h("p", { class: "dx-panel-title" }, h("strong", {}, name), " ", h("span", {}, formula));
  const look = { class: `dx-panel dx-${way}`, role: "group", "aria-label": name };
  const box = h("div", look, title, h("div", { class: "dx-scroll" }, table), story);
  return { way, name, box, body, story, cells: {} };
}

// A row for each logit, and one for the sum; a cell holds a value and a word for what is wrong with it.
export function buildPanelRows(panel, count) {
  panel.cells = {};
  const cell = (key) => {
    const value = (panel.cells[key] = h("span", { class: "dx-value" }));
    const flag = (panel.cells[`${key}_note`] = h("span", { class: "dx-flag" }));
    return h("td", {}, value, flag);
  };
  const row = (_, i) => {
    const name = h("th", { scope: "row" }, "z", h("sub", {}, String(i + 1)));
    return h("tr", { "data-series": i }, name, ...COLUMNS.map(([key]) => cell(`${key}_${i}`)));
  };
  const name = h("th", { scope: "row", colspan: 2 }, "sum of exp");
  const sum = h("tr", { class: "dx-sum" }, name, cell("sum"), h("td", { colspan: 2 }));
  panel.body.replaceChildren(...Array.from({ length: count }, row), sum);
}

export function drawPanel({ way, box, cells, story, body }, { probabilities, notes }, shown) {
  for (const [key, cell] of Object.entries(cells)) write(cell, shown[`${way}_${key}`] ?? "");
  for (const cell of body.querySelectorAll("td")) {
    cell.dataset.note = cell.querySelector(".dx-flag")?.textContent ?? "";
  }
  for (const [i, share] of probabilities.entries()) {
    cells[`probability_${i}`].parentElement.style.setProperty("--share", Number.isFinite(share) ? share : 0);
  }
  write(story, shown[`${way}_story`]);
  box.dataset.state = stateOf(Object.values(notes).flat());
}

function stateOf(found) {
  if (found.includes("undefined") || found.includes("log of 0")) return "breaks";
  return found.includes("subnormal") ? "loses" : "holds";
}
