// <descent-bias-correction>: the first thirty steps of Adam's averages, and of the step, with the correction and without.

import { define, Explorer, h, write } from "../shared/element.js";
import { legend } from "../shared/legend.js";
import { isSeed } from "../shared/noise.js";
import { fill, numberField } from "../shared/number-field.js";
import { SeedButton } from "../shared/seed.js";
import { DEFAULTS, gradientsOf, KINDS, MOST_BETAS, momentsOf, numbersOf, STEPS } from "./bias-numbers.js";
import { wordsOf } from "./bias-words.js";
import { AverageChart, StepChart } from "./charts-over-steps.js";

const CASES = [
  [0.9, 0.999],
  [0.9, 0.9],
  [0.9, 0.99],
  [0, 0.999],
  [0.99, 0.9],
];
const NAMES = ["β₁", "β₂"];
const FORMULAS = {
  held_m: "1\u00a0−\u00a0β₁ᵗ",
  held_v: "1\u00a0−\u00a0β₂ᵗ",
  ratio: "(1\u00a0−\u00a0β₁ᵗ)/√(1\u00a0−\u00a0β₂ᵗ)",
};
const KEYS = [
  ["line", "blue", "corrected, m̂ and v̂"],
  ["dash", "orange", "plain, m and v"],
  ["dash", "ink", "true mean"],
  ["dot", "muted", "g and g²"],
];
const FACTS = [
  ["first", "First step, plain / corrected: (1\u00a0−\u00a0β₁)/√(1\u00a0−\u00a0β₂)"],
  ["worst", `Furthest off within ${STEPS} steps`],
];

class BiasCorrection extends Explorer {
  static title = "Bias correction";
  static defaults = DEFAULTS;

  accept({ betas, gradients, t, seed }) {
    const inRange =
      Array.isArray(betas) && betas.length === 2 && betas.every((beta, i) => beta >= 0 && beta <= MOST_BETAS[i]);
    const fine =
      inRange && Object.hasOwn(KINDS, gradients) && Number.isInteger(t) && t >= 1 && t <= STEPS && isSeed(seed);
    return fine ? { betas: [...betas], gradients, t, seed } : null;
  }

  build() {
    this.parts = {};
    this.m = new AverageChart("m");
    this.v = new AverageChart("v");
    this.step = new StepChart((step) => this.set({ t: step }));
    this.story = h("p", { class: "dx-story" });
    const kinds = this.choices("gradients", "Gradients", Object.keys(KINDS));
    return [
      this.head(kinds),
      this.factors(),
      h("div", { class: "dx-pair" }, this.m.element, this.v.element),
      legend(...KEYS),
      this.step.element,
      this.story,
      this.table(),
      this.facts(FACTS),
    ];
  }

  // --- controls --------------------------------------------------------------------------------------

  factors() {
    this.sliders = NAMES.map((name, i) => this.factor(name, i));
    this.noise = new SeedButton("New noise", (seed) => this.set({ seed }));
    const cases = this.chips(
      "Factors (β₁, β₂)",
      CASES.map((betas) => [betas.join(", "), { betas }]),
    );
    return h(
      "div",
      { class: "dx-factors" },
      ...this.sliders.flatMap(({ row }) => row),
      h("div", { class: "dx-cases" }, cases, this.noise.element),
    );
  }

  // The slider counts the nines of β: from 1 − β = 1 to 1/1000 for β₁, to 1/10000 for β₂.
  factor(name, i) {
    const id = `dx-beta-${i}-${this.number}`;
    const put = (beta) => this.set({ betas: this.state.betas.map((old, j) => (i === j ? beta : old)) });
    const slider = h("input", {
      type: "range",
      id,
      min: 0,
      max: 3 + i,
      step: 0.01,
      oninput: () => put(Number((1 - 10 ** -slider.value).toPrecision(4))),
    });
    const typed = numberField({ min: 0, max: MOST_BETAS[i], "aria-label": `${name}, as a number` }, put);
    return { slider, typed, row: [h("label", { for: id }, name), slider, typed] };
  }

  // --- numbers ---------------------------------------------------------------------------------------

  table() {
    this.at = h("th", { scope: "col" });
    const rows = [
      ["m", "m", ["m", "held_m", "m_hat", "mean"]],
      ["v", "v", ["v", "held_v", "v_hat", "mean_square"]],
      ["step", "step", ["raw_step", "ratio", "step"]],
    ];
    const cell = (key) => {
      const value = (this.parts[key] = h("span", {}));
      return h("td", {}, key in FORMULAS ? h("span", { class: "dx-formula" }, FORMULAS[key]) : "", value);
    };
    const row = ([name, label, keys]) =>
      h(
        "tr",
        { class: `dx-row-${name}` },
        h("th", { scope: "row" }, label),
        ...keys.map(cell),
        keys.length < 4 ? h("td", {}) : "",
      );
    const heads = ["plain", "plain / corrected", "corrected", "true mean"].map((text) =>
      h("th", { scope: "col" }, text),
    );
    return h(
      "table",
      { class: "dx-numbers" },
      h("caption", { class: "dx-hidden" }, "The averages and the step at step t"),
      h("thead", {}, h("tr", {}, this.at, ...heads)),
      h("tbody", {}, ...rows.map(row)),
    );
  }

  draw() {
    const { betas, gradients, t, seed } = this.state;
    const texts = wordsOf(numbersOf(this.state), this.state);
    const grads = gradientsOf(gradients, seed);
    const run = momentsOf(grads, betas);
    this.drawControls();
    const squares = grads.map((g) => g * g);
    const [mean, mean_square] = KINDS[gradients];
    this.m.draw(run, grads, mean, t);
    this.v.draw(run, squares, mean_square, t);
    this.step.draw(run, t, texts);
    for (const [key, part] of Object.entries(this.parts)) write(part, texts[key]);
    write(this.at, `At t = ${t}`);
    write(this.story, texts.story);
  }

  drawControls() {
    const { betas, gradients, seed } = this.state;
    this.drawChoices();
    this.sliders.forEach(({ slider, typed }, i) => {
      slider.value = -Math.log10(1 - betas[i]);
      slider.setAttribute("aria-valuetext", String(betas[i]));
      fill(typed, betas[i]);
    });
    this.noise.element.hidden = gradients !== "noisy";
    this.noise.draw(seed);
  }
}

define("descent-bias-correction", BiasCorrection);
