// <descent-smoother>: random steps, their exponential average, and what it does to their variance.
import { define, Explorer, h, write } from "../shared/element.js";
import { legend } from "../shared/legend.js";
import { isSeed } from "../shared/noise.js";
import { fill, numberField } from "../shared/number-field.js";
import { Plane } from "../shared/plane.js";
import { SeedButton } from "../shared/seed.js";
import SMOOTHER from "./smoother.json" with { type: "json" };
import { averages, BARS, numbersOf, randomSteps, SIZE, STEPS, weights } from "./smoother-numbers.js";
import { wordsOf } from "./smoother-words.js";

const { most_beta: MOST_BETA } = SMOOTHER;
const CASES = [0, 0.5, 0.9, 0.99, 0.999];
const ROWS = [
  ["steps", "Steps"],
  ["average", "Average"],
  ["corrected", "Corrected"],
];
const FACTS = [
  ["window", "Steps averaged, 1/(1\u00a0−\u00a0β)"],
  ["lag", "Lag in steps, β/(1\u00a0−\u00a0β)"],
  ["factor", "Variance divided by"],
  ["share", `Weight of the last ${BARS}`],
];

class Smoother extends Explorer {
  static title = "Random-walk smoother";
  static defaults = SMOOTHER.defaults;

  accept({ beta, seed, corrected }) {
    const fine = beta >= 0 && beta <= MOST_BETA && isSeed(seed);
    const known = [true, false].find((value) => String(value) === String(corrected)); // a link carries text
    return fine && known !== undefined ? { beta, seed, corrected: known } : null;
  }

  build() {
    this.parts = {};
    this.seed = new SeedButton("New steps", (seed) => this.set({ seed }));
    this.story = h("p", { class: "dx-story" });
    const lower = h("div", { class: "dx-lower" }, this.bars(), h("div", {}, this.table(), this.facts(FACTS)));
    return [this.head(this.seed.element), this.factor(), this.chart(), this.keys(), this.story, lower];
  }

  // --- controls --------------------------------------------------------------------------------------

  // The slider counts the nines of β: from 1 − β = 1 to 1/1000.
  factor() {
    const id = `dx-beta-${this.number}`;
    const moved = () => this.set({ beta: Number((1 - 10 ** -this.slider.value).toPrecision(4)) });
    this.slider = h("input", { type: "range", id, min: 0, max: 3, step: 0.01, oninput: moved });
    this.typed = numberField({ min: 0, max: MOST_BETA, "aria-label": "Factor β, as a number" }, (beta) =>
      this.set({ beta }),
    );
    return h(
      "div",
      { class: "dx-factor" },
      h("label", { for: id }, "Factor β"),
      this.slider,
      this.typed,
      this.chips(
        "Factors β",
        CASES.map((beta) => [String(beta), { beta }]),
      ),
    );
  }

  // --- pictures --------------------------------------------------------------------------------------

  chart() {
    const plane = new Plane({
      label: "Two hundred random steps and their exponential average",
      x: [0, STEPS],
      y: [-10.5, 10.5],
      aspect: (width) => (width < 420 ? 0.7 : 0.36),
      ticks: [6, 5],
      margin: { left: 34 },
      xLabel: "step t",
    });
    plane.line({ hue: "rule", width: 1 }).set([
      [0, 0],
      [STEPS, 0],
    ]);
    this.steps = plane.line({ hue: "muted", width: 0.9, name: "dx-steps" });
    this.better = plane.line({ hue: "orange", width: 2.25, dash: "6 4" });
    this.average = plane.line({ hue: "blue", width: 2.5 });
    return plane.element;
  }

  keys() {
    this.shown = h("input", { type: "checkbox", onchange: () => this.set({ corrected: this.shown.checked }) });
    const keys = legend(["line", "muted", `steps s, from −${SIZE} to ${SIZE}`], ["line", "blue", "average m"]);
    keys.append(
      h(
        "label",
        { class: "dx-key dx-key-dash dx-mark-orange" },
        this.shown,
        "corrected for the start, m/(1\u00a0−\u00a0βᵗ)",
      ),
    );
    return keys;
  }

  bars() {
    this.plane = new Plane({
      label: `The weights of the last ${BARS} steps in the average`,
      x: [0, BARS],
      y: [0, 1],
      height: 180,
      ticks: [5, 3],
      margin: { left: 48 },
      xLabel: "steps ago",
    });
    this.weights = this.plane.line({ hue: "blue", width: 1, fill: true, name: "dx-weights" });
    return h(
      "div",
      { class: "dx-bars" },
      h("p", { class: "dx-over-title" }, "Weight of each step, (1 − β)βᵏ"),
      this.plane.element,
    );
  }

  // --- numbers ---------------------------------------------------------------------------------------

  table() {
    const cell = (name, key) => (this.parts[`${name}_${key}`] = h("td", {}));
    const row = ([name, text]) =>
      h(
        "tr",
        { class: `dx-row-${name}` },
        h("th", { scope: "row" }, text),
        cell(name, "measured"),
        cell(name, "exact"),
        cell(name, "long"),
      );
    const head = ["Variance", "in this run", "expected", "long run"].map((text) => h("th", { scope: "col" }, text));
    const body = ROWS.map(row);
    this.last = body.at(-1);
    this.parts.steps_long.textContent = "";
    return h(
      "table",
      { class: "dx-numbers" },
      h("caption", { class: "dx-hidden" }, "Variances"),
      h("thead", {}, h("tr", {}, ...head)),
      h("tbody", {}, ...body),
    );
  }

  draw() {
    const { corrected } = this.state;
    const texts = wordsOf(numbersOf(this.state), this.state);
    this.drawControls();
    this.drawLines();
    this.last.hidden = !corrected;
    for (const [key, part] of Object.entries(this.parts)) write(part, texts[key] ?? texts.steps_exact); // the steps' variance is the same in any run
    write(this.story, texts.story);
  }

  drawControls() {
    const { beta, seed, corrected } = this.state;
    this.slider.value = -Math.log10(1 - beta);
    this.slider.setAttribute("aria-valuetext", String(beta));
    fill(this.typed, beta);
    this.shown.checked = corrected;
    this.seed.draw(seed);
  }

  drawLines() {
    const { beta, seed, corrected } = this.state;
    const steps = randomSteps(seed);
    const average = averages(steps, beta);
    const from1 = (values) => values.map((value, i) => [i + 1, value]);
    this.steps.set(from1(steps));
    this.average.set([[0, 0], ...from1(average.plain)]);
    this.better.set(corrected ? from1(average.corrected) : null);
    this.plane.view([0, BARS], [0, 1.1 * (1 - beta)]);
    this.weights.set(
      weights(beta).map((weight, k) => [
        [k + 0.1, 0],
        [k + 0.1, weight],
        [k + 0.9, weight],
        [k + 0.9, 0],
      ]),
    );
  }
}

define("descent-smoother", Smoother);
