// <descent-taylor>: drag a point and a step along a curve; the straight line and the parabola forecast its value.

import { define, Explorer, h, write } from "../shared/element.js";
import { legend } from "../shared/legend.js";
import { fill, numberField } from "../shared/number-field.js";
import { plain, rounded, tidy } from "../shared/number-text.js";
import { Plane } from "../shared/plane.js";
import { hundredths } from "../shared/points.js";
import { CURVES, FIRST_CURVE, MOST_RATE } from "./curves.js";
import { numbersOf } from "./taylor-numbers.js";
import { wordsOf } from "./taylor-words.js";

const ROWS = [
  ["linear", "Straight line", "f + f′s"],
  ["quadratic", "Parabola", "f + f′s + ½f″s²"],
  ["real", "Really", "f(x + s)"],
];
const FACTS = [
  ["at", "x"],
  ["step", "Step s"],
  ["value", "f"],
  ["slope", "f′"],
  ["curvature", "f″"],
];
const KEYS = [
  ["dot", "pink", "x: drag it"],
  ["dot", "orange", "x + s: drag it"],
  ["line", "ink", "f"],
  ["line", "blue", "straight line"],
  ["dash", "purple", "parabola"],
];
const POINTS = 200;

class Taylor extends Explorer {
  static title = "Taylor";
  static defaults = { curve: FIRST_CURVE, x: CURVES[FIRST_CURVE].x, step: CURVES[FIRST_CURVE].step, lr: null };

  accept({ curve, x, step, lr }) {
    if (!Object.hasOwn(CURVES, curve)) return null;
    const [low, high] = CURVES[curve].box;
    const rate = lr === null || lr === "null" ? null : Number(lr); // a link carries text
    const fine =
      x >= low && x <= high && Math.abs(step) <= high - low && (rate === null || (rate >= 0 && rate <= MOST_RATE));
    return fine ? { curve, x, step, lr: rate } : null;
  }

  build() {
    this.parts = {};
    this.story = h("p", { class: "dx-story" });
    const halves = h("div", { class: "dx-halves" }, this.table(), this.ways());
    return [this.head(), this.curves(), this.picture(), legend(...KEYS), this.story, halves, this.facts(FACTS)];
  }

  // --- controls --------------------------------------------------------------------------------------

  curves() {
    const options = Object.entries(CURVES).map(([name, { formula }]) => [name, formula]);
    return this.choices("curve", "Curve", options, (curve) => ({
      x: CURVES[curve].x,
      step: CURVES[curve].step,
      lr: null,
    }));
  }

  // A free step, or the step of gradient descent at a rate.
  ways() {
    const choose = (event) =>
      this.set(event.target.value === "free" ? { step: this.current(), lr: null } : { lr: this.rate() });
    const way = (value, ...text) =>
      h(
        "label",
        { class: "dx-way" },
        h("input", { type: "radio", name: `dx-way-${this.number}`, value, onchange: choose }),
        h("span", {}, ...text),
      );
    this.typed = numberField({ min: 0, "aria-label": "Learning rate" }, (lr) => this.set({ lr }));
    this.best = h("button", {
      type: "button",
      class: "dx-button",
      onclick: () => this.set({ lr: rounded(this.now.best_rate) }),
    });
    const row = h("div", { class: "dx-rate" }, h("span", { "aria-hidden": "true" }, "η ="), this.typed, this.best);
    this.choice = h(
      "fieldset",
      { class: "dx-ways" },
      h("legend", { class: "dx-hidden" }, "The step"),
      way("free", "a free step s"),
      way("descent", "one step of descent, s = −η f′(x)"),
    );
    return h("div", {}, this.choice, row);
  }

  // The step now in force, short enough for the picture.
  current() {
    const [low, high] = CURVES[this.state.curve].box;
    return rounded(Math.max(low - high, Math.min(high - low, this.now.step)));
  }

  // A rate to begin with: half the best one where there is one.
  rate() {
    const { best_rate: best } = this.now;
    return best > 0 && best < 2 * MOST_RATE ? rounded(best / 2, 2) : 0.1;
  }

  // --- picture ---------------------------------------------------------------------------------------

