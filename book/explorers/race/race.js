// <descent-race>: any methods on a surface from a dragged start, paths and losses together.

import LOOKS from "looks.json" with { type: "json" };
import { define, Explorer, h, write } from "../shared/element.js";
import { decadesAround, drawGround, FIRST_SURFACE, heightsOf, MOST_STEPS, starsOn } from "../shared/ground.js";
import { isSeed } from "../shared/noise.js";
import { fill, numberField } from "../shared/number-field.js";
import { plain } from "../shared/number-text.js";
import { Plane } from "../shared/plane.js";
import { Player } from "../shared/player.js";
import { holds, hundredths } from "../shared/points.js";
import { picture, SURFACES } from "../shared/surfaces.js";
import { Lanes } from "./lanes.js";
import { key, LineChart, marker } from "./line-chart.js";
import { numbersOf } from "./race-numbers.js";
import { acceptMethods, entrantsOn, GROUNDS, METHODS, methodsFrom, methodsText, settingsOn } from "./race-settings.js";
import { wordsOf } from "./race-words.js";

const STEPS = 40; // shown at first
const MOST_GOAL = 1e6;

class Race extends Explorer {
  static title = "Race";
  static defaults = {
    surface: FIRST_SURFACE,
    start: SURFACES[FIRST_SURFACE].start,
    methods: entrantsOn(FIRST_SURFACE),
    noise: false,
    seed: 0,
    steps: STEPS,
    goal: GROUNDS[FIRST_SURFACE].goal,
  };

  accept({ surface, start, methods, noise, seed, steps, goal }) {
    if (!Object.hasOwn(GROUNDS, surface) || !holds(picture(SURFACES[surface]), start)) return null;
    const known = acceptMethods(surface, methods);
    const whole = Number.isInteger(steps) && steps >= 0 && steps <= MOST_STEPS;
    const fine = known && typeof noise === "boolean" && isSeed(seed) && whole;
    return fine && Math.abs(goal) <= MOST_GOAL
      ? { surface, start: [...start], methods: known, noise, seed, steps, goal }
      : null;
  }

  build() {
    this.rows = {};
    this.lanes = new Lanes(LOOKS, (methods) => this.set({ methods }));
    this.story = h("p", { class: "dx-story" });
    const left = h("div", { class: "dx-ground" }, this.ground());
    const right = h("div", { class: "dx-side" }, this.losses(), this.walk(), this.conditions());
    return [
      this.head(),
      this.surfaces(),
      h("div", { class: "dx-halves" }, left, right),
      this.story,
      this.table(),
      this.lanes.entrants,
      this.lanes.element,
    ];
  }

  // Whatever else changes, the play stops; another surface brings the rates that suit it.
  set(patch) {
    if (Object.keys(patch).some((name) => name !== "steps")) this.player?.stop();
    return super.set(patch);
  }

  // --- controls --------------------------------------------------------------------------------------

  surfaces() {
    const own = (surface) => {
      this.lanes.forget();
      const methods = Object.fromEntries(
        Object.keys(this.state.methods).map((name) => [name, settingsOn(surface, name)]),
      );
      return { start: SURFACES[surface].start, methods, goal: GROUNDS[surface].goal };
    };
    return this.choices("surface", "Surface", Object.keys(GROUNDS), own);
  }

  walk() {
    this.player = new Player({ label: "Step", go: (steps) => this.set({ steps }) });
    return this.player.element;
  }

  conditions() {
    this.noise = h("input", { type: "checkbox", onchange: () => this.set({ noise: this.noise.checked }) });
    this.seed = numberField({ min: 0, step: 1 }, (seed) => this.set({ seed }));
    this.goal = numberField({}, (goal) => this.set({ goal }));
    return h(
      "div",
      { class: "dx-conditions" },
      h("label", {}, this.noise, "noisy gradients"),
      h("label", {}, "seed", this.seed),
      h("label", {}, "loss to reach", this.goal),
    );
  }

  // --- pictures --------------------------------------------------------------------------------------

