// <descent-trust-region>: the model's step within a circle, and for every radius its promise beside the truth.
import { define, Explorer, h, write } from "../shared/element.js";
import { drawGround, starsOn } from "../shared/ground.js";
import { legend } from "../shared/legend.js";
import { plain, rounded } from "../shared/number-text.js";
import { Plane } from "../shared/plane.js";
import { holds, hundredths } from "../shared/points.js";
import { ScaledSlider } from "../shared/scaled-slider.js";
import { picture, SURFACES } from "../shared/surfaces.js";
import { DropChart } from "./drop-chart.js";
import { modelRings } from "./model-rings.js";
import { FIRST, LIMITS, numbersOf, RADII } from "./trust-numbers.js";
import { wordsOf } from "./trust-words.js";

const FACTS = [
  ["promised", "Promised drop"],
  ["real", "Real drop"],
  ["ratio", "ρ = real / promised"],
  ["length", "Length of the step"],
  ["curvatures", "Curvatures here"],
];
const SIDES = [0, 1, 2, 3].map((i) => [Math.cos((i * Math.PI) / 2), Math.sin((i * Math.PI) / 2)]);

class TrustRegion extends Explorer {
  static title = "Trust region";
  static defaults = { surface: FIRST, start: SURFACES[FIRST].start, radius: RADII[FIRST] };

  accept({ surface, start, radius }) {
    if (!Object.hasOwn(RADII, surface) || !holds(picture(SURFACES[surface]), start)) return null;
    return radius >= LIMITS[0] && radius <= LIMITS[1] ? { surface, start: [...start], radius } : null;
  }

  build() {
    this.parts = {};
    this.story = h("p", { class: "dx-story" });
    this.chart = new DropChart((radius) => this.set({ radius }));
    const left = h("div", { class: "dx-ground" }, this.ground(), this.keys());
    const right = h(
      "div",
      { class: "dx-side" },
      this.controls(),
      this.chart.element,
      this.facts(FACTS, { column: true }),
    );
    return [this.head(), this.surfaces(), h("div", { class: "dx-halves" }, left, right), this.story];
  }

  // --- controls --------------------------------------------------------------------------------------

  surfaces() {
    const own = (surface) => ({ start: SURFACES[surface].start, radius: RADII[surface] });
    return this.choices("surface", "Surface", Object.keys(RADII), own);
  }

  controls() {
    const [low, high] = LIMITS;
    const id = `dx-radius-${this.number}`;
    this.slider = new ScaledSlider({ name: "Radius Δ", id, low, high, scale: "decades" }, (radius) =>
      this.set({ radius }),
    );
    this.step = h("button", { type: "button", class: "dx-button", onclick: () => this.go() });
    return h("div", { class: "dx-controls" }, ...this.slider.row, this.step);
  }

  // What the method does: take the step or not, and set the radius.
  go() {
    const { taken, next, nextRadius } = this.now;
    this.set({ start: taken ? next : this.state.start, radius: nextRadius });
  }

  // --- picture ---------------------------------------------------------------------------------------

  ground() {
    const label = "Level lines of the surface, darker where it is lower, with the circle and the model's step";
    this.plane = new Plane({ label, x: [0, 1], y: [0, 1], aspect: 1, xLabel: "x", yLabel: "y", margin: { left: 30 } });
    const { plane } = this;
    this.levels = plane.levels();
    this.stars = starsOn(plane);
    this.rings = plane.line({ hue: "purple", width: 1.25, dash: "4 3" });
    this.circle = plane.line({ hue: "orange", width: 2 });
    this.way = plane.line({ hue: "blue", width: 2.25 });
    this.end = plane.dot({ hue: "blue", radius: 5 });
    this.rim = plane.handle({
      label: "Radius",
      hue: "orange",
      move: ([x, y]) => this.set({ radius: this.within(Math.hypot(x - this.state.start[0], y - this.state.start[1])) }),
    });
    this.point = plane.handle({
      label: "Point",
      hue: "pink",
      press: true,
      move: (point) => this.set({ start: point.map(hundredths) }),
    });
    return plane.element;
  }

  within(radius) {
    return Math.min(LIMITS[1], Math.max(LIMITS[0], hundredths(radius)));
  }

  keys() {
    return legend(
      ["dot", "pink", "point: drag it"],
      ["dot", "orange", "radius: drag it"],
      ["line", "blue", "the model's step"],
      ["dash", "purple", "the model"],
      ["line", "ink", "truth"],
    );
  }

  // --- drawing ---------------------------------------------------------------------------------------

  draw() {
    const { surface: name, start, radius } = this.state;
    this.now = numbersOf(this.state);
    const texts = wordsOf(this.now, this.state);
    this.drawChoices();
    this.slider.draw(rounded(radius));
    if (this.drawn !== name) drawGround(SURFACES[name], this);
    this.drawn = name;
    this.drawCircle(start, radius);
    this.drawStep(start);
    this.chart.draw(this.state, this.now);
    const none = !(this.now.predicted > 0);
    const leaves = this.now.taken && !holds(this.box(), this.now.next);
    const act = this.now.taken ? "Take the step" : "Refuse it, and shrink";
    write(this.step, none ? "There is no step" : leaves ? "The step leaves the picture" : act);
    this.step.disabled = none || leaves;
    for (const [key] of FACTS) write(this.parts[key], texts[key]);
    write(this.story, texts.story);
  }

  drawCircle([x, y], radius) {
    const { gradient, hessian } = this.now;
    const around = Array.from({ length: 97 }, (_, i) => (2 * Math.PI * i) / 96);
    this.circle.set(around.map((angle) => [x + radius * Math.cos(angle), y + radius * Math.sin(angle)]));
    const rings = modelRings([x, y], gradient, hessian, radius);
    this.rings.set(rings.length ? rings : null);
    const seen = SIDES.map(([a, b]) => [x + radius * a, y + radius * b]).find((place) => holds(this.box(), place));
    this.rim.set(seen ?? null, `Δ ${plain(radius)}`);
  }

  drawStep(start) {
    const { knots, next } = this.now;
    this.way.set(knots.map((knot) => knot.map((entry, i) => start[i] + entry)));
    this.end.set(next);
    this.point.set(start, `x ${plain(start[0])}, y ${plain(start[1])}`);
  }

  box() {
    return [this.plane.x, this.plane.y];
  }
}

define("descent-trust-region", TrustRegion);
