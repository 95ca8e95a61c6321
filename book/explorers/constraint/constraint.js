// <descent-constraint>: a bowl, what is allowed, and at a point the pull, the pushes and what they leave over.
import { arrow } from "../shared/arrow.js";
import { contours } from "../shared/contours.js";
import { define, Explorer, h, write } from "../shared/element.js";
import { legend } from "../shared/legend.js";
import { plain } from "../shared/number-text.js";
import { Plane } from "../shared/plane.js";
import { holds, hundredths } from "../shared/points.js";
import { ScaledSlider } from "../shared/scaled-slider.js";
import { numbersOf } from "./constraint-numbers.js";
import { CONDITIONS, wordsOf } from "./constraint-words.js";
import { BOX, bowl, constraintOf, DEFAULTS, isRound, KINDS, LIMITS } from "./walls.js";

const ROWS = {
  stationarity: "Stationarity: arrows cancel",
  feasibility: "Feasibility: x is allowed",
  sign: "Sign: λ ≥ 0",
  complementarity: "Complementarity: λc = 0",
};
const KEYS = [
  ["line", "orange", "pull −∇f"],
  ["line", "blue", ""],
  ["line", "pink", "left over"],
  ["dot", "ink", "x"],
  ["dot", "orange", "bowl"],
  ["dot", "green", "constraint"],
  ["star", "ink", "solution"],
];
const HEIGHTS = [0.1, 0.4, 0.9, 1.6, 2.5, 3.6, 4.9, 6.4, 8.1, 10]; // of the bowl's level lines
const TURNS = Array.from({ length: 97 }, (_, i) => (i * Math.PI) / 48);
const FORCE = 0.3; // length of an arrow for a force of 1
const SNAP = 0.09; // a hand that comes so near to an edge is on it; a key goes further

class Constraint extends Explorer {
  static title = "Constraint";
  static defaults = DEFAULTS;

  accept({ kind, center, place, angle, radius, x }) {
    const fits = Object.hasOwn(KINDS, kind) && [center, place, x].every((point) => holds(BOX, point));
    const sized = Object.entries({ angle, radius }).every(
      ([name, value]) => value >= LIMITS[name][0] && value <= LIMITS[name][1],
    );
    return fits && sized ? { kind, center: [...center], place: [...place], angle, radius, x: [...x] } : null;
  }

  build() {
    this.parts = {};
    this.story = h("p", { class: "dx-story" });
    this.solve = h(
      "button",
      { type: "button", class: "dx-button", onclick: () => this.set({ x: numbersOf(this.state).best.x }) },
      "★ Go to the solution",
    );
    const side = h("div", { class: "dx-side" }, this.conditions(), this.values(), this.sliders(), this.solve);
    const keys = legend(...KEYS);
    this.pushKey = keys.children[1];
    const ground = h("div", { class: "dx-ground" }, this.picture(), keys);
    const kinds = this.choices("kind", "What is allowed", Object.entries(KINDS));
    return [this.head(), kinds, h("div", { class: "dx-layout" }, ground, side, this.story)];
  }

  // --- the picture -----------------------------------------------------------------------------------

  picture() {
    const plane = new Plane({
      label: "Level lines of the bowl, the allowed points, and the arrows at x",
      x: BOX[0],
      y: BOX[1],
      xLabel: "x₁",
      yLabel: "x₂",
    });
    this.plane = plane;
    this.allowed = plane.line({ hue: "green", width: 0, fill: true, name: "dx-allowed" });
    this.levels = plane.line({ hue: "muted", width: 0.8 });
    this.through = plane.line({ hue: "muted", width: 1.6, dash: "5 4" });
    this.edge = plane.line({ hue: "green", width: 2.5 });
    this.star = plane.text({ anchor: "middle", dy: 6, name: "dx-star" });
    this.pushes = [0, 1].map(() => arrow(plane, { hue: "blue" }));
    this.pull = arrow(plane, { hue: "orange" });
    this.left = arrow(plane, { hue: "pink", width: 3.5 });
    const handle = (key, label, look, move) =>
      plane.handle({ label, unit: 0.1, ...look, move: (point) => this.set({ [key]: move(point).map(hundredths) }) });
    this.handles = {
      center: handle("center", "Middle of the bowl", { hue: "orange", radius: 7 }, (point) => point),
      place: handle("place", "Constraint", { hue: "green", radius: 7 }, (point) => point),
      x: plane.handle({
        label: "x",
        hue: "ink",
        unit: 0.1,
        press: true,
        radius: 6,
        move: (point) => this.set({ x: this.near(point) }),
      }),
    };
    return plane.element;
  }

  // The nearest point of an edge where that is near, else the point to the hundredth.
  near(point) {
    const { edges, tip } = constraintOf(this.state);
    const distance = ([x, y]) => Math.hypot(x - point[0], y - point[1]);
    if (tip && distance(tip) < SNAP) return tip;
    const found = edges
      .map((edge) => nearestOn(edge, distance))
      .filter((one) => distance(one) < SNAP && holds(BOX, one));
    const rounded = point.map(hundredths);
    return found.reduce((best, one) => (!best || distance(one) < distance(best) ? one : best), null) ?? rounded;
  }

