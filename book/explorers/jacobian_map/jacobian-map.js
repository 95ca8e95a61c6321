// <descent-jacobian-map>: a small square, its image under a map, and the parallelogram of the Jacobian.
import { arrow } from "../shared/arrow.js";
import { define, Explorer, h, write } from "../shared/element.js";
import { legend } from "../shared/legend.js";
import { numberField } from "../shared/number-field.js";
import { plain, rounded } from "../shared/number-text.js";
import { Plane } from "../shared/plane.js";
import { holds, hundredths } from "../shared/points.js";
import { linearImage, numbersOf } from "./jacobian-numbers.js";
import { wordsOf } from "./jacobian-words.js";
import { DEFAULTS, MAPS, SIDES, VIEWS } from "./maps.js";

const FACTS = [
  ["det", "Determinant"],
  ["area", "Area grows by"],
  ["longest", "Longest stretch"],
  ["shortest", "Shortest stretch"],
  ["gap", "Largest distance"],
  ["half", "With half the side"],
];
const KEYS = [
  ["line", "blue", "square and image"],
  ["dash", "orange", "image under J"],
  ["line", "green", "push of x₁, column 1"],
  ["line", "purple", "push of x₂, column 2"],
];
const LINES = 13; // of the grid, each way
const DOTS = 40; // of each of its lines

class JacobianMap extends Explorer {
  static title = "Jacobian as a map";
  static defaults = DEFAULTS;

  accept({ map, point, side, view }) {
    if (!Object.hasOwn(MAPS, map) || !holds(MAPS[map].box, point)) return null;
    const fits = side >= SIDES[0] && side <= SIDES[1] && Object.hasOwn(VIEWS, view);
    return fits ? { map, point: [...point], side, view } : null;
  }

  build() {
    this.parts = {};
    this.formula = h("p", { class: "dx-caption" });
    this.story = h("p", { class: "dx-story" });
    const half = (title, ...children) =>
      h(
        "div",
        { class: "dx-half" },
        h("div", { class: "dx-over" }, h("p", { class: "dx-over-title" }, title), ...children.slice(1)),
        children[0],
      );
    const planes = h(
      "div",
      { class: "dx-planes" },
      half("Inputs x", this.inputs()),
      half("Outputs F(x)", this.outputs(), this.choices("view", "Outputs shown", Object.entries(VIEWS))),
    );
    const results = h("div", { class: "dx-results" }, this.matrix(), this.facts(FACTS));
    return [this.head(), this.maps(), this.formula, planes, legend(...KEYS), this.sides(), results, this.story];
  }

  // --- controls --------------------------------------------------------------------------------------

  maps() {
    const options = Object.entries(MAPS).map(([name, { text }]) => [name, text]);
    return this.choices("map", "Map", options, (name) => ({ point: MAPS[name].start }));
  }

  sides() {
    const id = `dx-side-${this.number}`;
    const ends = SIDES.map(Math.log10);
    const sized = (side) => this.set({ side: Math.min(SIDES[1], Math.max(SIDES[0], side)) });
    this.slider = h("input", {
      type: "range",
      id,
      min: ends[0],
      max: ends[1],
      step: 0.01,
      oninput: () => sized(rounded(10 ** this.slider.value, 3)),
    });
    this.typed = numberField(
      { min: SIDES[0], max: SIDES[1], "aria-label": "Side of the square, as a number" },
      (side) => this.set({ side }),
    );
    const button = (text, by) =>
      h("button", { type: "button", class: "dx-button", onclick: () => sized(this.state.side * by) }, text);
    this.buttons = [button("Halve", 0.5), button("Double", 2)];
    return h(
      "div",
      { class: "dx-sides" },
      h("label", { for: id }, "Side of the square"),
      this.slider,
      this.typed,
      h("div", { class: "dx-steps" }, ...this.buttons),
    );
  }

  // --- pictures --------------------------------------------------------------------------------------

  inputs() {
    this.left = new Plane({
      label: "The plane of the inputs with a straight grid and the square",
      x: [0, 1],
      y: [0, 1],
      xLabel: "x₁",
      yLabel: "x₂",
      margin: { left: 40 },
    });
    this.grid = this.left.line({ hue: "rule", width: 0.75 });
    this.square = this.left.line({ hue: "blue", fill: true });
    this.pushes = this.arrows(this.left);
    this.handle = this.left.handle({
      label: "Middle of the square",
      hue: "ink",
      press: true,
      radius: 6,
      move: (point) => this.set({ point: point.map(hundredths) }),
    });
    return this.left.element;
  }

