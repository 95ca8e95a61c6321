// <descent-race>: any methods on a surface from a dragged start, paths and losses together.
import { Explorer, define, h, write } from "./element.js";
import { plain, rounded } from "./figures.js";
import { decadesAround, heightsOf, levelsOf } from "./ground.js";
import { LineChart, key, marker } from "./line-chart.js";
import { Plane } from "./plane.js";
import { Player } from "./player.js";
import { GOALS, METHODS, MOST_STEPS, OWN, RATES, race, settingsOn, wordsOf } from "./race-readout.js";
import { SURFACES, picture } from "./surfaces.js";

const LOOKS = {
  SGD: { hue: "orange", shape: "circle" }, Momentum: { hue: "blue", dash: "7 4", shape: "square" },
  Nesterov: { hue: "sky", dash: "2 4", shape: "triangle" }, AdaGrad: { hue: "gold", dash: "9 3 2 3", shape: "diamond" },
  RMSProp: { hue: "green", dash: "4 4", shape: "wedge" }, AdaDelta: { hue: "ink", dash: "1 5", shape: "cross" },
  Adam: { hue: "purple", width: 2.75, shape: "star" }, AdamW: { hue: "pink", dash: "12 4", shape: "pentagon" },
};
const SYMBOLS = { lr: "η", momentum: "μ", alpha: "α", rho: "ρ", weight_decay: "λ", beta1: "β₁", beta2: "β₂" };
const NAMES = { lr: "learning rate", momentum: "momentum", alpha: "share kept", rho: "share kept", weight_decay: "weight decay",
  beta1: "first beta", beta2: "second beta" };
const LIMITS = { lr: [1e-6, 100], weight_decay: [0, 10] };
const SHARES = [0, 0.9999]; // of every other setting
// A slider runs over powers of ten: of a rate, of a decay, or of what an average forgets, one minus what it keeps.
const TRACKS = { lr: [-4, 2], weight_decay: [-4, 1] };
const FORGETS = [0, 3];
const STEPS = 40; // shown at first
const MOST_GOAL = 1e6;
const AT_FIRST = ["SGD", "Momentum", "Adam"];

class Race extends Explorer {
  static title = "Race";
  static defaults = {
    surface: "bowl, κ = 50, turned by 30°", start: [2, 1],
    methods: Object.fromEntries(AT_FIRST.map((name) => [name, settingsOn("bowl, κ = 50, turned by 30°", name)])),
    noise: false, seed: 0, steps: STEPS, goal: 0.001,
  };

  accept({ surface, start, methods, noise, seed, steps, goal }) {
    if (!Object.hasOwn(RATES, surface) || !Array.isArray(start) || start.length !== 2) return null;
    const within = picture(SURFACES[surface]).every(([low, high], i) => start[i] >= low && start[i] <= high);
    const whole = (value, most) => Number.isInteger(value) && value >= 0 && value <= most;
    const known = acceptMethods(surface, methods);
    const fine = within && known && typeof noise === "boolean" && whole(seed, 2 ** 32 - 1) && whole(steps, MOST_STEPS);
    return fine && Math.abs(goal) <= MOST_GOAL ? { surface, start: [...start], methods: known, noise, seed, steps, goal } : null;
  }

  build() {
    this.rows = {};
    this.lanes = {};
    this.left = {}; // the settings of a method that was taken out
    this.story = h("p", { class: "dx-story" });
    const left = h("div", { class: "dx-ground" }, this.ground());
    const right = h("div", { class: "dx-side" }, this.losses(), this.walk(), this.conditions());
    const entrants = this.entrants();
    const settings = h("div", { class: "dx-lanes" }, ...METHODS.map((name) => this.lane(name)));
    return [this.head(), this.surfaces(), h("div", { class: "dx-halves" }, left, right), this.story, this.table(), entrants, settings];
  }

  // Whatever else changes, the play stops; another surface brings the rates that suit it.
  set(patch) {
    if (Object.keys(patch).some((name) => name !== "steps")) this.player?.stop();
    return super.set(patch);
  }

  // --- controls --------------------------------------------------------------------------------------

  surfaces() {
    const own = (surface) => {
      this.left = {};
      const methods = Object.fromEntries(Object.keys(this.state.methods).map((name) => [name, settingsOn(surface, name)]));
      return { start: SURFACES[surface].start, methods, goal: GOALS[surface] };
    };
    return this.choices("surface", "Surface", Object.keys(RATES), own);
  }

  entrants() {
    const one = (name) => {
      const box = h("input", { type: "checkbox", onchange: () => this.enter(name, box.checked) });
      this.lanes[name] = { box };
      return h("label", { class: `dx-entrant dx-mark-${LOOKS[name].hue}` }, box, key(LOOKS[name]), name);
    };
    return h("fieldset", { class: "dx-entrants" }, h("legend", {}, "Who runs"), ...METHODS.map(one));
  }

