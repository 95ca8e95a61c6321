// <descent-one-step>: one update of a method on three entries, its numbers in the formula's own places.
import { define, Explorer, h, write } from "../shared/element.js";
import { fill, numberField } from "../shared/number-field.js";
import { RULES } from "../shared/rules.js";
import { ENTRIES, LIMIT, MOST, numbersOf, rateOf, stepped } from "./one-step-numbers.js";
import { formulas, wordsOf } from "./one-step-words.js";

const GRADIENTS = [
  ["100, 1, 0.01", { g: [100, 1, 0.01] }],
  ["1, 1, 1", { g: [1, 1, 1] }],
  ["0, 0, 0", { g: [0, 0, 0] }],
];
const START = { t: 0, x: [1, 1, 1], memory: [0, 0, 0, 0, 0, 0] };

class OneStep extends Explorer {
  static title = "One step, dissected";
  static defaults = { rule: "Adam", lr: rateOf("Adam"), g: [100, 1, 0.01], ...START };

  accept({ rule, lr, t, g, x, memory }) {
    const list = (some, length) => Array.isArray(some) && some.length === length && some.every(Number.isFinite);
    const near = (value, low = -LIMIT) => typeof value === "number" && value >= low && value <= LIMIT;
    const lists = list(g, ENTRIES) && g.every((value) => near(value)) && list(x, ENTRIES) && list(memory, 2 * ENTRIES);
    if (!Object.hasOwn(RULES, rule) || !near(lr, 0) || !Number.isInteger(t) || t < 0 || t > MOST || !lists) return null;
    const state = { rule, lr, t, g, x, memory };
    const finite = numbersOf(state).every((known) => Object.values(known).every(Number.isFinite));
    return finite ? state : null;
  }

  build() {
    const methods = this.choices("rule", "Method", Object.keys(RULES), (rule) => ({ lr: rateOf(rule), ...START }));
    this.story = h("p", { class: "dx-story" });
    this.table = h("table", { class: "dx-lines" });
    const scroll = h("div", { class: "dx-scroll" }, this.table);
    return [this.head(), methods, this.inputs(), this.walk(), this.story, scroll];
  }

  inputs() {
    const field = (label, change) => numberField({ "aria-label": label }, (value) => this.set(change(value)));
    const gradient = (i) => field(`Gradient of entry ${i + 1}`, (value) => ({ g: this.state.g.with(i, value) }));
    this.gradients = Array.from({ length: ENTRIES }, (_, i) => gradient(i));
    this.rate = field("Learning rate", (lr) => ({ lr }));
    const group = (text, ...fields) =>
      h("span", { class: "dx-group" }, h("span", { "aria-hidden": true }, text), ...fields);
    const flip = () => this.set({ g: this.state.g.map((value) => -value) });
    const chips = this.chips("Gradients", GRADIENTS);
    chips.append(h("button", { type: "button", class: "dx-chip", onclick: flip }, "flip signs"));
    return h("div", { class: "dx-inputs" }, group("g =", ...this.gradients), group("η =", this.rate), chips);
  }

  walk() {
    const button = (text, act) => h("button", { type: "button", class: "dx-button", onclick: act }, text);
    this.place = h("span", { class: "dx-place" });
    const take = button("Take this step ▸", () => this.set(stepped(this.state)));
    return h(
      "div",
      { class: "dx-steps" },
      take,
      button("Start again", () => this.set(START)),
      this.place,
    );
  }

  draw() {
    const { rule, lr, t, g } = this.state;
    const shown = wordsOf(this.state);
    this.drawChoices();
    [...this.gradients, this.rate].forEach((field, i) => fill(field, [...g, lr][i]));
    write(this.story, shown.story);
    this.place.textContent = t === 1 ? "1 step taken" : `${t} steps taken`;
    if (this.drawn !== rule) this.drawRows(rule);
    shown.lines.forEach((cells, row) => cells.forEach((cell, column) => writeLine(this.cells[row][column], cell)));
  }

  drawRows(rule) {
    this.drawn = rule;
    const heads = ["formula", "entry 1", "entry 2", "entry 3"].map((text) => h("th", { scope: "col" }, text));
    const cell = () => h("td", {}, h("span", {}), h("b", {}));
    this.cells = formulas(rule).map(() => Array.from({ length: ENTRIES }, cell));
    const rows = formulas(rule).map((formula, row) =>
      h("tr", {}, h("th", { scope: "row" }, formula), ...this.cells[row]),
    );
    this.table.replaceChildren(h("thead", {}, h("tr", {}, ...heads)), h("tbody", {}, ...rows));
  }
}

// The numbers in their places, and below them what they come to.
function writeLine({ children: [places, result] }, line) {
  const end = line.lastIndexOf(" = ");
  write(places, line.slice(0, end));
  write(result, line.slice(end));
}

define("descent-one-step", OneStep);
