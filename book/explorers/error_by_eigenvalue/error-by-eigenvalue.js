// <descent-error-by-eigenvalue>: the loss of a quadratic as a sum over its curvatures, for descent and for momentum.
import { define, Explorer, h, write } from "../shared/element.js";
import { bestPair } from "../shared/heavy-ball.js";
import { legend } from "../shared/legend.js";
import { rounded } from "../shared/number-text.js";
import { ScaledSlider } from "../shared/scaled-slider.js";
import { BandChart, colourOf } from "./band-chart.js";
import { BESIDES, bestRate, COUNT, DEFAULTS, LIMITS, numbersOf, VIEWS } from "./error-numbers.js";
import { wordsOf } from "./error-words.js";
import { FactorByCurvature } from "./factor-chart.js";

const SLIDERS = {
  lr: ["Rate η", "even"],
  momentum: ["Momentum μ", "even"],
  kappa: ["Condition κ", "decades"],
  noise: ["Noise σ", "even"],
};
const NOISE = 0.03; // where the switch puts it first
const CHOICES = {
  beside: { best: "its best rate", same: "the same η", effective: "the same η/(1 − μ)" },
  scale: { share: "shares", loss: "loss, stacked", log: "log lines" },
};
const ROWS = [
  ["lr", "Rate η"],
  ["factor", "Slowest factor |r|"],
  ["small", "At most 1 % from step"],
  ["takeover", "Noise larger from step"],
  ["floor", "Loss in the long run"],
  ["here", ""],
  ["largest", "most of it at λ"],
  ["share", "whose share is"],
];

class ErrorByEigenvalue extends Explorer {
  static title = "The error by eigenvalue";
  static defaults = DEFAULTS;

  accept({ lr, momentum, kappa, noise, beside, scale, t }) {
    const state = { lr, momentum, kappa, noise, beside, scale, t };
    const inside = Object.entries(LIMITS).every(([name, [low, high]]) => state[name] >= low && state[name] <= high);
    return inside && Number.isInteger(t) && BESIDES.includes(beside) && VIEWS.includes(scale) ? state : null;
  }

  build() {
    this.parts = {};
    this.story = h("p", { class: "dx-story" });
    const look = (t) => this.set({ t });
    this.charts = { descent: new BandChart("descent", look), yours: new BandChart("momentum", look) };
    this.factors = new FactorByCurvature();
    const { descent, yours } = this.charts;
    this.makeSliders();
    const hand = h("div", { class: "dx-hand" }, this.controls("lr", "momentum"), this.buttons(), this.story);
    const more = h("div", { class: "dx-more-inside" }, this.controls("kappa", "noise"), this.noisy, this.beside());
    return [
      this.head(this.choose("scale", "The picture")),
      h("div", { class: "dx-lead" }, this.factors.element, hand),
      h("div", { class: "dx-pair" }, descent.element, yours.element),
      this.keys(),
      h("details", { class: "dx-more" }, h("summary", {}, "More: κ, noise, numbers"), more, this.table()),
    ];
  }

  // --- controls --------------------------------------------------------------------------------------

  choose(key, legend) {
    return this.choices(key, legend, Object.entries(CHOICES[key]));
  }

  makeSliders() {
    const one = ([key, [name, scale]]) => {
      const [low, high] = LIMITS[key];
      const id = `dx-${key}-${this.number}`;
      return [key, new ScaledSlider({ name, id, low, high, scale }, (value) => this.set({ [key]: value }))];
    };
    this.sliders = Object.fromEntries(Object.entries(SLIDERS).map(one));
    this.noisy = this.button("", () => this.set({ noise: this.state.noise ? 0 : NOISE }));
  }

  controls(...keys) {
    const rows = keys.map((key) => h("div", { class: "dx-control" }, ...this.sliders[key].row));
    return h("div", { class: "dx-controls" }, ...rows);
  }