  enter(name, runs) {
    const { [name]: settings, ...others } = this.state.methods;
    if (settings) this.left[name] = settings;
    const entered = { [name]: this.left[name] ?? settingsOn(this.state.surface, name), ...others };
    this.set({ methods: runs ? entered : others });
    this.drawLanes(); // the last one stays in
  }

  lane(name) {
    const parts = flat(settingsOn(this.state.surface, name));
    const tracks = Object.keys(parts).map((setting) => this.track(name, setting));
    const lane = h("div", { class: "dx-lane", role: "group", "aria-label": name }, h("span", { class: "dx-lane-name" }, key(LOOKS[name]), name), ...tracks);
    Object.assign(this.lanes[name], { lane });
    return lane;
  }

  track(name, setting) {
    const [min, max] = TRACKS[setting] ?? FORGETS;
    const label = `${name}, ${NAMES[setting]} ${SYMBOLS[setting]}`;
    const change = (value) => this.set({ methods: { ...this.state.methods, [name]: nested({ ...flat(this.state.methods[name]), [setting]: value }) } });
    const slider = h("input", { type: "range", min, max, step: 0.02, "aria-label": label, oninput: () => change(fromTrack(setting, Number(slider.value))) });
    const typed = h("input", { type: "number", class: "dx-number", step: "any", min: 0, "aria-label": `${label}, as a number`,
      oninput: () => typed.value !== "" && change(Number(typed.value)) });
    this.lanes[name][setting] = { slider, typed };
    return h("div", { class: "dx-setting" }, h("span", { class: "dx-symbol", "aria-hidden": "true" }, SYMBOLS[setting]), typed, slider);
  }

  walk() {
    this.player = new Player({ label: "Step", go: (steps) => this.set({ steps }) });
    return this.player.element;
  }

  conditions() {
    this.noise = h("input", { type: "checkbox", onchange: () => this.set({ noise: this.noise.checked }) });
    const reseed = () => this.seed.value !== "" && this.set({ seed: Number(this.seed.value) });
    this.seed = h("input", { type: "number", class: "dx-number", min: 0, step: 1, oninput: reseed });
    const aim = () => this.goal.value !== "" && this.set({ goal: Number(this.goal.value) });
    this.goal = h("input", { type: "number", class: "dx-number", step: "any", oninput: aim });
    return h("div", { class: "dx-conditions" },
      h("label", {}, this.noise, "noisy gradients"), h("label", {}, "seed", this.seed), h("label", {}, "loss to reach", this.goal));
  }

  // --- pictures --------------------------------------------------------------------------------------

  ground() {
    const label = "Level lines of the surface, darker where it is lower, with the path of each method";
    this.plane = new Plane({ label, x: [0, 1], y: [0, 1], aspect: 1, xLabel: "x", yLabel: "y", margin: { left: 30 } });
    const { plane } = this;
    this.levels = plane.levels();
    this.stars = [0, 1, 2, 3].map(() => plane.text({ anchor: "middle", dy: 6, name: "dx-star" }));
    this.paths = METHODS.map((name) => plane.line({ width: 2, ...LOOKS[name] }));
    this.heads = METHODS.map((name) => marker(plane, { ...LOOKS[name], radius: 5.5 }));
    this.handle = plane.handle({ label: "Start", press: true, radius: 7, move: (point) => this.set({ start: point.map((entry) => Number(entry.toFixed(2))) }) });
    return plane.element;
  }

  losses() {
    const label = "The loss of each method at each step";
    this.chart = new LineChart({ label, xLabel: "step", yLabel: "loss", height: 250, series: METHODS.map((name) => LOOKS[name]) });
    return this.chart.element;
  }

  table() {
    const row = (name) => {
      const [loss, distance, reached] = ["loss", "distance", "reached"].map((part) => h("td", { class: `dx-${part}` }));
      const line = h("tr", {}, h("th", { scope: "row" }, key(LOOKS[name]), h("span", {}, name)), loss, distance, reached);
      this.rows[name] = { line, loss, distance, reached };
      return line;
    };
    this.aim = h("th", { scope: "col" });
    const head = h("tr", {}, h("th", { scope: "col" }, "Method"), h("th", { scope: "col" }, "Loss now"), h("th", { scope: "col" }, "To the minimum"), this.aim);
    return h("table", { class: "dx-numbers" }, h("thead", {}, head), h("tbody", {}, ...METHODS.map(row)));
  }

  // --- drawing ---------------------------------------------------------------------------------------

