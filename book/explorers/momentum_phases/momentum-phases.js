// <descent-momentum-phases>: rate × damping coloured by the speed, with the path that a point of it takes.
import { contours } from "../shared/contours.js";
import { define, Explorer, h, write } from "../shared/element.js";
import { legend } from "../shared/legend.js";
import { numberField } from "../shared/number-field.js";
import { Plane } from "../shared/plane.js";
import { bestPair, criticalMomentum, eigenvalues, pathOf, rateOf } from "./heavy-ball.js";
import { numbersOf } from "./momentum-numbers.js";
import PHASES from "./momentum-phases.json" with { type: "json" };
import { number, wordsOf } from "./momentum-words.js";

const { limits } = PHASES;
const [[, MOST_RATE], [, MOST_MOMENTUM]] = [limits.lr, limits.momentum];
const LEVELS = [0.2, 0.4, 0.6, 0.8, 0.9, 1]; // of the rate
const NAMES = [
  [[0.46, -0.065], "monotone"],
  [[1.48, -0.065], "alternating"],
  [[2.15, 0.5], "oscillating"],
  [[3.65, 0.4], "diverging"],
];
const BOTTOM = -0.11; // below μ = 0 is room for names
const ROWS = [
  ["product", "ηλ"],
  ["regime", "Regime"],
  ["eigenvalues", "Eigenvalues"],
  ["rate", "Rate per step, long run"],
  ["tenth", "Steps for a factor of ten"],
];
const HUES = { steep: "pink", flat: "purple" };
const STEPS = 50;
const SLIDERS = {
  // label, lowest, highest, step of the slider, from state to slider and back
  lr: ["Rate ηλ", ...limits.lr, 0.01, (x) => x, (x) => x],
  momentum: ["Momentum μ", ...limits.momentum, 0.005, (x) => x, (x) => x],
  kappa: ["Condition κ", ...limits.kappa.map(Math.log10), 0.01, Math.log10, (x) => Number((10 ** x).toPrecision(3))],
};

class MomentumPhases extends Explorer {
  static title = "Momentum phase diagram";
  static defaults = PHASES.defaults;

  accept({ lr, momentum, kappa }) {
    const state = { lr, momentum, kappa };
    const fine = Object.entries(limits).every(([name, [low, high]]) => state[name] >= low && state[name] <= high);
    return fine ? state : null;
  }

  build() {
    this.parts = {};
    this.story = h("p", { class: "dx-story" });
    const left = h("div", { class: "dx-ground" }, this.diagram(), this.keys());
    const right = h("div", { class: "dx-side" }, this.controls(), this.buttons(), this.trajectory());
    const lower = h("div", { class: "dx-lower" }, this.circle(), this.table());
    return [this.head(), h("div", { class: "dx-halves" }, left, right), this.story, lower];
  }

  // --- controls --------------------------------------------------------------------------------------

  controls() {
    this.sliders = {};
    const row = ([key, [label, min, max, step, , back]]) => {
      const id = `dx-${key}-${this.number}`;
      const slider = h("input", {
        type: "range",
        id,
        min,
        max,
        step,
        oninput: () => this.set({ [key]: back(Number(slider.value)) }),
      });
      const typed = numberField({ min: limits[key][0], "aria-label": `${label}, as a number` }, (value) =>
        this.set({ [key]: value }),
      );
      this.sliders[key] = { slider, typed };
      return [h("label", { for: id }, label), slider, typed];
    };
    return h("div", { class: "dx-controls" }, ...Object.entries(SLIDERS).flatMap(row));
  }

  buttons() {
    const button = (text, act) => h("button", { type: "button", class: "dx-button", onclick: act }, text);
    const plain = ({ kappa }) => ({ lr: (2 * kappa) / (1 + kappa), momentum: 0 });
    return h(
      "div",
      { class: "dx-pairs" },
      button("★ Best pair", () => this.set(bestPair(1 / this.state.kappa, 1))),
      button("Best plain descent", () => this.set(plain(this.state))),
    );
  }

  // --- pictures --------------------------------------------------------------------------------------

