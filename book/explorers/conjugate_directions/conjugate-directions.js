// <descent-conjugate-directions>: drag the start and the axes; steepest descent, conjugate gradient and Newton together.
import { define, Explorer, h, write } from "../shared/element.js";
import { legend } from "../shared/legend.js";
import { plain } from "../shared/number-text.js";
import { holds, hundredths } from "../shared/points.js";
import { apply, dot } from "../shared/surfaces.js";
import { Walk } from "../shared/walk.js";
import { BowlChart } from "./bowl-chart.js";
import { bowlOf, DEFAULTS, LIMITS, MOST_STEPS, numbersOf, REACH } from "./conjugate-numbers.js";
import { wordsOf } from "./conjugate-words.js";

const PICTURE = [
  [-REACH, REACH],
  [-REACH, REACH],
];
const NAMES = { descent: "steepest descent", conjugate: "conjugate gradient", newton: "Newton" };
const KEYS = { descent: ["line", "orange"], conjugate: ["line", "blue"], newton: ["dash", "purple"] };
const COLUMNS = [
  ["needed", "steps to a millionth"],
  ["seen", "turn"],
  ["round", "turn, stretched"],
];

class ConjugateDirections extends Explorer {
  static title = "Conjugate directions";
  static defaults = DEFAULTS;

  accept({ start, angle, lengths, steps }) {
    const within = ([low, high], value) => value >= low && value <= high;
    const fine =
      holds(PICTURE, start) &&
      within(LIMITS.angle, angle) &&
      holds([LIMITS.lengths, LIMITS.lengths], lengths) &&
      Number.isInteger(steps) &&
      within(LIMITS.steps, steps);
    return fine ? { start: [...start], angle, lengths: [...lengths], steps } : null;
  }

  build() {
    this.parts = {};
    this.walk = new Walk((steps) => this.set({ steps }));
    this.story = h("p", { class: "dx-story" });
    const left = h("div", { class: "dx-ground" }, this.bowl(), this.legend(), this.story);
    const right = h("div", { class: "dx-side" }, this.starts(), this.walk.element, this.table(), this.rounded());
    return [this.head(), h("div", { class: "dx-halves" }, left, right)];
  }

  // Whatever else changes, the run stops.
  set(patch) {
    const moved = ([key, value]) => key !== "steps" && JSON.stringify(value) !== JSON.stringify(this.state[key]);
    if (Object.entries(patch).some(moved)) this.walk.stop();
    return super.set(patch);
  }

  // --- controls --------------------------------------------------------------------------------------

  starts() {
    const button = (text, act) => h("button", { type: "button", class: "dx-button", onclick: act }, text);
    return h(
      "div",
      { class: "dx-starts", role: "group", "aria-label": "Starts and shapes" },
      button("Worst start", () => this.set({ start: this.along(([a, b]) => [a * a, b * b]) })),
      button("Start on an axis", () => this.set({ start: this.along(([a, b]) => (a < b ? [0, 1] : [1, 0])) })),
      button("Round", () => this.set({ lengths: this.state.lengths.map(() => Math.min(...this.state.lengths)) })),
    );
  }

  // A point 2.4 from the middle, in a direction that is given along the axes.
  along(direction) {
    const [u, v] = direction(this.state.lengths);
    const share = (0.8 * REACH) / Math.hypot(u, v);
    const [c, s] = axisOf(this.state.angle);
    return [share * (u * c - v * s), share * (u * s + v * c)];
  }

  // --- pictures --------------------------------------------------------------------------------------

  bowl() {
    this.seen = new BowlChart({
      label: "Ellipses of equal loss, darker where it is lower, with the three paths and the two axes",
      x: PICTURE[0],
      y: PICTURE[1],
      margin: { left: 26, right: 6 },
    });
    const { plane } = this.seen;
    this.axes = plane.line({ hue: "ink", width: 1.25 });
    const near = (length) => hundredths(Math.max(LIMITS.lengths[0], Math.min(LIMITS.lengths[1], length)));
    const tip = (label, place, turn) =>
      plane.handle({
        label,
        hue: "ink",
        radius: 6,
        unit: 0.05,
        move: (point) => {
          const lengths = [...this.state.lengths];
          lengths[place] = near(Math.hypot(...point));
          this.set({ lengths, angle: degreesOf(point, turn) });
        },
      });
    this.tips = [tip("First axis", 0, 0), tip("Second axis", 1, -90)];
    this.handle = plane.handle({
      label: "Start",
      hue: "pink",
      press: true,
      move: (point) => this.set({ start: point.map(hundredths) }),
    });
    return plane.element;
  }

