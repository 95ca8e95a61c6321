// <descent-natural-step>: drag a bell in its parameters; the ring of equal divergence, and two steps that end on it.
import { contours } from "../shared/contours.js";
import { define, Explorer, h, write } from "../shared/element.js";
import { legend } from "../shared/legend.js";
import { rounded } from "../shared/number-text.js";
import { Plane } from "../shared/plane.js";
import { holds, hundredths } from "../shared/points.js";
import { ScaledSlider } from "../shared/scaled-slider.js";
import { BellsChart } from "./bells-chart.js";
import { DEFAULTS, LIMITS, lossOf, modelOf, numbersOf, PARAMETERS, pointOf } from "./natural-numbers.js";
import { bellText, wordsOf } from "./natural-words.js";
import { PathsChart } from "./paths-chart.js";

const NAMES = { natural: "natural", plain: "plain" };
const COLUMNS = [
  ["end", "step to μ, σ"],
  ["divergence", "KL(now, then)"],
  ["drop", "loss falls by"],
];
const TARGET = [0, 1];

class NaturalStep extends Explorer {
  static title = "Natural step";
  static defaults = DEFAULTS;

  accept({ parameters, model, divergence }) {
    const [low, high] = LIMITS.divergence;
    const fine =
      Object.hasOwn(PARAMETERS, parameters) &&
      holds(LIMITS.model, model) &&
      typeof divergence === "number" &&
      divergence >= low &&
      divergence <= high;
    return fine ? { parameters, model: [...model], divergence } : null;
  }

  build() {
    this.parts = {};
    this.story = h("p", { class: "dx-story" });
    this.bells = new BellsChart();
    this.paths = new PathsChart();
    const left = h("div", { class: "dx-ground" }, this.ground(), this.keys(), this.bells.element);
    const right = h("div", { class: "dx-side" }, this.controls(), this.paths.element, this.table());
    return [this.head(), this.names(), h("div", { class: "dx-halves" }, left, right), this.story];
  }

  // --- controls --------------------------------------------------------------------------------------

  names() {
    const options = Object.entries(PARAMETERS).map(([name, { sign }]) => [name, `μ and ${sign}`]);
    return this.choices("parameters", "Parameters", options);
  }

  controls() {
    const [low, high] = LIMITS.divergence;
    const id = `dx-divergence-${this.number}`;
    this.slider = new ScaledSlider({ name: "Ring δ", id, low, high, scale: "decades" }, (divergence) =>
      this.set({ divergence }),
    );
    return h("div", { class: "dx-controls" }, ...this.slider.row);
  }

  // --- pictures --------------------------------------------------------------------------------------

  ground() {
    this.plane = new Plane({
      label: "The parameters: level lines of the loss, a bell, its ring of equal divergence, and two steps to it",
      x: LIMITS.model[0],
      y: LIMITS.model[1],
      aspect: 0.8,
      ticks: [6, 5],
      xLabel: "μ",
      margin: { left: 34 },
    });
    const { plane } = this;
    this.levels = plane.levels();
    this.star = plane.text({ anchor: "middle", dy: 6, name: "dx-star" });
    this.ring = plane.line({ hue: "ink", width: 1.75, dash: "4 3" });
    this.ways = {
      plain: plane.line({ hue: "orange", width: 2.5 }),
      natural: plane.line({ hue: "blue", width: 2.5 }),
    };
    this.ends = {
      plain: plane.dot({ hue: "orange", radius: 5 }),
      natural: plane.dot({ hue: "blue", radius: 5 }),
    };
    this.point = plane.handle({
      label: "Bell",
      hue: "pink",
      press: true,
      move: (point) => this.set({ model: this.within(point) }),
    });
    return plane.element;
  }

  // The bell at a point of the plane, in thousandths of σ.
  within(point) {
    const [low, high] = LIMITS.model[1];
    const [mu, sigma] = modelOf(PARAMETERS[this.state.parameters], point);
    return [hundredths(mu), Math.min(high, Math.max(low, Number(sigma.toFixed(3))))];
  }

  keys() {
    return legend(
      ["dot", "pink", "bell: drag it"],
      ["dash", "ink", "ring of equal divergence; the data"],
      ["line", "orange", "plain"],
      ["line", "blue", "natural"],
    );
  }

  table() {
    const cell = (kind, key) => (this.parts[`${kind}_${key}`] = h("td", {}));
    const row = ([kind, text]) =>
      h("tr", { class: `dx-of-${kind}` }, h("th", { scope: "row" }, text), ...COLUMNS.map(([key]) => cell(kind, key)));
    const heads = COLUMNS.map(([, text]) => h("th", { scope: "col" }, text));
    return h(
      "table",
      { class: "dx-numbers" },
      h("caption", { class: "dx-hidden" }, "Each step in numbers"),
      h("thead", {}, h("tr", {}, h("td", {}), ...heads)),
      h("tbody", {}, ...Object.entries(NAMES).map(row)),
    );
  }

  // --- drawing ---------------------------------------------------------------------------------------

  draw() {
    const { parameters, model, divergence } = this.state;
    const numbers = numbersOf(this.state);
    this.numbers = numbers;
    const texts = wordsOf(numbers, this.state);
    this.drawChoices();
    this.slider.draw(rounded(divergence));
    if (this.drawn !== parameters) this.drawGround(PARAMETERS[parameters]);
    this.drawn = parameters;
    this.ring.set(numbers.ring);
    for (const [kind, step] of Object.entries(numbers.steps)) {
      this.ways[kind].set(step && [numbers.here, step.end]);
      this.ends[kind].set(step?.end);
    }
    this.point.set(numbers.here, bellText(model));
    this.bells.draw(model, numbers.steps);
    this.paths.draw(model, numbers.paths);
    for (const [key, part] of Object.entries(this.parts)) write(part, texts[key]);
    write(this.story, texts.story);
  }

  drawGround(name) {
    const { plane } = this;
    plane.options.yLabel = name.sign;
    plane.view(
      LIMITS.model[0],
      LIMITS.model[1].map(name.of).sort((a, b) => a - b),
    );
    const heightOf = (mu, second) => {
      const sigma = name.sigmaOf(second);
      return sigma > 0 ? lossOf([mu, sigma]) : Infinity;
    };
    this.levels.set(contours(heightOf, plane.x, plane.y));
    this.star.set(pointOf(name, TARGET), "★");
  }
}

define("descent-natural-step", NaturalStep);
