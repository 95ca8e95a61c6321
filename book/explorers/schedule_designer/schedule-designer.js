// <descent-schedule-designer>: a schedule of the learning rate, and the expected loss of a noisy run under it.
import { define, Explorer, h, write } from "../shared/element.js";
import { ScaledSlider } from "../shared/scaled-slider.js";
import { LossChart } from "./loss-chart.js";
import { RateChart } from "./rate-chart.js";
import { DEFAULTS, defaultsOf, factorsOf, LIMITS, numbersOf, SETTINGS } from "./schedule-numbers.js";
import { wordsOf } from "./schedule-words.js";

const [[LEAST_STEPS, MOST_STEPS], [LEAST_RATE, MOST_RATE]] = [LIMITS.total_steps, LIMITS.lr];
const ROWS = [
  ["start", "left of the start"],
  ["noise", "noise"],
  ["loss", "expected loss"],
];
const FACTS = [
  ["rate", "Rate at this step"],
  ["loss_at", "Expected loss before it"],
  ["way", "Sum of all rates"],
  ["share", "As share of constant"],
];

class ScheduleDesigner extends Explorer {
  static title = "Schedule designer";
  static defaults = DEFAULTS;

  accept({ schedule, parameters, total_steps, lr, t, log_axis }) {
    if (!Object.hasOwn(SETTINGS, schedule)) return null;
    const ranges = Object.values(SETTINGS[schedule]);
    const given = ranges.length ? parameters : []; // a link to none carries one that is empty
    const within = (value, low, high, scale) =>
      value >= low && value <= high && (scale !== "whole" || Number.isInteger(value));
    const fine =
      Array.isArray(given) &&
      given.length === ranges.length &&
      ranges.every(([, low, high, scale], i) => within(given[i], low, high, scale)) &&
      (schedule !== "warmup_cosine" || given[0] < total_steps) &&
      within(total_steps, LEAST_STEPS, MOST_STEPS, "whole") &&
      within(lr, LEAST_RATE, MOST_RATE) &&
      within(t, 0, total_steps - 1, "whole");
    const log = [true, false].find((value) => String(value) === String(log_axis)); // a link carries text
    return fine && log !== undefined ? { schedule, parameters: [...given], total_steps, lr, t, log_axis: log } : null;
  }

  build() {
    this.parts = {};
    this.story = h("p", { class: "dx-story" });
    this.code = h("code", { class: "dx-code" });
    this.rates = new RateChart(
      (step) => this.set({ t: step }),
      (log) => this.set({ log_axis: log }),
    );
    this.losses = new LossChart();
    const fresh = (schedule) => ({
      parameters: this.fitted(schedule, defaultsOf(schedule, this.state.total_steps), this.state.total_steps),
    });
    const names = this.choices("schedule", "Schedule", Object.keys(SETTINGS), fresh);
    const facts = this.facts(FACTS);
    this.at = facts.querySelector("dt");
    const lower = h("div", { class: "dx-lower" }, this.table(), facts);
    return [
      this.head(),
      names,
      this.controls(),
      this.rates.element,
      this.losses.element,
      this.story,
      lower,
      h("p", { class: "dx-python" }, "In Python: ", this.code),
    ];
  }

  // --- controls --------------------------------------------------------------------------------------

  controls() {
    this.sliders = {
      lr: this.slider("lr", LEAST_RATE, MOST_RATE, "decades", (lr) => ({ lr })),
      total_steps: this.slider("total_steps", LEAST_STEPS, MOST_STEPS, "whole", (total) => this.inTotal(total)),
    };
    this.own = h("div", { class: "dx-grid dx-own" });
    return h(
      "div",
      { class: "dx-controls" },
      h("div", { class: "dx-grid" }, ...Object.values(this.sliders).flatMap(({ row }) => row)),
      this.own,
    );
  }

  slider(name, low, high, scale, patch) {
    const id = `dx-${name}-${this.number}`;
    return new ScaledSlider({ name, id, low, high, scale }, (value) => this.set(patch(value)));
  }

  // A cosine as long as the run stays so; a rise ends inside the run.
  inTotal(total) {
    const { schedule, parameters, total_steps, t } = this.state;
    const length = Math.max(LEAST_STEPS, Math.min(MOST_STEPS, total));
    const same = schedule === "cosine" && parameters[0] === total_steps ? [length, ...parameters.slice(1)] : parameters;
    return { total_steps: total, parameters: this.fitted(schedule, same, length), t: Math.min(t, length - 1) };
  }

  fitted(schedule, parameters, total) {
    return schedule === "warmup_cosine" ? [Math.min(parameters[0], total - 1), ...parameters.slice(1)] : parameters;
  }

  // --- numbers ---------------------------------------------------------------------------------------

  table() {
    const cell = (key) => (this.parts[key] = h("td", {}));
    const row = ([key, text]) =>
      h("tr", { class: `dx-row-${key}` }, h("th", { scope: "row" }, text), cell(key), cell(`${key}_constant`));
    const heads = ["After the last step", "this schedule", "constant rate"].map((text) =>
      h("th", { scope: "col" }, text),
    );
    return h(
      "table",
      { class: "dx-numbers" },
      h("caption", { class: "dx-hidden" }, "The expected loss after the last step, in its two parts"),
      h("thead", {}, h("tr", {}, ...heads)),
      h("tbody", {}, ...ROWS.map(row)),
    );
  }

  draw() {
    const { schedule, parameters, total_steps, lr, t } = this.state;
    const texts = wordsOf(numbersOf(this.state), this.state);
    const rates = factorsOf(schedule, parameters, total_steps).map((factor) => lr * factor);
    this.drawControls();
    this.rates.draw(rates, this.state, texts);
    this.losses.draw(rates, this.state);
    for (const [key, part] of Object.entries(this.parts)) write(part, texts[key]);
    write(this.at, `Rate at t = ${t}`);
    write(this.code, texts.code);
    write(this.story, texts.story);
  }

  drawControls() {
    const { schedule, parameters, total_steps, lr } = this.state;
    this.drawChoices();
    if (this.own.dataset.schedule !== schedule) {
      const one = ([name, [, low, high, scale]], i) =>
        this.slider(name, low, high, scale, (value) => ({
          parameters: this.state.parameters.map((old, j) => (i === j ? value : old)),
        }));
      this.ownSliders = Object.entries(SETTINGS[schedule]).map(one);
      this.own.replaceChildren(
        ...this.ownSliders.flatMap(({ row }) => row),
        ...(this.ownSliders.length ? [] : [h("p", { class: "dx-note" }, "No settings of its own.")]),
      );
      this.own.dataset.schedule = schedule;
    }
    this.ownSliders.forEach((slider, i) => slider.draw(parameters[i]));
    this.sliders.lr.draw(lr);
    this.sliders.total_steps.draw(total_steps);
  }
}

define("descent-schedule-designer", ScheduleDesigner);