  summary() {
    return this.story.textContent;
  }

  draw() {
    const { surface: name, start, methods, noise, seed, steps, goal } = this.state;
    const surface = SURFACES[name];
    const asked = JSON.stringify([name, start, methods, noise, seed, goal]);
    if (asked !== this.asked) this.runs = race(name, start, methods, noise, seed, goal); // a step more needs none
    this.asked = asked;
    this.drawChoices();
    if (this.drawn !== name) this.drawGround(surface);
    this.drawn = name;
    this.player.draw(steps, MOST_STEPS);
    this.drawLanes();
    this.drawPaths();
    this.drawLosses(surface);
    this.drawWords(wordsOf(this.runs, surface, noise, steps, goal));
  }

  drawGround(surface) {
    const [x, y] = picture(surface);
    this.plane.view(x, y);
    this.levels.set(levelsOf(surface));
    this.stars.forEach((star, i) => star.set(surface.minima[i] ?? null, "★"));
  }

  drawLanes() {
    const { methods, noise, seed, goal } = this.state;
    this.noise.checked = noise;
    fill(this.seed, seed);
    fill(this.goal, goal);
    for (const [name, { box, lane, ...tracks }] of Object.entries(this.lanes)) {
      box.checked = name in methods;
      lane.hidden = !box.checked;
      for (const [setting, value] of Object.entries(flat(methods[name] ?? {}))) {
        fill(tracks[setting].typed, value);
        tracks[setting].slider.value = toTrack(setting, value);
        tracks[setting].slider.setAttribute("aria-valuetext", String(value));
      }
    }
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
    this.chart.draw({ x: [0, MOST_STEPS], y, log, curves, now: this.state.steps, level: this.state.goal, levelName: "to reach" });
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

  // --- links: methods:SGD~lr~0.03,Adam~lr~0.1~beta1~0.9~beta2~0.999 ----------------------------------------

  toText(part, value) {
    if (part !== "methods") return value;
    return Object.entries(value).map(([name, settings]) => [name, ...Object.entries(flat(settings)).flat()].join("~")).join(",");
  }

  fromPair([part, text]) {
    if (part === "noise") return [part, { true: true, false: false }[text]];
    if (part !== "methods") return super.fromPair([part, text]);
    const entries = decodeURIComponent(text).split(",").map((one) => {
      const [name, ...rest] = one.split("~");
      const pairs = rest.flatMap((word, i) => (i % 2 ? [] : [[word, Number(rest[i + 1])]]));
      return [name, nested(Object.fromEntries(pairs))];
    });
    return [part, Object.fromEntries(entries)];
  }
}

// The methods in their order, settings that are not given filled in; null if one is unknown or out of its range.
function acceptMethods(surface, given) {
  if (given === null || typeof given !== "object") return null;
  const entries = Object.keys(given).map((name) => {
    if (!Object.hasOwn(OWN, name)) return null;
    const settings = { ...settingsOn(surface, name), ...given[name] };
    const whole = flat(settings);
    const fine = Object.keys(settings).every((setting) => setting === "lr" || Object.hasOwn(OWN[name], setting))
      && Object.entries(whole).every(([setting, value]) => typeof value === "number" && between(value, LIMITS[setting] ?? SHARES));
    return fine ? [name, nested(whole)] : null;
  });
  if (!entries.length || entries.includes(null)) return null;
  return Object.fromEntries(entries.sort(([a], [b]) => METHODS.indexOf(a) - METHODS.indexOf(b)));
}

const between = (value, [low, high]) => value >= low && value <= high;

// The two betas as settings of their own, and back.
function flat({ betas, ...others }) {
  if (betas === undefined) return others;
  const [beta1, beta2] = Array.isArray(betas) && betas.length === 2 ? betas : [NaN, NaN];
  const { weight_decay, ...rest } = others;
  return { ...rest, beta1, beta2, ...(weight_decay === undefined ? {} : { weight_decay }) };
}

function nested({ beta1, beta2, weight_decay, ...others }) {
  const betas = beta1 === undefined && beta2 === undefined ? {} : { betas: [beta1, beta2] };
  return { ...others, ...betas, ...(weight_decay === undefined ? {} : { weight_decay }) };
}

function fromTrack(setting, at) {
  const power = rounded(10 ** at, 3);
  if (TRACKS[setting]) return power;
  return Number((1 - 10 ** -at).toFixed(4));
}

function toTrack(setting, value) {
  return TRACKS[setting] ? Math.log10(value || 1e-9) : -Math.log10(1 - value);
}

// What is being typed is left alone.
function fill(field, value) {
  if (field.value === "" || Number(field.value) !== value) field.value = value;
}

define("descent-race", Race);
