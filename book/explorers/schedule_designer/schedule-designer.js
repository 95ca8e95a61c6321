// <descent-schedule-designer>: a schedule of the learning rate, and the expected loss of a noisy run under it.
import { define, Explorer, h, write } from "../shared/element.js";
import { legend } from "../shared/legend.js";
import { fill, numberField } from "../shared/number-field.js";
import { Plane } from "../shared/plane.js";
import { DEFAULTS, defaultsOf, expectedOf, factorsOf, LIMITS, numbersOf, SETTINGS } from "./schedule-numbers.js";
import { wordsOf } from "./schedule-words.js";

const [[LEAST_STEPS, MOST_STEPS], [LEAST_RATE, MOST_RATE]] = [LIMITS.total_steps, LIMITS.lr];
const SCALES = {
  // of a slider: its step, from value to slider and back
  whole: [1, (x) => x, (x) => x],
  even: [0.01, (x) => x, (x) => x],
  nines: [0.01, (x) => -Math.log10(1 - x), (x) => 1 - 10 ** -x],
  decades: [0.01, Math.log10, (x) => 10 ** x],
};
const MOST_NINES = 0.9999; // where a slider of nines ends; the field beside it goes to 1
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
const EDGES = { left: 46 };

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
      this.rateChart(),
      this.lossChart(),
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
    const [step, onto, back] = SCALES[scale];
    const top = scale === "nines" ? MOST_NINES : high;
    const put = (value) => this.set(patch(value));
    const range = h("input", {
      type: "range",
      id,
      min: onto(low),
      max: onto(top),
      step,
      oninput: () => put(Math.min(high, Math.max(low, Number(back(Number(range.value)).toPrecision(4))))),
    });
    const typed = numberField(
      { step: scale === "whole" ? 1 : "any", min: low, max: high, "aria-label": `${name}, as a number` },
      put,
    );
    const draw = (value) => {
      range.value = onto(Math.min(top, value));
      range.setAttribute("aria-valuetext", String(value));
      fill(typed, value);
    };
    return { draw, row: [h("label", { for: id }, name), range, typed] };
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

  // --- pictures --------------------------------------------------------------------------------------

  rateChart() {
    const plane = new Plane({
      label: "The learning rate at each step",
      x: [0, 400],
      y: [0, 1],
      aspect: (width) => (width < 420 ? 0.55 : 0.28),
      ticks: [6, 4],
      margin: EDGES,
    });
    this.rate = {
      plane,
      cursor: plane.line({ hue: "pink", width: 1 }),
      area: plane.line({ hue: "blue", width: 0, fill: true, name: "dx-under" }),
      steady: plane.line({ hue: "muted", width: 1.75, dash: "6 4" }),
      line: plane.line({ hue: "blue", width: 2.5, name: "dx-rate" }),
    };
    this.handle = plane.handle({
      label: "Step t",
      hue: "pink",
      horizontal: true,
      press: true,
      unit: 1,
      radius: 7,
      move: ([t]) => this.set({ t: Math.max(0, Math.min(this.state.total_steps - 1, Math.round(t))) }),
    });
    this.log = h("input", { type: "checkbox", onchange: () => this.set({ log_axis: this.log.checked }) });
    const keys = legend(
      ["line", "blue", "this schedule"],
      ["dash", "muted", "constant rate"],
      ["dot", "pink", "step t: drag it"],
    );
    const over = h(
      "div",
      { class: "dx-over" },
      h("p", { class: "dx-over-title" }, "Learning rate at each step t"),
      h("label", { class: "dx-log" }, this.log, "powers of ten"),
    );
    return h("div", {}, over, plane.element, keys);
  }

  lossChart() {
    const plane = new Plane({
      label: "The expected loss before each step, under this schedule and under the constant rate",
      x: [0, 400],
      y: [0.001, 100],
      logY: true,
      aspect: (width) => (width < 420 ? 0.65 : 0.36),
      ticks: [6, 5],
      margin: EDGES,
      grid: true,
    });
    this.loss = {
      plane,
      cursor: plane.line({ hue: "pink", width: 1 }),
      noise: plane.line({ hue: "orange", width: 1.5, dash: "2 3" }),
      start: plane.line({ hue: "green", width: 1.5, dash: "8 3" }),
      steady: plane.line({ hue: "muted", width: 1.75, dash: "6 4" }),
      line: plane.line({ hue: "blue", width: 2.5 }),
      here: plane.dot({ hue: "blue", radius: 4.5 }),
    };
    const keys = legend(
      ["line", "blue", "this schedule"],
      ["dash", "green", "left of the start"],
      ["dash", "orange", "noise"],
      ["dash", "muted", "constant rate"],
    );
    keys.children[2].classList.add("dx-key-dotted");
    return h(
      "div",
      { class: "dx-loss" },
      h(
        "p",
        { class: "dx-over-title" },
        "Expected loss before each step: SGD on ½(x₁² + 0.02 x₂²) from (10, 10), gradient noise σ = 1",
      ),
      plane.element,
      keys,
    );
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
    this.drawRates(rates, texts);
    this.drawLosses(rates);
    for (const [key, part] of Object.entries(this.parts)) write(part, texts[key]);
    write(this.at, `Rate at t = ${t}`);
    write(this.code, texts.code);
    write(this.story, texts.story);
  }

  drawControls() {
    const { schedule, parameters, total_steps, lr, log_axis } = this.state;
    this.drawChoices();
    if (this.own.dataset.schedule !== schedule) {
      const one = ([name, [, low, high, scale]], i) =>
        this.slider(name, low, high, scale, (value) => ({
          parameters: this.state.parameters.map((old, j) => (i === j ? value : old)),
        }));
      this.settings_ = Object.entries(SETTINGS[schedule]).map(one);
      this.own.replaceChildren(
        ...this.settings_.flatMap(({ row }) => row),
        ...(this.settings_.length ? [] : [h("p", { class: "dx-note" }, "No settings of its own.")]),
      );
      this.own.dataset.schedule = schedule;
    }
    this.settings_.forEach(({ draw }, i) => draw(parameters[i]));
    this.sliders.lr.draw(lr);
    this.sliders.total_steps.draw(total_steps);
    this.log.checked = log_axis;
  }

  drawRates(rates, texts) {
    const { total_steps, lr, t, log_axis } = this.state;
    const { plane, cursor, area, steady, line } = this.rate;
    const lowest = Math.min(lr / 10, ...rates.filter((rate) => rate > lr * 1e-6));
    const bottom = log_axis ? lowest / 1.5 : 0;
    plane.options.logY = log_axis;
    plane.x = []; // both axes anew, even if only their kind has changed
    plane.view([0, total_steps], [bottom, log_axis ? lr * 1.6 : lr * 1.12]);
    const points = rates.map((rate, i) => [i, Math.max(bottom, rate)]);
    cursor.set([
      [t, bottom],
      [t, lr * 2],
    ]);
    area.set([[0, bottom], ...points, [total_steps - 1, bottom]]);
    steady.set([
      [0, lr],
      [total_steps, lr],
    ]);
    line.set(points);
    this.handle.set([t, Math.max(bottom, rates[t])], `step ${t}: rate ${texts.rate}, expected loss ${texts.loss_at}`);
  }

  drawLosses(rates) {
    const { total_steps, lr, t } = this.state;
    const { plane, cursor, noise, start, steady, line, here } = this.loss;
    const [found, plain] = [expectedOf(rates), expectedOf(rates.map(() => lr)).map(together)];
    const losses = found.map(together);
    const [low, high] = [Math.min(...losses, ...plain) / 5, Math.max(...losses, ...plain) * 1.6];
    plane.view([0, total_steps], [low, high]);
    cursor.set([
      [t, low],
      [t, high],
    ]);
    start.set(from0(found.map(([value]) => value)));
    noise.set(from0(found.map(([, value]) => value)).slice(1));
    steady.set(from0(plain));
    line.set(from0(losses));
    here.set([t, losses[t]]);
  }
}

function together([start, noise]) {
  return start + noise;
}

function from0(values) {
  return values.map((value, t) => [t, value]);
}

define("descent-schedule-designer", ScheduleDesigner);