  diagram() {
    const label =
      "The plane of ηλ and μ, its colour the deeper the faster a step is, with the curve of critical damping";
    this.plane = new Plane({
      label,
      x: [0, MOST_RATE],
      y: [BOTTOM, MOST_MOMENTUM],
      aspect: 0.85,
      xLabel: "ηλ",
      yLabel: "μ",
      margin: { left: 30 },
    });
    const { plane } = this;
    plane.levels().set(levelsOfRate());
    const beyond = [
      [2, 0],
      [4, 1],
      [0, 1],
      [0, 2],
      [9, 2],
      [9, 0],
    ];
    plane.line({ hue: "orange", fill: true, width: 2 }).set(beyond);
    plane.line({ hue: "muted", width: 1 }).set([
      [0, 0],
      [9, 0],
    ]);
    const curve = Array.from({ length: 201 }, (_, i) => 4 * (i / 200) ** 2); // closer where it is steep
    plane.line({ hue: "ink", width: 2 }).set(curve.map((p) => [p, criticalMomentum(p)]));
    for (const level of LEVELS.slice(0, -1))
      plane
        .text({ hue: "muted", anchor: "middle", dy: 4, name: "dx-level" })
        .set([1.25 + level * level - level / 4, level * level], String(level));
    for (const [place, name] of NAMES)
      plane
        .text({ hue: name === "diverging" ? "orange" : "ink", anchor: "middle", name: place[1] < 0 ? "dx-below" : "" })
        .set(place, name);
    this.valley = plane.line({ hue: "purple", width: 2, dash: "3 4" });
    this.stars = [
      plane.text({ anchor: "middle", dy: 6, name: "dx-star" }),
      plane.text({ anchor: "middle", dy: 6, name: "dx-star" }),
    ];
    this.flat = plane.dot({ hue: "purple", radius: 6, name: "dx-hollow" });
    const near = (value) => Math.max(0, Number(value.toFixed(3)));
    this.handle = plane.handle({
      label: "Rate and momentum",
      hue: "pink",
      press: true,
      move: ([lr, momentum]) => this.set({ lr: near(lr), momentum: near(momentum) }),
    });
    return plane.element;
  }

  keys() {
    const keys = legend(
      ["dot", "pink", "steepest direction: drag it"],
      ["dot", "purple", "flattest direction, ηλ/κ"],
      ["line", "ink", "critical damping"],
    );
    this.flatKey = keys.children[1];
    this.flatKey.classList.add("dx-key-hollow");
    keys.append(
      h("span", { class: "dx-key dx-key-star" }, "best for this κ"),
      h("span", {}, "on the lines: the rate per step"),
    );
    return keys;
  }

  trajectory() {
    const plane = new Plane({
      label: "x at each of 50 steps",
      x: [0, STEPS],
      y: [-1.1, 1.1],
      height: 190,
      ticks: [5, 4],
      grid: true,
      xLabel: "step",
      margin: { left: 34, right: 8 },
    });
    this.chart = {
      plane,
      lines: {
        flat: plane.line({ hue: HUES.flat, width: 2, dash: "6 4" }),
        steep: plane.line({ hue: HUES.steep, width: 1.75 }),
      },
      beads: plane.dots({ hue: HUES.steep, radius: 2.2 }),
    };
    return h("div", {}, h("p", { class: "dx-over-title" }, "x, from a start at 1"), plane.element);
  }

  circle() {
    const plane = new Plane({
      label: "The eigenvalues in the complex plane, with the unit circle",
      x: [-1.3, 1.3],
      y: [-1.3, 1.3],
      aspect: 1,
      ticks: [4, 4],
      margin: { left: 26, right: 6 },
    });
    const ring = Array.from({ length: 121 }, (_, i) => [Math.cos((Math.PI * i) / 60), Math.sin((Math.PI * i) / 60)]);
    plane.line({ hue: "rule", width: 1 }).set([
      [
        [-9, 0],
        [9, 0],
      ],
      [
        [0, -9],
        [0, 9],
      ],
    ]);
    plane.line({ hue: "ink", width: 1.5 }).set(ring);
    this.roots = {
      plane,
      flat: plane.dots({ hue: HUES.flat, radius: 6.5, name: "dx-hollow" }),
      steep: plane.dots({ hue: HUES.steep, radius: 4.5 }),
    };
    return h("div", { class: "dx-circle" }, h("p", { class: "dx-over-title" }, "Eigenvalues"), plane.element);
  }

