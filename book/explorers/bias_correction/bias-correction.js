// <descent-bias-correction>: the first thirty steps of Adam's averages, and of the step, with the correction and without.

import { define, Explorer, h, write } from "../shared/element.js";
import { legend } from "../shared/legend.js";
import { isSeed } from "../shared/noise.js";
import { fill, numberField } from "../shared/number-field.js";
import { Plane } from "../shared/plane.js";
import { SeedButton } from "../shared/seed.js";
import { DEFAULTS, gradientsOf, KINDS, MOST_BETAS, momentsOf, numbersOf, STEPS } from "./bias-numbers.js";
import { wordsOf } from "./bias-words.js";

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
const AVERAGES = {
  m: ["mean", "m", "the gradients g and their average m"],
  v: ["mean_square", "v", "the squared gradients g² and their average v"],
};
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
    this.charts = {};
    this.story = h("p", { class: "dx-story" });
    const kinds = this.choices("gradients", "Gradients", Object.keys(KINDS));
    return [
      this.head(kinds),
      this.factors(),
      h("div", { class: "dx-pair" }, this.average("m"), this.average("v")),
      this.keys(),
      this.steps(),
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

  // --- pictures --------------------------------------------------------------------------------------

  average(name) {
    const plane = new Plane({
      label: `Thirty steps of ${AVERAGES[name][2]}`,
      x: [0, STEPS + 0.5],
      y: [0, 1],
      aspect: 0.62,
      ticks: [6, 4],
      margin: { left: 34 },
    });
    this.charts[name] = {
      plane,
      zero: plane.line({ hue: "rule", width: 1 }),
      cursor: plane.line({ hue: "pink", width: 1 }),
      grads: plane.dots({ hue: "muted", radius: 2, name: "dx-grads" }),
      truth: plane.line({ hue: "ink", width: 1.5, dash: "1 4" }),
      raw: plane.line({ hue: "orange", width: 2.25, dash: "6 4" }),
      hat: plane.line({ hue: "blue", width: 2.25 }),
      here: [plane.dot({ hue: "orange", radius: 4.5 }), plane.dot({ hue: "blue", radius: 4.5 })],
    };
    return h(
      "div",
      {},
      h(
        "p",
        { class: "dx-over-title" },
        name === "m" ? "m, average of g, after step t" : "v, average of g², after step t",
      ),
      plane.element,
    );
  }

  keys() {
    return legend(
      ["line", "blue", "corrected, m̂ and v̂"],
      ["dash", "orange", "plain, m and v"],
      ["dash", "ink", "true mean"],
      ["dot", "muted", "g and g²"],
    );
  }

  steps() {
    const plane = new Plane({
      label: "The step in units of the learning rate, with the correction and without",
      x: [0, STEPS + 0.5],
      y: [0, 4],
      aspect: (width) => (width < 420 ? 0.6 : 0.3),
      ticks: [6, 4],
      margin: { left: 34 },
    });
    this.step = {
      plane,
      zero: plane.line({ hue: "rule", width: 1 }),
      cursor: plane.line({ hue: "pink", width: 1 }),
      raw: plane.line({ hue: "orange", width: 2.25, dash: "6 4" }),
      hat: plane.line({ hue: "blue", width: 2.25 }),
      here: plane.dot({ hue: "orange", radius: 4.5 }),
    };
    this.handle = plane.handle({
      label: "Step t",
      hue: "pink",
      horizontal: true,
      press: true,
      unit: 1,
      radius: 7,
      move: ([t]) => this.set({ t: Math.max(1, Math.min(STEPS, Math.round(t))) }),
    });
    const keys = legend(
      ["line", "blue", "with the correction, m̂/√v̂"],
      ["dash", "orange", "without it, m/√v"],
      ["dot", "pink", "step t: drag it"],
    );
    return h(
      "div",
      { class: "dx-lengths" },
      h("p", { class: "dx-over-title" }, "Step t, in units of lr"),
      plane.element,
      keys,
    );
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
    this.drawAverage("m", run, grads);
    this.drawAverage(
      "v",
      run,
      grads.map((g) => g * g),
    );
    this.drawSteps(run, texts);
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

  drawAverage(name, run, points) {
    const { gradients, t } = this.state;
    const chart = this.charts[name];
    const mean = KINDS[gradients][name === "m" ? 0 : 1];
    const [raw, hat] = [run.map((one) => one[name]), run.map((one) => one[`${name}_hat`])];
    chart.plane.view(chart.plane.x, around([...points, ...hat]));
    drawFrame(chart, t);
    chart.grads.set(from1(points));
    chart.truth.set([
      [0, mean],
      [STEPS + 1, mean],
    ]);
    chart.raw.set([[0, 0], ...from1(raw)]);
    chart.hat.set(from1(hat));
    [raw, hat].forEach((values, i) => chart.here[i].set([t, values[t - 1]]));
  }

  drawSteps(run, texts) {
    const { t } = this.state;
    const [raw, hat] = [run.map(({ raw_step }) => raw_step), run.map(({ step }) => step)];
    this.step.plane.view(this.step.plane.x, around([...raw, ...hat]));
    drawFrame(this.step, t);
    this.step.raw.set(from1(raw));
    this.step.hat.set(from1(hat));
    this.step.here.set([t, raw[t - 1]]);
    this.handle.set([t, hat[t - 1]], `t = ${t}: ${texts.step} with the correction, ${texts.raw_step} without`);
  }
}

function from1(values) {
  return values.map((value, i) => [i + 1, value]);
}

// A range that holds 0 and all the values, with some room.
function around(values) {
  const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
  const room = 0.08 * (high - low);
  return [low < 0 ? low - room : 0, high + room];
}

function drawFrame({ plane, zero, cursor }, t) {
  zero.set([
    [0, 0],
    [STEPS + 1, 0],
  ]);
  cursor.set([
    [t, plane.y[0]],
    [t, plane.y[1]],
  ]);
}

define("descent-bias-correction", BiasCorrection);
