// <descent-comparison>: a stored comparison of optimizers, by method, by rate, by epoch and by number of tries.

import { define, Explorer, h, write } from "../shared/element.js";
import { legend } from "../shared/legend.js";
import { Plane } from "../shared/plane.js";
import { oneTwoFives, ticksOf } from "../shared/ticks.js";
import { crosses, names, ring } from "./comparison-marks.js";
import { CHOSEN, DEFAULTS, numbersOf, ranking, rowOf } from "./comparison-numbers.js";
import { wordsOf } from "./comparison-words.js";

const LEAST_ERROR = 0.01; // per cent: what is drawn where nothing was wrong, on an axis of powers of ten
const KEY = 0.35; // of a decade: neighbouring rates are a factor of 2 or 2.5 apart
const EDGES = { left: 36, right: 70, top: 14, bottom: 38 };
const FACTS = [
  ["rate", "Rate"],
  ["validation", "Validation accuracy"],
  ["test", "Test accuracy"],
  ["to_best", "To the best row"],
  ["published", "Published accuracy"],
  ["place", "Place at these tries"],
];

class Comparison extends Explorer {
  static title = "The comparison";
  static defaults = { task: "", method: "", setting: CHOSEN, tries: 1 };

  // What is given once and never changes: task → by `compact` of compact.py.
  get results() {
    return (this.given ??= JSON.parse(this.dataset.results));
  }

  get methods() {
    return this.results[this.state.task].methods;
  }

  get mine() {
    return this.methods[this.state.method];
  }

  accept({ task, method, setting, tries }) {
    if (!Object.hasOwn(this.results, task) || !Object.hasOwn(this.results[task].methods, method)) return null;
    const { rates, chosen } = this.results[task].methods[method];
    const fine =
      [CHOSEN, DEFAULTS, ...rates].includes(setting) && Number.isInteger(tries) && tries >= 1 && tries <= rates.length;
    return fine ? { task, method, setting: setting === chosen.lr ? CHOSEN : setting, tries } : null;
  }

  // What of the state stays with another method: a rate that it has not tried gives way to its chosen one.
  fitting(task, method) {
    const { methods } = this.results[task];
    const name = Object.hasOwn(methods, method) ? method : Object.keys(methods)[0];
    const { rates } = methods[name];
    const { setting, tries } = this.state;
    return {
      method: name,
      setting: [CHOSEN, DEFAULTS, ...rates].includes(setting) ? setting : CHOSEN,
      tries: Math.min(tries, rates.length),
    };
  }

  fromPair([key, text]) {
    const [name, value] = super.fromPair([key, text]);
    return [name, name === "setting" && value !== CHOSEN && value !== DEFAULTS ? Number(value) : value];
  }

  build() {
    this.parts = {};
    this.story = h("p", { class: "dx-story" });
    this.who = h("div", { class: "dx-who" });
    const tasks = Object.entries(this.results).map(([task, { title }]) => [task, title]);
    const task = this.choices("task", "Task", tasks, (value) => this.fitting(value, this.state.method));
    const setting = this.choices("setting", "Rate", [
      [CHOSEN, "chosen rate"],
      [DEFAULTS, "torch's defaults"],
    ]);
    return [
      this.head(task),
      this.who,
      this.rateChart(setting),
      this.epochChart(),
      this.story,
      this.facts(FACTS),
      this.triesChart(),
    ];
  }

  // --- pictures --------------------------------------------------------------------------------------

  plane(options) {
    return new Plane({
      x: [0, 1],
      y: [1, 100],
      logY: true,
      yTicks: oneTwoFives,
      aspect: (width) => (width < 420 ? 0.8 : 0.38),
      margin: EDGES,
      grid: true,
      namesOutside: true,
      ...options,
    });
  }

  rateChart(beside) {
    const plane = this.plane({
      label: "Validation error at each rate that was tried",
      xTicks: wholeOf,
      xText: rateText,
      xLabel: "peak learning rate",
    });
    this.rates = {
      plane,
      cursor: plane.line({ hue: "pink", width: 1 }),
      others: plane.line({ hue: "muted", width: 1, name: "dx-others" }),
      line: plane.line({ hue: "blue", width: 2.5 }),
      otherCrosses: crosses(plane, { hue: "muted" }),
      otherDots: plane.dots({ hue: "muted", radius: 2 }),
      dots: plane.dots({ hue: "blue", radius: 4 }),
      crosses: crosses(plane, { hue: "blue" }),
      winner: ring(plane, { hue: "ink" }),
      names: names(plane),
    };
    this.rateHandle = plane.handle({
      label: "Rate",
      hue: "pink",
      horizontal: true,
      press: true,
      unit: KEY,
      radius: 6,
      move: ([x]) => this.set({ setting: this.nearest(x) }),
    });
    const keys = legend(
      ["ring", "ink", "the rate that won"],
      ["cross", "blue", "diverged: counts as a guess"],
      ["dot", "pink", "rate looked at: drag it"],
    );
    return h(
      "div",
      { class: "dx-panel" },
      title("Validation error at each rate that was tried, %", beside),
      plane.element,
      keys,
    );
  }