  // --- controls and numbers --------------------------------------------------------------------------

  sliders() {
    const slider = (key, name) => {
      const [low, high] = LIMITS[key];
      const id = `dx-${key}-${this.number}`;
      return new ScaledSlider({ name, id, low, high, scale: key === "angle" ? "whole" : "even" }, (value) =>
        this.set({ [key]: value }),
      );
    };
    this.controls = { angle: slider("angle", "Angle"), radius: slider("radius", "Radius") };
    const row = ([key, control]) => (this.parts[`${key}-row`] = h("div", { class: "dx-control" }, ...control.row));
    return h("div", {}, ...Object.entries(this.controls).map(row));
  }

  conditions() {
    const row = (name) => {
      const [size, verdict] = [h("td", {}), h("td", {})];
      this.parts[name] = { size, verdict, row: h("tr", {}, h("th", { scope: "row" }, ROWS[name]), size, verdict) };
      return this.parts[name].row;
    };
    return h(
      "table",
      { class: "dx-numbers dx-conditions" },
      h("caption", { class: "dx-hidden" }, "The conditions at x"),
      h("tbody", {}, ...CONDITIONS.map(row)),
    );
  }

  values() {
    const list = this.facts([
      ["value", "f(x)"],
      ["least", "least allowed f"],
      ["constraint", "c(x)"],
      ["multiplier", "λ"],
    ]);
    this.names = [...list.querySelectorAll("dt")].slice(2);
    return list;
  }

  draw() {
    const numbers = numbersOf(this.state);
    this.drawChoices();
    this.drawGround(numbers);
    this.drawArrows(numbers);
    this.drawControls();
    this.drawWords(wordsOf(numbers));
  }

  drawGround({ best, value, equality }) {
    const { center, place, x } = this.state;
    const { walls, edges } = constraintOf(this.state);
    const height = (a, b) => Math.max(...walls.map((wall) => wall.value([a, b])));
    this.allowed.set(equality ? null : contours(height, ...BOX, [0])[0]);
    this.edge.set(edges.map(pointsOf));
    const level = (f) => TURNS.map((turn) => bowl.at(center, f, turn));
    this.levels.set(HEIGHTS.map(level));
    this.through.set(level(value));
    const seen = holds(BOX, best.x);
    this.star.set(seen ? best.x : null, "★");
    this.solve.setAttribute("aria-disabled", !seen); // it keeps its focus
    const words = ([a, b]) => `x₁ = ${plain(a)}, x₂ = ${plain(b)}`;
    for (const [key, point] of Object.entries({ center, place, x })) this.handles[key].set(point, words(point));
  }

  drawArrows({ pull, pushes, left, conditions }) {
    const { x } = this.state;
    const force = (mark, vector) =>
      mark.set(vector && Math.hypot(...vector) > 1e-6 ? [x, x.map((entry, i) => entry + FORCE * vector[i])] : null);
    force(this.pull, pull);
    this.pushes.forEach((mark, i) => force(mark, pushes[i]));
    const pushed = pushes.some((push) => Math.hypot(...push) > 1e-6); // else the pull is what is left over
    force(this.left, pushed && conditions.stationarity > 1e-6 ? left : null);
  }

  drawControls() {
    const { kind, angle, radius } = this.state;
    this.controls.angle.draw(angle);
    this.controls.radius.draw(radius);
    this.parts["angle-row"].hidden = isRound(kind);
    this.parts["radius-row"].hidden = !isRound(kind);
  }

  drawWords({ conditions, names, story, ...facts }) {
    for (const [name, { size, verdict }] of Object.entries(conditions)) {
      write(this.parts[name].size, size);
      write(this.parts[name].verdict, verdict);
      this.parts[name].row.dataset.verdict = verdict;
    }
    for (const [key, text] of Object.entries(facts)) write(this.parts[key], text);
    this.names.forEach((name, i) => write(name, names[i]));
    write(this.pushKey, `push −${names[1]}∇${names[0].slice(0, 1)}`);
    write(this.story, story);
  }
}

const PIECES = 400;

function pointsOf({ range: [low, high], at }) {
  return Array.from({ length: PIECES + 1 }, (_, i) => at(low + ((high - low) * i) / PIECES));
}

// By thirds between the samples on both sides of the nearest one.
function nearestOn(edge, distance) {
  const { range, at } = edge;
  const away = pointsOf(edge).map(distance);
  const step = (range[1] - range[0]) / PIECES;
  const middle = range[0] + step * away.indexOf(Math.min(...away));
  let [low, high] = [Math.max(range[0], middle - step), Math.min(range[1], middle + step)];
  for (let i = 0; i < 60; i += 1) {
    const [a, b] = [low + (high - low) / 3, high - (high - low) / 3];
    if (distance(at(a)) < distance(at(b))) high = b;
    else low = a;
  }
  return at((low + high) / 2);
}

define("descent-constraint", Constraint);
