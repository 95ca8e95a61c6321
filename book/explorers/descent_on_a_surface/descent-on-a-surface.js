// <descent-on-a-surface>: drag the start and the learning rate; watch the path and forecast the next step.

import { arrow } from "../shared/arrow.js";
import { define, Explorer, h, write } from "../shared/element.js";
import { drawGround, FIRST_SURFACE, MOST_STEPS, starsOn } from "../shared/ground.js";
import { legend } from "../shared/legend.js";
import { fill, numberField } from "../shared/number-field.js";
import { plain, rounded, tidy } from "../shared/number-text.js";
import { Plane } from "../shared/plane.js";
import { holds, hundredths } from "../shared/points.js";
import { dot, picture, SURFACES } from "../shared/surfaces.js";
import { Walk } from "../shared/walk.js";
import { numbersOf, RATE_LIMITS, RATES, STEPS } from "./descent-numbers.js";
import { wordsOf } from "./descent-words.js";
import { LossCurve } from "./loss-curve.js";
import { quadraticModel } from "./quadratic-model.js";

const FORECASTS = [
  ["linear", "Straight line"],
  ["quadratic", "Quadratic"],
  ["real", "Really"],
];
const FACTS = [
  ["place", "It stands at"],
  ["slope", "Gradient, length"],
  ["curvatures", "Curvatures λ"],
  ["best", "Best rate here"],
];

class DescentOnASurface extends Explorer {
  static title = "Descent on a surface";
  static defaults = {
    surface: FIRST_SURFACE,
    start: SURFACES[FIRST_SURFACE].start,
    lr: RATES[FIRST_SURFACE],
    steps: STEPS,
  };

  accept({ surface, start, lr, steps }) {
    if (!Object.hasOwn(RATES, surface) || !holds(picture(SURFACES[surface]), start)) return null;
    const whole = Number.isInteger(steps) && steps >= 0 && steps <= MOST_STEPS;
    return lr >= RATE_LIMITS[0] && lr <= RATE_LIMITS[1] && whole ? { surface, start: [...start], lr, steps } : null;
  }

  build() {
    this.parts = {};
    this.walk = new Walk((steps) => this.set({ steps }));
    const left = h("div", { class: "dx-ground" }, this.ground(), this.legend());
    const right = h(
      "div",
      { class: "dx-side" },
      this.rate(),
      this.walk.element,
      this.losses(),
      this.forecasts(),
      this.facts(FACTS, { column: true }),
    );
    this.story = h("p", { class: "dx-story" });
    return [this.head(), this.surfaces(), h("div", { class: "dx-halves" }, left, right), this.story];
  }

  // --- controls --------------------------------------------------------------------------------------

  surfaces() {
    const own = (surface) => ({ start: SURFACES[surface].start, lr: RATES[surface], steps: STEPS });
    return this.choices("surface", "Surface", Object.keys(RATES), own);
  }

  rate() {
    const id = `dx-rate-${this.number}`;
    this.slider = h("input", {
      type: "range",
      id,
      min: -4,
      max: 1,
      step: 0.01,
      oninput: () => this.set({ lr: rounded(10 ** this.slider.value, 3) }),
    });
    this.typed = numberField({ min: 0, "aria-label": "Learning rate, as a number" }, (lr) => this.set({ lr }));
    return h("div", { class: "dx-rate" }, h("label", { for: id }, "Learning rate η"), this.typed, this.slider);
  }

  // Whatever else changes, the run stops.
  set(patch) {
    const moved = ([key, value]) => key !== "steps" && JSON.stringify(value) !== JSON.stringify(this.state[key]);
    if (Object.entries(patch).some(moved)) this.walk.stop();
    return super.set(patch);
  }

  // --- pictures --------------------------------------------------------------------------------------

  ground() {
    const label = "Level lines of the surface, darker where it is lower, with the path of descent";
    this.plane = new Plane({ label, x: [0, 1], y: [0, 1], aspect: 1, xLabel: "x", yLabel: "y", margin: { left: 30 } });
    const { plane } = this;
    this.levels = plane.levels();
    this.model = plane.line({ hue: "purple", width: 1.5, dash: "4 3" });
    this.lowest = plane.dots({ hue: "purple", radius: 3.5 });
    this.stars = starsOn(plane);
    this.ahead = plane.line({ hue: "orange", width: 2, dash: "2 4" });
    this.path = plane.line({ hue: "orange", width: 1.75 });
    this.beads = plane.dots({ hue: "orange", radius: 2.4 });
    this.slope = arrow(plane, { hue: "ink" });
    this.here = plane.dot({ hue: "orange", radius: 6 });
    this.handle = plane.handle({
      label: "Start",
      hue: "pink",
      press: true,
      move: (point) => this.set({ start: point.map(hundredths) }),
    });
    return plane.element;
  }