  legend() {
    const keys = legend(["dot", "pink", "start: drag it"], ["dot", "ink", "axes: drag them"]);
    const lines = legend(...Object.entries(NAMES).map(([name, text]) => [...KEYS[name], text]));
    return h("div", {}, keys, lines);
  }

  rounded() {
    this.round = new BowlChart({
      label: "The same where the bowl is round: circles of equal loss, with the three paths",
      ticks: [0, 0],
      margin: { left: 2, right: 2, top: 2, bottom: 2 },
    });
    const title = h("p", { class: "dx-over-title" }, "Stretched until the bowl is round");
    return h("div", { class: "dx-round" }, title, this.round.plane.element);
  }

  table() {
    const cell = (name, key) => (this.parts[`${name}_${key}`] = h("td", {}));
    const row = ([name, text]) =>
      h("tr", { class: `dx-of-${name}` }, h("th", { scope: "row" }, text), ...COLUMNS.map(([key]) => cell(name, key)));
    const heads = COLUMNS.map(([, text]) => h("th", { scope: "col" }, text));
    return h(
      "table",
      { class: "dx-numbers" },
      h("caption", { class: "dx-hidden" }, "Each method in numbers"),
      h("thead", {}, h("tr", {}, h("td", {}), ...heads)),
      h("tbody", {}, ...Object.entries(NAMES).map(row)),
    );
  }

  // --- drawing ---------------------------------------------------------------------------------------

  draw() {
    const { start, angle, lengths, steps } = this.state;
    const numbers = numbersOf(this.state);
    this.numbers = numbers;
    const texts = wordsOf(numbers);
    const taken = Object.fromEntries(
      Object.entries(numbers.paths).map(([name, path]) => [name, path.slice(0, steps + 1)]),
    );
    this.walk.draw(steps, MOST_STEPS);
    const size = Math.sqrt(dot(start, apply(numbers.H, start)));
    this.drawSeen(taken, size || 1);
    this.drawRound(taken, size || 1, bowlOf(angle, lengths).root);
    for (const [key, part] of Object.entries(this.parts)) write(part, texts[key]);
    write(this.story, texts.story);
  }

  drawSeen(taken, size) {
    const { start, angle, lengths } = this.state;
    const [c, s] = axisOf(angle);
    const [a, b] = lengths;
    const place = ([u, v]) => [u * a * c - v * b * s, u * a * s + v * b * c];
    this.seen.draw((point) => place(point.map((entry) => size * entry)), taken);
    this.axes.set([
      [place([-1, 0]), place([1, 0])],
      [place([0, -1]), place([0, 1])],
    ]);
    const words = (length) => `half an axis: ${plain(length, 3)}, curvature ${plain(1 / (length * length), 3)}`;
    this.tips[0].set(place([1, 0]), words(a));
    this.tips[1].set(place([0, 1]), words(b));
    this.handle.set(start, `x ${plain(start[0])}, y ${plain(start[1])}`);
  }

  drawRound(taken, size, root) {
    const reach = 1.15 * size;
    this.round.plane.view([-reach, reach], [-reach, reach]);
    const there = Object.entries(taken).map(([name, path]) => [name, path.map((point) => apply(root, point))]);
    this.round.draw((point) => point.map((entry) => size * entry), Object.fromEntries(there));
  }
}

function axisOf(angle) {
  return [Math.cos((angle * Math.PI) / 180), Math.sin((angle * Math.PI) / 180)];
}

// Of the first axis, when a tip is at a point: in tenths, from −180 to 180.
function degreesOf([x, y], turn) {
  const found = (Math.atan2(y, x) * 180) / Math.PI + turn;
  return Number((found < -180 ? found + 360 : found).toFixed(1));
}

define("descent-conjugate-directions", ConjugateDirections);