  epochChart() {
    const plane = this.plane({
      label: "Test error after each epoch of the final runs",
      xTicks: (x, count) => ticksOf(x, count).filter(Number.isInteger),
      xLabel: "epoch",
    });
    this.epochs = {
      plane,
      others: plane.line({ hue: "muted", width: 1, name: "dx-others" }),
      band: plane.line({ hue: "blue", width: 0, fill: true, name: "dx-band" }),
      seeds: plane.line({ hue: "blue", width: 0.75, name: "dx-seeds" }),
      less: plane.line({ hue: "blue", width: 1.75, dash: "6 4" }),
      line: plane.line({ hue: "blue", width: 2.5 }),
      reported: plane.dot({ hue: "blue", radius: 4.5 }),
      names: names(plane),
    };
    this.keys = h("div");
    this.note = h("p", { class: "dx-note" });
    return h(
      "div",
      { class: "dx-panel" },
      title("Test error after each epoch of the final runs, %"),
      plane.element,
      this.keys,
      this.note,
    );
  }

  triesChart() {
    const plane = this.plane({
      label: "Expected validation error of the best of so many rates, drawn at random",
      aspect: (width) => (width < 320 ? 1 : 0.75),
      xTicks: (x, count) => ticksOf(x, count).filter(Number.isInteger),
      ticks: [8, 4],
      xLabel: "rates tried",
    });
    this.tries = {
      plane,
      cursor: plane.line({ hue: "pink", width: 1 }),
      others: plane.line({ hue: "muted", width: 1, name: "dx-others" }),
      line: plane.line({ hue: "blue", width: 2.5 }),
      names: names(plane),
    };
    this.triesHandle = plane.handle({
      label: "Tries",
      hue: "pink",
      horizontal: true,
      press: true,
      unit: 1,
      radius: 6,
      move: ([x]) => this.set({ tries: Math.max(1, Math.min(this.mine.rates.length, Math.round(x))) }),
    });
    this.ranks = h("tbody");
    this.tried = h("caption");
    const heads = ["Method", "expected best accuracy"].map((text) => h("th", { scope: "col" }, text));
    const table = h("table", { class: "dx-numbers" }, this.tried, h("thead", {}, h("tr", {}, ...heads)), this.ranks);
    return h(
      "div",
      { class: "dx-panel" },
      title("Who wins at which budget: expected validation error of the best rate, %"),
      h("div", { class: "dx-lower" }, plane.element, table),
    );
  }

  nearest(x) {
    const far = (rate) => Math.abs(Math.log10(rate) - x);
    return this.mine.rates.reduce((best, rate) => (far(rate) < far(best) ? rate : best));
  }

  // --- drawing ---------------------------------------------------------------------------------------

  draw() {
    const { task } = this.state;
    const numbers = numbersOf(this.results, this.state);
    const texts = wordsOf(numbers);
    if (this.who.dataset.task !== task) {
      const all = Object.entries(this.methods).map(([name, { title: text }]) => [name, text]);
      this.who.replaceChildren(this.choices("method", "Method", all, (name) => this.fitting(this.state.task, name)));
      this.who.dataset.task = task;
    }
    this.drawChoices();
    this.drawRates(texts);
    this.drawEpochs();
    this.drawTries(numbers, texts);
    for (const [key, part] of Object.entries(this.parts)) write(part, texts[key]);
    write(this.note, texts.note);
    write(this.story, texts.story);
  }

  // Each other method's points, and the name at the end of every line.
  parted(pointsOf) {
    const named = Object.entries(this.methods).map(([name, method]) => ({
      name,
      points: pointsOf(method, name),
      text: method.title,
      strong: name === this.state.method,
    }));
    const labels = named.map(({ points, text, strong }) => ({ point: points.at(-1), text, strong }));
    return [
      named.filter(({ strong }) => !strong).map(({ points }) => points),
      named.find(({ strong }) => strong).points,
      labels,
    ];
  }

  drawRates(texts) {
    const { plane, ...marks } = this.rates;
    const points = ({ rates, trials }) => rates.map((rate, i) => [Math.log10(rate), errorOf(trials[i][0])]);
    const fate = (method, fell) => points(method).filter((_, i) => method.trials[i][1] === fell);
    const others = Object.values(this.methods).filter((method) => method !== this.mine);
    const [lines, line, labels] = this.parted(points);
    const all = [...lines, line].flat();
    const { rates, chosen, defaults } = this.mine;
    const at = Math.log10(rowOf(this.mine, this.state.setting)?.lr ?? this.state.setting);
    const xs = [...all.map(([x]) => x), Math.log10(defaults.lr)];
    const y = [Math.min(...all.map(([, error]) => error)) / 1.4, 100];
    plane.view([Math.min(...xs) - 0.15, Math.max(...xs) + 0.15], y);
    marks.cursor.set([
      [at, y[0]],
      [at, y[1]],
    ]);
    marks.others.set(lines);
    marks.line.set(line);
    marks.otherDots.set(others.flatMap((method) => fate(method, false)));
    marks.otherCrosses.set(others.flatMap((method) => fate(method, true)));
    marks.dots.set(fate(this.mine, false));
    marks.crosses.set(fate(this.mine, true));
    marks.winner.set(line[rates.indexOf(chosen.lr)]);
    marks.names.set(labels);
    const trial = this.state.setting === DEFAULTS ? -1 : line.findIndex(([x]) => x === at);
    this.rateHandle.set(line[trial] ?? [at, y[0]], texts.handle);
  }

