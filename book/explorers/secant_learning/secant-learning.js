// <descent-secant-learning>: BFGS walks on a surface, and its ellipse becomes the Hessian's, pair by pair.
import { arrow } from "../shared/arrow.js";
import { define, Explorer, h, write } from "../shared/element.js";
import { drawGround, starsOn } from "../shared/ground.js";
import { legend } from "../shared/legend.js";
import { plain } from "../shared/number-text.js";
import { Plane } from "../shared/plane.js";
import { holds, hundredths } from "../shared/points.js";
import { picture, SURFACES } from "../shared/surfaces.js";
import { Walk } from "../shared/walk.js";
import { ellipse, MOST_TAKEN, NAMES, numbersOf, STEPS } from "./secant-numbers.js";
import { wordsOf } from "./secant-words.js";

const FACTS = [
  ["loss", "Loss"],
  ["believed", "Curvatures, BFGS"],
  ["truth", "Curvatures, true"],
  ["shares", "Eigenvalues of BH"],
  ["along", "Last step: seen; BFGS"],
  ["angle", "Next step to Newton's"],
];
const KEYS = [
  ["dot", "pink", "start: drag it"],
  ["line", "orange", "path, and BFGS's ellipse"],
  ["dash", "blue", "the Hessian's ellipse"],
  ["line", "ink", "next step"],
];
const WIDE = 0.2; // the longer half of the Hessian's ellipse, as a share of the picture

class SecantLearning extends Explorer {
  static title = "Secant learning";
  static defaults = { surface: NAMES[0], start: SURFACES[NAMES[0]].start, steps: STEPS };

  accept({ surface, start, steps }) {
    if (!NAMES.includes(surface) || !holds(picture(SURFACES[surface]), start)) return null;
    const whole = Number.isInteger(steps) && steps >= 0 && steps <= MOST_TAKEN;
    return whole ? { surface, start: [...start], steps } : null;
  }

  build() {
    this.parts = {};
    this.walk = new Walk((steps) => this.set({ steps }));
    this.count = h("span", { class: "dx-number-of" });
    const counted = h("p", { class: "dx-count" }, "Steps", this.count);
    const left = h("div", { class: "dx-ground" }, this.ground(), legend(...KEYS));
    const right = h(
      "div",
      { class: "dx-side" },
      this.walk.element,
      counted,
      this.lens(),
      this.facts(FACTS, { column: true }),
    );
    this.story = h("p", { class: "dx-story" });
    return [this.head(), this.surfaces(), h("div", { class: "dx-halves" }, left, right), this.story];
  }

  surfaces() {
    return this.choices("surface", "Surface", NAMES, (name) => ({ start: SURFACES[name].start, steps: STEPS }));
  }

  // Whatever else changes, the run stops.
  set(patch) {
    const moved = ([key, value]) => key !== "steps" && JSON.stringify(value) !== JSON.stringify(this.state[key]);
    if (Object.entries(patch).some(moved)) this.walk.stop();
    return super.set(patch);
  }

  // --- pictures --------------------------------------------------------------------------------------

  ground() {
    const label = "Level lines of the surface with the path of BFGS and the ellipses of its curvature and the true one";
    this.plane = new Plane({ label, x: [0, 1], y: [0, 1], aspect: 1, xLabel: "x", yLabel: "y", margin: { left: 30 } });
    const { plane } = this;
    this.levels = plane.levels();
    this.stars = starsOn(plane);
    this.path = plane.line({ hue: "orange", width: 1.75 });
    this.beads = plane.dots({ hue: "orange", radius: 2.4 });
    this.belief = plane.line({ hue: "orange", width: 2.5, name: "dx-belief" });
    this.truth = plane.line({ hue: "blue", width: 2, dash: "5 4", name: "dx-truth-ellipse" });
    this.ahead = arrow(plane, { hue: "ink", width: 2 });
    this.here = plane.dot({ hue: "orange", radius: 5 });
    this.handle = plane.handle({
      label: "Start",
      hue: "pink",
      press: true,
      move: (point) => this.set({ start: point.map(hundredths), steps: 0 }),
    });
    return plane.element;
  }

  // The same two ellipses, large, in coordinates in which the true one is a circle.
  lens() {
    this.unit = new Plane({
      label: "The two ellipses in coordinates in which the true one is a circle",
      x: [-2, 2],
      y: [-2, 2],
      aspect: 1,
      ticks: [0, 0],
      margin: { left: 30, right: 8, bottom: 8 },
    });
    this.circle = this.unit.line({ hue: "blue", width: 2, dash: "5 4" });
    this.warped = this.unit.line({ hue: "orange", width: 2.5 });
    const title = h("p", { class: "dx-over-title" }, "Where the truth is a circle");
    return h("div", { class: "dx-lens" }, title, this.unit.element);
  }

  // --- drawing ---------------------------------------------------------------------------------------

  summary() {
    return `Step ${this.count.textContent}. ${this.story.textContent}`;
  }

  draw() {
    const { surface: name, start } = this.state;
    const surface = SURFACES[name];
    const numbers = numbersOf(this.state);
    this.drawChoices();
    if (this.drawn !== name) drawGround(surface, this);
    this.drawn = name;
    this.walk.draw(numbers.taken, numbers.end);
    this.handle.set(start, `x ${plain(start[0])}, y ${plain(start[1])}`);
    this.path.set(numbers.path);
    this.beads.set(numbers.path);
    this.here.set(numbers.x);
    this.ahead.set(numbers.taken < numbers.end ? [numbers.x, numbers.next] : null);
    this.drawEllipses(numbers);
    this.drawWords(wordsOf(numbers));
  }

  drawEllipses({ x, model, hessian, truth, believed, shares }) {
    const wide = WIDE * (this.plane.x[1] - this.plane.x[0]);
    const size = (truth[0] > 0 ? truth[0] : believed[0]) * wide ** 2;
    this.belief.set(ellipse(x, model, size));
    this.truth.set(truth[0] > 0 ? ellipse(x, hessian, size) : null);
    const axes = shares?.map(Math.sqrt);
    const reach = axes ? Math.max(1.6, 1.15 * axes[1]) : 1.6;
    this.unit.view([-reach, reach], [-reach, reach]);
    const round = (a, b, turn = 0) =>
      Array.from({ length: 97 }, (_, k) => {
        const [p, q] = [a * Math.cos((2 * Math.PI * k) / 96), b * Math.sin((2 * Math.PI * k) / 96)];
        return [p * Math.cos(turn) - q * Math.sin(turn), p * Math.sin(turn) + q * Math.cos(turn)];
      });
    this.circle.set(axes ? round(1, 1) : null);
    this.warped.set(axes ? round(axes[1], axes[0]) : null);
  }

  drawWords({ count, story, ...facts }) {
    for (const [key, text] of Object.entries(facts)) write(this.parts[key], text);
    write(this.count, count);
    write(this.story, story);
  }
}

define("descent-secant-learning", SecantLearning);
