// <descent-momentum-phases>: rate × damping coloured by the speed, with the path that a point of it takes, and its velocity.
import { define, Explorer, h, write } from "../shared/element.js";
import { bestPair } from "../shared/heavy-ball.js";
import { numberField } from "../shared/number-field.js";
import { EigenvalueChart } from "./eigenvalue-chart.js";
import { DEFAULTS, LIMITS, numbersOf } from "./momentum-numbers.js";
import { number, wordsOf } from "./momentum-words.js";
import { PathChart } from "./path-chart.js";
import { PhaseDiagram } from "./phase-diagram.js";
import { VelocityChart } from "./velocity-chart.js";

const ROWS = [
  ["product", "ηλ"],
  ["regime", "Regime"],
  ["eigenvalues", "Eigenvalues"],
  ["factor", "Factor per step, long run"],
  ["tenth", "Steps for a factor of ten, long run"],
];
const SLIDERS = {
  // label, lowest, highest, step of the slider, from state to slider and back
  lr: ["Rate ηλ", ...LIMITS.lr, 0.01, (x) => x, (x) => x],
  momentum: ["Momentum μ", ...LIMITS.momentum, 0.005, (x) => x, (x) => x],
  kappa: ["Condition κ", ...LIMITS.kappa.map(Math.log10), 0.01, Math.log10, (x) => Number((10 ** x).toPrecision(3))],
};

class MomentumPhases extends Explorer {
  static title = "Momentum phase diagram";
  static defaults = DEFAULTS;

  accept({ lr, momentum, kappa }) {
    const state = { lr, momentum, kappa };
    const fine = Object.entries(LIMITS).every(([name, [low, high]]) => state[name] >= low && state[name] <= high);
    return fine ? state : null;
  }

  build() {
    this.parts = {};
    this.story = h("p", { class: "dx-story" });
    this.diagram = new PhaseDiagram((pair) => this.set(pair));
    this.paths = new PathChart();
    this.velocities = new VelocityChart();
    this.eigenvalues = new EigenvalueChart();
    const side = h("div", { class: "dx-side" }, this.controls(), this.buttons());
    const charts = [this.paths, this.velocities, this.eigenvalues].map(({ element }) => element);
    const plots = h("div", { class: "dx-plots" }, ...charts);
    return [this.head(), h("div", { class: "dx-layout" }, this.diagram.element, side, this.story, plots, this.table())];
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
      const typed = numberField({ min: LIMITS[key][0], "aria-label": `${label}, as a number` }, (value) =>
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

  // --- numbers ---------------------------------------------------------------------------------------

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

  draw() {
    const { lr, momentum, kappa } = this.state;
    const texts = wordsOf(numbersOf(this.state));
    const products = kappa === 1 ? { steep: lr } : { steep: lr, flat: lr * (1 / kappa) };
    this.numbers.classList.toggle("dx-single", kappa === 1);
    write(this.heads[0], kappa === 1 ? "value" : "steepest");
    this.drawControls();
    this.diagram.draw(products, this.state, texts);
    this.paths.draw(products, momentum);
    this.velocities.draw(products, momentum);
    this.eigenvalues.draw(products, momentum);
    for (const [key, part] of Object.entries(this.parts)) write(part, texts[key]);
    write(this.story, texts.story);
  }

  drawControls() {
    for (const [key, { slider, typed }] of Object.entries(this.sliders)) {
      const value = short(this.state[key]);
      slider.value = SLIDERS[key][4](this.state[key]);
      slider.setAttribute("aria-valuetext", number(this.state[key]));
      if (typed.value === "" || short(Number(typed.value)) !== value) typed.value = value;
    }
  }
}

// As a field shows it.
function short(x) {
  return Number(x.toPrecision(4));
}

define("descent-momentum-phases", MomentumPhases);
