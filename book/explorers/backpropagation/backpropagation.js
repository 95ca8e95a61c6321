// <descent-backpropagation>: the graph of x² + 2xy + y³, its values forward and its adjoints backward.

import { define, Explorer, h, write } from "../shared/element.js";
import { fill, numberField } from "../shared/number-field.js";
import { svg } from "../shared/ticks.js";
import { DEFAULTS, LAST, LIMIT, NODES, numbersOf, USES } from "./backpropagation-numbers.js";
import { FORMULAS, wordsOf } from "./backpropagation-words.js";

const PLACES = {
  x: [116, 34],
  y: [272, 34],
  a: [62, 140],
  b: [194, 140],
  d: [326, 140],
  c: [194, 246],
  e: [128, 352],
  f: [226, 458],
};
const [WIDE, HIGH] = [116, 64];
const CASES = [
  ["3, 2", { x: 3, y: 2 }],
  ["−1, 2", { x: -1, y: 2 }],
  ["1, −2", { x: 1, y: -2 }],
  ["0.5, 0", { x: 0.5, y: 0 }],
];

class Backpropagation extends Explorer {
  static title = "Backpropagation";
  static defaults = DEFAULTS;

  accept({ x, y, moment }) {
    const near = (value) => typeof value === "number" && Math.abs(value) <= LIMIT;
    const inside = Number.isInteger(moment) && moment >= 0 && moment <= LAST;
    return near(x) && near(y) && inside ? { x, y, moment } : null;
  }

  build() {
    this.story = h("p", { class: "dx-story", "data-part": "story" });
    this.sums = Object.fromEntries([..."xy"].map((name) => [name, h("dd", {})]));
    const sum = (name) => h("div", { class: "dx-fact" }, h("dt", {}, `Arrived at ${name}`), this.sums[name]);
    const sums = h("dl", { class: "dx-sums" }, sum("x"), sum("y"));
    const legend = h(
      "p",
      { class: "dx-note" },
      "In each box: the formula, its ",
      h("span", { class: "dx-of-value" }, "value"),
      ", and after ∂ its ",
      h("span", { class: "dx-of-adjoint" }, "adjoint"),
      ".",
    );
    const words = h("div", { class: "dx-words" }, this.inputs(), this.steps(), this.story, sums, legend);
    return [this.head(), h("div", { class: "dx-sides" }, this.picture(), words)];
  }

  inputs() {
    const field = (name) => {
      const id = `dx-${name}-${this.number}`;
      const input = numberField({ id, step: 0.5, min: -LIMIT, max: LIMIT }, (value) => this.set({ [name]: value }));
      return [input, h("label", { for: id }, `${name} =`)];
    };
    this.fields = {};
    const parts = [..."xy"].flatMap((name) => {
      const [input, label] = field(name);
      this.fields[name] = input;
      return [label, input];
    });
    return h("div", { class: "dx-inputs" }, ...parts, this.chips("Inputs x, y", CASES));
  }

  steps() {
    const go = (by) => () => this.set({ moment: this.state.moment + by });
    const button = (text, by) => h("button", { type: "button", class: "dx-button", onclick: go(by) }, text);
    this.buttons = [button("◂ Back", -1), button("Next ▸", 1)];
    const move = () => this.set({ moment: Number(this.slider.value) });
    this.slider = h("input", {
      type: "range",
      min: 0,
      max: LAST,
      step: 1,
      "aria-label": "Moment of the run",
      oninput: move,
    });
    this.place = h("span", { class: "dx-place" });
    return h("div", { class: "dx-steps" }, ...this.buttons, this.slider, this.place);
  }

  picture() {
    this.edges = Object.fromEntries(USES.map(([user, node]) => [user + node, svg("path", { class: "dx-edge" })]));
    this.boxes = Object.fromEntries(NODES.map((node) => [node, box(node)]));
    this.local = svg(
      "g",
      { class: "dx-local" },
      svg("rect", { rx: 6, height: 22 }),
      svg("text", { "text-anchor": "middle" }),
    );
    const parts = [...Object.values(this.edges), ...Object.values(this.boxes).map(({ group }) => group), this.local];
    this.svg = svg("svg", { class: "dx-graph", viewBox: "0 0 388 494", role: "img" }, ...parts);
    return this.svg;
  }