  ground() {
    const label = "Level lines of the surface, darker where it is lower, with the path of each method";
    this.plane = new Plane({ label, x: [0, 1], y: [0, 1], aspect: 1, xLabel: "x", yLabel: "y", margin: { left: 30 } });
    const { plane } = this;
    this.levels = plane.levels();
    this.stars = starsOn(plane);
    this.paths = METHODS.map((name) => plane.line({ width: 2, ...LOOKS[name] }));
    this.heads = METHODS.map((name) => marker(plane, { ...LOOKS[name], radius: 5.5 }));
    this.handle = plane.handle({
      label: "Start",
      press: true,
      radius: 7,
      move: (point) => this.set({ start: point.map(hundredths) }),
    });
    return plane.element;
  }

  losses() {
    const label = "The loss of each method at each step";
    this.chart = new LineChart({
      label,
      xLabel: "step",
      yLabel: "loss",
      height: 250,
      series: METHODS.map((name) => LOOKS[name]),
    });
    return this.chart.element;
  }

  table() {
    const row = (name) => {
      const [loss, distance, reached] = ["loss", "distance", "reached"].map((part) => h("td", { class: `dx-${part}` }));
      const line = h(
        "tr",
        {},
        h("th", { scope: "row" }, key(LOOKS[name]), h("span", {}, name)),
        loss,
        distance,
        reached,
      );
      this.rows[name] = { line, loss, distance, reached };
      return line;
    };
    this.aim = h("th", { scope: "col" });
    const head = h(
      "tr",
      {},
      h("th", { scope: "col" }, "Method"),
      h("th", { scope: "col" }, "Loss now"),
      h("th", { scope: "col" }, "To the minimum"),
      this.aim,
    );
    return h("table", { class: "dx-numbers" }, h("thead", {}, head), h("tbody", {}, ...METHODS.map(row)));
  }

  // --- drawing ---------------------------------------------------------------------------------------

  draw() {
    const { steps, ...raced } = this.state;
    const { surface: name } = raced;
    const surface = SURFACES[name];
    const asked = JSON.stringify(raced);
    if (asked !== this.asked) this.runs = numbersOf(raced); // a step more needs none
    this.asked = asked;
    this.drawChoices();
    if (this.drawn !== name) drawGround(surface, this);
    this.drawn = name;
    this.player.draw(steps, MOST_STEPS);
    this.lanes.draw(name, raced.methods);
    this.drawConditions();
    this.drawPaths();
    this.drawLosses(surface);
    this.drawWords(wordsOf(this.runs, this.state));
  }

  drawConditions() {
    const { noise, seed, goal } = this.state;
    this.noise.checked = noise;
    fill(this.seed, seed);
    fill(this.goal, goal);
  }

  drawPaths() {
    const { start, steps } = this.state;
    this.handle.set(start, `x ${plain(start[0])}, y ${plain(start[1])}`);
    METHODS.forEach((name, i) => {
      const taken = this.runs[name]?.path.slice(0, steps + 1);
      this.paths[i].set(taken ?? null);
      this.heads[i].set(steps > 0 && taken ? taken.at(-1) : null);
    });
  }

  // Losses that cannot be negative on a logarithmic axis, the others on a plain one. What diverges leaves the picture.
  drawLosses(surface) {
    const runs = METHODS.map((name) => this.runs[name]);
    const log = surface.minima.length > 0;
    const staying = runs.filter((run) => run && run.gone === null).flatMap((run) => run.losses);
    const y = log ? decadesAround([surface.f(this.state.start), ...staying]) : heightsOf(surface);
    const curves = runs.map((run) => run?.losses.map((loss, k) => [k, loss]) ?? null);
    this.chart.draw({
      x: [0, MOST_STEPS],
      y,
      log,
      curves,
      now: this.state.steps,
      level: this.state.goal,
      levelName: "to reach",
    });
  }

  drawWords(shown) {
    write(this.aim, `Reaches ${plain(this.state.goal)} at`);
    for (const [name, { line, ...cells }] of Object.entries(this.rows)) {
      line.hidden = !(name in this.state.methods);
      for (const [part, cell] of Object.entries(cells)) write(cell, shown[`${part}_${name}`] ?? "");
      line.classList.toggle("dx-gone", this.runs[name]?.gone != null);
    }
    write(this.story, shown.story);
  }

  // --- links -----------------------------------------------------------------------------------------

  toText(part, value) {
    return part === "methods" ? methodsText(value) : value;
  }

  fromPair([part, text]) {
    if (part === "noise") return [part, { true: true, false: false }[text]];
    return part === "methods" ? [part, methodsFrom(decodeURIComponent(text))] : super.fromPair([part, text]);
  }
}

define("descent-race", Race);