  legend() {
    this.shown = h("input", { type: "checkbox", checked: true, onchange: () => this.draw() });
    const keys = legend(
      ["dot", "pink", "start: drag it"],
      ["dot", "orange", "where it is now"],
      ["line", "ink", "gradient (uphill)"],
    );
    keys.append(h("label", { class: "dx-key dx-key-dash dx-mark-purple" }, this.shown, "quadratic model here"));
    return keys;
  }

  losses() {
    this.curve = new LossCurve();
    this.count = h("span", { class: "dx-number-of" });
    return h("div", { class: "dx-losses" }, h("p", { class: "dx-count" }, "Loss", this.count), ...this.curve.elements);
  }

  forecasts() {
    const row = ([key, name]) => {
      this.parts[key] = h("td", { class: "dx-drop" });
      return h(
        "tr",
        { class: `dx-forecast-${key} ${key === "real" ? "dx-truth" : ""}` },
        h("th", { scope: "row" }, name),
        h("td", { class: "dx-bar-cell" }, h("span", { class: "dx-amount" })),
        this.parts[key],
      );
    };
    const caption = h("caption", {}, "Next step: the loss falls by");
    return h("table", { class: "dx-numbers" }, caption, h("tbody", {}, ...FORECASTS.map(row)));
  }

  // --- drawing ---------------------------------------------------------------------------------------

  summary() {
    return `After ${this.count.textContent}. ${this.story.textContent}`;
  }

  draw() {
    const { surface: name, lr } = this.state;
    const surface = SURFACES[name];
    const shown = numbersOf(this.state);
    this.taken = shown.path.length - 1;
    this.drawChoices();
    this.drawRate(lr);
    this.walk.draw(this.taken, Math.min(MOST_STEPS, shown.whole.length - 1));
    if (this.drawn !== name) drawGround(surface, this);
    this.drawn = name;
    this.drawPath(surface, shown);
    this.drawModel(shown);
    this.curve.draw(surface, shown.path);
    this.drawNumbers(shown);
    write(this.story, wordsOf(shown, this.state));
  }

  drawRate(lr) {
    this.slider.value = Math.log10(lr);
    this.slider.setAttribute("aria-valuetext", String(lr));
    fill(this.typed, lr);
  }

  drawPath(surface, { path, next, gradient, left }) {
    const here = path.at(-1);
    this.handle.set(path[0], `x ${plain(path[0][0])}, y ${plain(path[0][1])}`);
    this.path.set(path);
    this.beads.set(path);
    this.ahead.set([here, next]);
    this.here.set(here);
    const size = Math.sqrt(dot(gradient, gradient));
    const usual = Math.hypot(...surface.gradient(surface.start));
    const length = (0.2 * (this.plane.x[1] - this.plane.x[0]) * (size / (size + usual)) ** 0.25) / (size || 1); // short ones show
    this.slope.set(left === null ? [here, here.map((entry, i) => entry + gradient[i] * length)] : null);
  }

  drawModel({ path, loss, gradient, hessian, left }) {
    const { lines, lowest } =
      this.shown.checked && left === null
        ? quadraticModel(path.at(-1), loss, gradient, hessian, 1.5 * (this.plane.x[1] - this.plane.x[0]))
        : { lines: [], lowest: null };
    this.model.set(lines.length ? lines : null);
    this.lowest.set(lowest && [lowest]);
  }

  drawNumbers(shown) {
    const followed = shown.whole.length > shown.path.length || shown.left === null; // else there is no next step
    const most = Math.max(...FORECASTS.map(([key]) => Math.abs(shown[key])));
    for (const [key] of FORECASTS) {
      const cell = this.parts[key];
      write(cell, followed ? tidy(shown[key]) : "–");
      const row = cell.parentElement;
      row.classList.toggle("dx-rises", shown[key] < 0);
      row.style.setProperty("--share", most ? Math.abs(shown[key]) / most : 0);
    }
    write(this.count, `${this.taken} ${this.taken === 1 ? "step" : "steps"}: ${tidy(shown.loss)}`);
    write(
      this.parts.place,
      `(${shown.path
        .at(-1)
        .map((entry) => tidy(entry))
        .join(", ")})`,
    );
    write(this.parts.slope, tidy(Math.sqrt(dot(shown.gradient, shown.gradient))));
    write(this.parts.curvatures, shown.eigenvalues.map((value) => plain(value, 3)).join(", "));
    write(this.parts.best, shown.best_rate === Infinity ? "none, it bends down" : tidy(shown.best_rate));
  }
}

define("descent-on-a-surface", DescentOnASurface);