  drawEpochs() {
    const { plane, ...marks } = this.epochs;
    const { setting } = this.state;
    const row = rowOf(this.mine, setting);
    const means = (method, which) => method[which].epochs.map(([mean], i) => [i + 1, errorOf(mean)]);
    const [shown, less] = setting === DEFAULTS ? [DEFAULTS, CHOSEN] : [CHOSEN, DEFAULTS];
    const [lines, , labels] = this.parted((method) => means(method, method === this.mine ? shown : CHOSEN));
    const seeds = row ? row.accuracies.map((after) => after.map((accuracy, i) => [i + 1, errorOf(accuracy)])) : [];
    const edge = (sign) => row.epochs.map(([mean, half], i) => [i + 1, errorOf(Math.max(0, mean + sign * half))]);
    const band = row ? [...edge(1), ...edge(-1).reverse()] : null;
    const errors = [...lines, ...seeds, means(this.mine, CHOSEN), means(this.mine, DEFAULTS)]
      .flat()
      .map(([, error]) => error);
    const last = this.mine.chosen.epochs.length;
    plane.view(last > 1 ? [1, last] : [0.5, 1.5], [
      Math.min(...errors) / 1.15,
      Math.min(100, Math.max(...errors) * 1.15),
    ]);
    marks.others.set(lines);
    marks.band.set(band);
    marks.seeds.set(seeds.length ? seeds : null);
    marks.line.set(row ? means(this.mine, shown) : null);
    marks.reported.set(row ? means(this.mine, shown).at(-1) : null);
    marks.less.set(row ? means(this.mine, less) : [means(this.mine, CHOSEN), means(this.mine, DEFAULTS)]);
    marks.names.set([...labels, { point: means(this.mine, less).at(-1), text: less }]);
    this.drawKeys(row && shown);
  }

  drawKeys(shown) {
    const { level } = this.results[this.state.task];
    const kinds = { [CHOSEN]: "chosen rate", [DEFAULTS]: "torch's defaults" };
    const bold = [["line", "blue", `${kinds[shown]}: mean, ${Math.round(100 * level)} % interval, each seed`]];
    const dashed = Object.keys(kinds)
      .filter((kind) => kind !== shown)
      .map((kind) => kinds[kind])
      .join("; ");
    this.keys.replaceChildren(
      legend(...(shown ? bold : []), ["dash", "blue", dashed], ["line", "muted", "others at their chosen rate"]),
    );
  }

  drawTries({ title: mine, tries, ranked }, texts) {
    const { plane, ...marks } = this.tries;
    const most = this.mine.rates.length;
    const rankings = Array.from({ length: most }, (_, i) => Object.fromEntries(ranking(this.methods, i + 1)));
    const [lines, line, labels] = this.parted((_, name) => rankings.map((best, i) => [i + 1, errorOf(best[name])]));
    const errors = [...lines, line].flat().map(([, error]) => error);
    const y = [Math.min(...errors) / 1.15, Math.min(100, Math.max(...errors) * 1.15)];
    plane.view(most > 1 ? [1, most] : [0.5, 1.5], y);
    marks.cursor.set([
      [tries, y[0]],
      [tries, y[1]],
    ]);
    marks.others.set(lines);
    marks.line.set(line);
    marks.names.set(labels);
    this.triesHandle.set(line[tries - 1], texts.slider);
    write(this.tried, texts.tried);
    const one = ([name], i) =>
      h(
        "tr",
        { class: name === mine ? "dx-truth" : "" },
        h("th", { scope: "row" }, `${i + 1}. ${name}`),
        h("td", {}, texts.best[i]),
      );
    this.ranks.replaceChildren(...ranked.map(one));
  }
}

const errorOf = (accuracy) => Math.max(LEAST_ERROR, 100 - accuracy);

// The powers of ten between the ends, as exponents.
function wholeOf([low, high]) {
  return ticksOf([low, high], Math.ceil(high - low)).filter(Number.isInteger);
}

function rateText(power) {
  return power < -2 ? `10⁻${"⁰¹²³⁴⁵⁶⁷⁸⁹"[-power]}` : String(Number(`1e${power}`));
}

function title(text, ...beside) {
  return h("div", { class: "dx-over" }, h("p", { class: "dx-over-title" }, text), ...beside);
}

define("descent-comparison", Comparison);