  draw() {
    const { moment } = this.state;
    const shown = wordsOf(numbersOf(this.state));
    write(this.story, shown.story);
    write(this.place, shown.place);
    for (const name of "xy") {
      fill(this.fields[name], this.state[name]);
      write(this.sums[name], shown[`sum_${name}`]);
    }
    this.slider.value = moment;
    this.slider.setAttribute("aria-valuetext", `${shown.place}. ${shown.story}`);
    // aria-disabled, not disabled: a button that is pressed to the end keeps the focus.
    this.buttons.forEach((button, i) => button.setAttribute("aria-disabled", String(moment === [0, LAST][i])));
    this.drawGraph(shown);
  }

  drawGraph(shown) {
    const backward = shown.user !== "";
    for (const [node, { group, value, adjoint }] of Object.entries(this.boxes)) {
      value.textContent = shown[`value_${node}`];
      adjoint.textContent = shown[`adjoint_${node}`] && `∂ ${shown[`adjoint_${node}`]}`;
      group.dataset.state = node === shown.node ? "now" : node === shown.user ? "user" : "";
    }
    for (const [ends, line] of Object.entries(this.edges)) {
      const [user, node] = ends;
      const flows = backward ? ends === shown.user + shown.node : user === shown.node && !shown.adjoint_f;
      line.dataset.state = flows ? (backward ? "backward" : "forward") : "";
      line.setAttribute("d", arrow(node, user, flows && backward));
    }
    this.drawLocal(shown, backward);
    this.svg.setAttribute("aria-label", `The graph of x² + 2xy + y³ at moment ${shown.place}. ${shown.story}`);
  }

  drawLocal(shown, backward) {
    this.local.style.display = backward ? "" : "none";
    if (!backward) return;
    const [[x1, y1], [x2, y2]] = [PLACES[shown.user], PLACES[shown.node]];
    const wide = 16 + 8 * shown.local.length;
    const beside = (x1 + x2) / 2 + (x2 < 194 ? -36 : 36); // the arrow itself stays in sight
    this.local.setAttribute("transform", `translate(${beside} ${(y1 + y2) / 2})`);
    const [rect, text] = this.local.children;
    for (const [name, value] of Object.entries({ x: -wide / 2, y: -11, width: wide })) rect.setAttribute(name, value);
    text.setAttribute("y", 5);
    text.textContent = shown.local;
  }
}

function box(node) {
  const [x, y] = PLACES[node];
  const text = (name, at) => svg("text", { class: name, y: at, "text-anchor": "middle" });
  const parts = { formula: text("dx-formula", -13), value: text("dx-of-value", 6), adjoint: text("dx-of-adjoint", 24) };
  parts.formula.textContent = FORMULAS[node];
  const rect = svg("rect", { x: -WIDE / 2, y: -HIGH / 2, width: WIDE, height: HIGH, rx: 9 });
  return {
    group: svg("g", { class: "dx-box", transform: `translate(${x} ${y})` }, rect, ...Object.values(parts)),
    ...parts,
  };
}

// An arrow from the node that is used down to the one that uses it; upwards where an adjoint flows.
function arrow(node, user, upwards) {
  const [[x1, y1], [x2, y2]] = [PLACES[node], PLACES[user]];
  const shift = (x2 - x1) * 0.16;
  const ends = [
    [x1 + shift, y1 + HIGH / 2 + 2],
    [x2 - shift, y2 - HIGH / 2 - 3],
  ];
  const [start, end] = upwards ? ends.reverse() : ends;
  const angle = Math.atan2(end[1] - start[1], end[0] - start[0]);
  const barb = (turn) => [end[0] - 8 * Math.cos(angle + turn), end[1] - 8 * Math.sin(angle + turn)];
  return `M${start}L${end}M${barb(0.45)}L${end}L${barb(-0.45)}`;
}

define("descent-backpropagation", Backpropagation);