  outputs() {
    this.right = new Plane({
      label: "The plane of the outputs with the image of the grid, of the square, and the parallelogram",
      x: [0, 1],
      y: [0, 1],
      xLabel: "F₁",
      yLabel: "F₂",
      margin: { left: 40 },
    });
    this.bent = this.right.line({ hue: "rule", width: 0.75 });
    this.image = this.right.line({ hue: "blue", fill: true });
    this.parallelogram = this.right.line({ hue: "orange", dash: "5 4" });
    this.pushed = this.arrows(this.right);
    this.middle = this.right.dot({ hue: "ink", radius: 4 });
    return this.right.element;
  }

  arrows(plane) {
    return ["green", "purple"].map((hue) => arrow(plane, { hue, width: 2 }));
  }

  // --- numbers ---------------------------------------------------------------------------------------

  matrix() {
    const cell = (i, j) => (this.parts[`J${i}${j}`] = h("td", {}));
    const row = (i) => h("tr", {}, h("th", { scope: "row" }, `F${"₁₂"[i]}`), cell(i, 0), cell(i, 1));
    const head = h("tr", {}, h("td", {}), h("th", { scope: "col" }, "x₁"), h("th", { scope: "col" }, "x₂"));
    return h(
      "table",
      { class: "dx-numbers dx-matrix" },
      h("caption", {}, "Jacobian J"),
      h("thead", {}, head),
      h("tbody", {}, row(0), row(1)),
    );
  }

  draw() {
    const { map, point, side, view } = this.state;
    const numbers = numbersOf(this.state);
    this.drawChoices();
    if (this.drawn !== map) this.drawMap(MAPS[map]);
    this.drawn = map;
    this.right.view(...(view === "whole" ? this.whole : around(numbers, side)));
    this.drawSquare(numbers, point, side);
    this.slider.value = Math.log10(side);
    if (Number(this.typed.value) !== side) this.typed.value = rounded(side, 4);
    [side <= SIDES[0], side >= SIDES[1]].forEach((ended, i) => this.buttons[i].setAttribute("aria-disabled", ended)); // it keeps its focus
    this.drawWords(wordsOf(numbers));
  }

  drawMap({ box, f, formula }) {
    const lines = gridOf(box);
    this.left.view(...box);
    this.grid.set(lines);
    const bent = lines.map((line) => line.map((x) => f(x)));
    this.bent.set(bent);
    this.whole = squareAround(bent.flat());
    write(this.formula, formula);
  }

  drawSquare({ ring, value, jacobian, image, linear }, point, side) {
    const closed = (points) => [...points, points[0]];
    this.square.set(closed(ring));
    this.image.set(closed(image));
    this.parallelogram.set(closed(linear));
    [
      [side / 2, 0],
      [0, side / 2],
    ].forEach((step, j) => {
      this.pushes[j].set([point, [point[0] + step[0], point[1] + step[1]]]);
      this.pushed[j].set([value, linearImage(value, jacobian, step)]);
    });
    this.middle.set(value);
    this.handle.set(point, `x₁ = ${plain(point[0])}, x₂ = ${plain(point[1])}`);
  }

  drawWords({ J, story, ...facts }) {
    J.forEach((row, i) => row.forEach((text, j) => write(this.parts[`J${i}${j}`], text)));
    for (const [key, text] of Object.entries(facts)) write(this.parts[key], text);
    write(this.story, story);
  }
}

function gridOf([xs, ys]) {
  const along = ([low, high], count) => Array.from({ length: count }, (_, i) => low + ((high - low) * i) / (count - 1));
  const across = along(ys, LINES).map((y) => along(xs, DOTS).map((x) => [x, y]));
  return [...across, ...along(xs, LINES).map((x) => along(ys, DOTS).map((y) => [x, y]))];
}

// Equal ranges, so that a square looks like one.
function squareAround(points, room = 1.06) {
  const ends = [0, 1].map((i) => points.map((point) => point[i])).map((all) => [Math.min(...all), Math.max(...all)]);
  const reach = (room * Math.max(...ends.map(([low, high]) => high - low), 1e-12)) / 2;
  return ends.map(([low, high]) => [(low + high) / 2 - reach, (low + high) / 2 + reach]);
}

// The magnified view: as wide as the square's image, whatever its size.
function around({ image, linear, value }, side) {
  const reach = Math.max(
    0.05 * side,
    ...[...image, ...linear].map(([u, v]) => Math.max(Math.abs(u - value[0]), Math.abs(v - value[1]))),
  );
  return value.map((middle) => [middle - 1.15 * reach, middle + 1.15 * reach]);
}

define("descent-jacobian-map", JacobianMap);