  button(text, act) {
    return h("button", { type: "button", class: "dx-button", onclick: act }, text);
  }

  beside() {
    const legend = "The rate of descent";
    return h("div", { class: "dx-beside" }, h("span", {}, "It runs at"), this.choose("beside", legend));
  }

  buttons() {
    const { button } = this;
    return h(
      "div",
      { class: "dx-buttons" },
      button("Best rate", () => this.set({ lr: bestRate(this.state.momentum, this.state.kappa) })),
      button("★ Best pair", () => this.set(bestPair(1 / this.state.kappa, 1))),
      button("No momentum", () => this.set({ momentum: 0, lr: bestRate(0, this.state.kappa) })),
    );
  }

  keys() {
    const swatch = (_, i) => {
      const one = h("span", { class: "dx-swatch" });
      one.style.background = colourOf(i);
      return one;
    };
    const strip = h("span", { class: "dx-strip" }, ...Array.from({ length: COUNT }, swatch));
    this.whole = legend(["line", "ink", "the whole loss"]);
    this.ofNoise = legend(
      ["dash", "ink", "left of the start"],
      ["dots", "ink", "brought by noise"],
      ["line", "green", "noise takes over"],
    );
    return h(
      "div",
      { class: "dx-keys" },
      h("span", { class: "dx-ramp" }, "λ = 1/κ", strip, "λ = 1"),
      this.whole,
      this.ofNoise,
    );
  }

  // --- numbers ---------------------------------------------------------------------------------------

  table() {
    const cell = (name, key) => (this.parts[`${name}_${key}`] = h("td", {}));
    const row = ([key, name]) => {
      const head = h("th", { scope: "row" }, name);
      if (key === "here") this.at = head;
      return h("tr", {}, head, cell("descent", key), cell("yours", key));
    };
    const head = (text) => h("th", { scope: "col" }, text);
    return h(
      "table",
      { class: "dx-numbers" },
      h("caption", { class: "dx-hidden" }, "Both methods in numbers"),
      h("thead", {}, h("tr", {}, h("td", {}), head("descent"), head("yours"))),
      h("tbody", {}, ...ROWS.map(row)),
    );
  }

  draw() {
    const { scale } = this.state;
    const numbers = numbersOf(this.state);
    const texts = wordsOf(numbers);
    const { steps, t } = numbers;
    const highest = Math.max(...numbers.descent.losses, ...numbers.yours.losses);
    const top = topOf(highest, scale);
    this.drawControls();
    for (const [name, chart] of Object.entries(this.charts)) {
      write(chart.title, texts[`${name}_name`]);
      const words = `step ${t}: loss ${texts[`${name}_here`]}, most of it at λ = ${texts[`${name}_largest`]}`;
      chart.draw(numbers[name], { scale, steps, t, top, words });
    }
    this.factors.draw(numbers);
    for (const [key, part] of Object.entries(this.parts)) write(part, texts[key]);
    write(this.at, `Loss at step ${t}`);
    write(this.story, texts.story);
  }

  drawControls() {
    this.drawChoices();
    for (const [key, slider] of Object.entries(this.sliders)) {
      const [shown, typed] = [rounded(this.state[key]), Number(slider.typed.value)];
      slider.draw(rounded(typed) === shown ? typed : shown);
    }
    write(this.noisy, this.state.noise ? "Noise off" : "Noise on");
    this.whole.hidden = this.state.scale === "loss";
    this.ofNoise.hidden = !this.state.noise || this.state.scale === "share";
  }
}

// Where the axis ends: on the linear one not far above the start, so that a stack keeps its height.
function topOf(highest, scale) {
  if (scale === "share") return 1;
  if (scale === "loss") return 1.05 * ([1, 2, 5].find((top) => highest <= top) ?? 10);
  return highest < 1.5 ? 1.5 : Math.min(100, 10 ** Math.ceil(Math.log10(highest)));
}

define("descent-error-by-eigenvalue", ErrorByEigenvalue);