  table() {
    const cell = (name, key) => (this.parts[`${name}_${key}`] = h("td", { class: `dx-of-${name}` }));
    const row = ([key, name]) => h("tr", {}, h("th", { scope: "row" }, name), cell("steep", key), cell("flat", key));
    this.heads = ["steep", "flat"].map((name) =>
      h("th", { scope: "col", class: `dx-of-${name}` }, name === "steep" ? "steepest" : "flattest"),
    );
    this.numbers = h(
      "table",
      { class: "dx-numbers" },
      h("caption", { class: "dx-hidden" }, "Each direction in numbers"),
      h("thead", {}, h("tr", {}, h("td", {}), ...this.heads)),
      h("tbody", {}, ...ROWS.map(row)),
    );
    return this.numbers;
  }

  // --- drawing ---------------------------------------------------------------------------------------

  draw() {
    const { lr, kappa } = this.state;
    const shown = wordsOf(numbersOf(this.state));
    const products = kappa === 1 ? { steep: lr } : { steep: lr, flat: lr * (1 / kappa) };
    this.flatKey.hidden = kappa === 1;
    this.numbers.classList.toggle("dx-single", kappa === 1);
    write(this.heads[0], kappa === 1 ? "value" : "steepest");
    this.drawControls();
    this.drawPoints(products, shown);
    this.drawPaths(products);
    this.drawRoots(products);
    for (const [key, part] of Object.entries(this.parts)) write(part, shown[key]);
    write(this.story, shown.story);
  }

  drawControls() {
    for (const [key, { slider, typed }] of Object.entries(this.sliders)) {
      const value = short(this.state[key]);
      slider.value = SLIDERS[key][4](this.state[key]);
      slider.setAttribute("aria-valuetext", number(this.state[key]));
      if (typed.value === "" || short(Number(typed.value)) !== value) typed.value = value;
    }
  }

  drawPoints({ steep, flat }, shown) {
    const { momentum, kappa } = this.state;
    this.handle.set(
      [steep, momentum],
      `ηλ ${number(steep)}, μ ${number(momentum)}: ${shown.steep_regime}, rate ${shown.steep_rate}`,
    );
    this.flat.set(flat === undefined ? null : [flat, momentum]);
    this.valley.set(
      flat === undefined
        ? null
        : [
            [flat, momentum],
            [steep, momentum],
          ],
    );
    const best = bestPair(1 / kappa, 1);
    this.stars[0].set([best.lr, best.momentum], "★");
    this.stars[1].set(kappa === 1 ? null : [best.lr / kappa, best.momentum], "★");
  }

  // The heights follow what diverges, up to ten times the start; there its line ends.
  drawPaths(products) {
    const { plane, lines, beads } = this.chart;
    const paths = Object.fromEntries(
      Object.entries(products).map(([name, p]) => [name, pathOf(p, this.state.momentum, STEPS).map((x, t) => [t, x])]),
    );
    const largest = Math.max(
      ...Object.values(paths)
        .flat()
        .map(([, x]) => Math.abs(x)),
    );
    const top = [1, 2, 5].find((height) => largest <= height) ?? 10;
    plane.view([0, STEPS], [-1.1 * top, 1.1 * top]);
    const seen = (path) => path?.slice(0, 1 + [...path, [0, Infinity]].findIndex(([, x]) => Math.abs(x) > 1.1 * top));
    for (const [name, line] of Object.entries(lines)) line.set(seen(paths[name]));
    beads.set(seen(paths.steep));
  }

  drawRoots(products) {
    const { plane } = this.roots;
    const all = Object.fromEntries(
      Object.entries(products).map(([name, p]) => [name, eigenvalues(p, this.state.momentum)]),
    );
    const reach = 1.15 * Math.max(1.13, ...Object.values(all).flat(2).map(Math.abs));
    plane.view([-reach, reach], [-reach, reach]);
    for (const name of ["flat", "steep"]) this.roots[name].set(all[name]);
  }
}

// As a field shows it.
function short(x) {
  return Number(x.toPrecision(4));
}

let found;
function levelsOfRate() {
  found ??= contours((p, momentum) => rateOf(p, Math.max(0, momentum)), [0, MOST_RATE], [0, MOST_MOMENTUM], LEVELS);
  return found;
}

define("descent-momentum-phases", MomentumPhases);