  picture() {
    this.plane = new Plane({
      label: "The curve with its tangent and its parabola at x",
      x: [0, 1],
      y: [0, 1],
      aspect: (width) => (width < 420 ? 0.8 : 0.52),
      ticks: [7, 5],
      margin: { left: 32 },
      xLabel: "x",
    });
    const { plane } = this;
    this.stems = plane.line({ hue: "muted", width: 1, dash: "2 3" });
    this.curve = plane.line({ hue: "ink", width: 2.5 });
    this.tangent = plane.line({ hue: "blue", width: 2 });
    this.parabola = plane.line({ hue: "purple", width: 2, dash: "7 4" });
    this.errors = {
      linear: plane.line({ hue: "blue", width: 5, name: "dx-error" }),
      quadratic: plane.line({ hue: "purple", width: 5, name: "dx-error" }),
    };
    this.forecasts = {
      linear: plane.dot({ hue: "blue", radius: 4.5 }),
      quadratic: plane.dot({ hue: "purple", radius: 4.5 }),
    };
    this.names = { x: plane.text({ anchor: "middle", dy: -8 }), step: plane.text({ anchor: "middle", dy: -8 }) };
    this.end = plane.handle({
      label: "End of the step, x + s",
      hue: "orange",
      horizontal: true,
      move: ([x]) => this.set({ step: hundredths(hundredths(x) - this.state.x), lr: null }),
    });
    this.point = plane.handle({
      label: "Point x",
      hue: "pink",
      horizontal: true,
      press: true,
      move: ([x]) => this.set({ x: hundredths(x) }),
    });
    return plane.element;
  }

  // --- results ---------------------------------------------------------------------------------------

  table() {
    const cell = (key) => (this.parts[key] = h("td", {}));
    const row = ([key, name, formula]) =>
      h(
        "tr",
        { class: `dx-row-${key} ${key === "real" ? "dx-truth" : ""}` },
        h("th", { scope: "row" }, name, " ", h("span", { class: "dx-formula" }, formula)),
        cell(key),
        cell(`${key}_error`),
      );
    const head = ["", "at x + s", "error"].map((name) => h(name ? "th" : "td", name ? { scope: "col" } : {}, name));
    return h(
      "table",
      { class: "dx-numbers" },
      h("caption", { class: "dx-hidden" }, "Forecasts at x + s and the truth"),
      h("thead", {}, h("tr", {}, ...head)),
      h("tbody", {}, ...ROWS.map(row)),
    );
  }

  draw() {
    const { curve: name, x, lr } = this.state;
    this.now = numbersOf(this.state);
    this.drawChoices();
    if (this.drawn !== name) this.drawCurve(CURVES[name]);
    this.drawn = name;
    this.drawForecasts(CURVES[name], x, this.now);
    this.drawNumbers(x, this.now);
    this.drawWays(lr, this.now);
    write(this.story, wordsOf(this.now, this.state));
  }

  drawCurve({ f, box }) {
    const points = sampled(f, box);
    const [low, high] = [Math.min(...points.map(([, y]) => y)), Math.max(...points.map(([, y]) => y))];
    const room = 0.12 * (high - low);
    this.plane.view(box, [low - room, high + room]);
    this.curve.set(points);
  }

  drawForecasts({ f, box }, x, { step, value, slope, curvature, linear, quadratic, real }) {
    const there = x + step;
    const seen = there >= box[0] && there <= box[1];
    const bottom = this.plane.y[0];
    this.tangent.set(box.map((at) => [at, value + slope * (at - x)]));
    this.parabola.set(sampled((at) => value + slope * (at - x) + (curvature * (at - x) ** 2) / 2, box));
    this.stems.set(
      seen
        ? [
            [
              [x, bottom],
              [x, value],
            ],
            [
              [there, bottom],
              [there, Math.max(real, linear, quadratic)],
            ],
          ]
        : [
            [x, bottom],
            [x, value],
          ],
    );
    for (const [key, forecast] of Object.entries({ linear, quadratic })) {
      this.errors[key].set(
        seen
          ? [
              [there, forecast],
              [there, real],
            ]
          : null,
      );
      this.forecasts[key].set(seen ? [there, forecast] : null);
    }
    this.names.x.set([x, bottom], "x");
    this.names.step.set(seen && Math.abs(step) > (box[1] - box[0]) / 12 ? [there, bottom] : null, "x + s");
    this.end.set(seen ? [there, real] : null, `x + s ${plain(there)}, f ${plain(real)}`);
    this.point.set([x, value], `x ${plain(x)}, f ${plain(value)}`);
  }

  drawNumbers(x, shown) {
    for (const [key] of ROWS) {
      write(this.parts[key], tidy(shown[key]));
      write(this.parts[`${key}_error`], key === "real" ? "" : tidy(shown[key] - shown.real));
    }
    for (const [key] of FACTS) write(this.parts[key], tidy(key === "at" ? x : shown[key]));
  }

  drawWays(lr, { best_rate: best }) {
    for (const input of this.choice.elements) input.checked = input.value === (lr === null ? "free" : "descent");
    if (lr === null) this.typed.value = "";
    else fill(this.typed, lr);
    this.best.disabled = !(best <= MOST_RATE);
    write(this.best, this.best.disabled ? "no best rate" : `best: 1/f″ = ${plain(best)}`);
  }
}

function sampled(f, [low, high]) {
  return Array.from({ length: POINTS + 1 }, (_, i) => low + ((high - low) * i) / POINTS).map((x) => [x, f(x)]);
}

define("descent-taylor", Taylor);
