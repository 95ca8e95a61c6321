// <descent-comparison>: a stored comparison of optimizers, by method, by rate, by epoch and by number of tries.

import { define, Explorer, h, write } from "../shared/element.js";
import { CHOSEN, DEFAULTS, numbersOf } from "./comparison-numbers.js";
import { wordsOf } from "./comparison-words.js";
import { ErrorsByEpoch } from "./errors-by-epoch.js";
import { ErrorsByRate } from "./errors-by-rate.js";
import { ErrorsByTries } from "./errors-by-tries.js";

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
    this.rates = new ErrorsByRate((rate) => this.set({ setting: rate }), setting);
    this.epochs = new ErrorsByEpoch();
    this.tries = new ErrorsByTries((tries) => this.set({ tries }));
    return [
      this.head(task),
      this.who,
      this.rates.element,
      this.epochs.element,
      this.story,
      this.facts(FACTS),
      this.tries.element,
    ];
  }

  draw() {
    const { state, methods } = this;
    const numbers = numbersOf(this.results, state);
    const texts = wordsOf(numbers);
    if (this.who.dataset.task !== state.task) {
      const all = Object.entries(methods).map(([name, { title }]) => [name, title]);
      this.who.replaceChildren(this.choices("method", "Method", all, (name) => this.fitting(this.state.task, name)));
      this.who.dataset.task = state.task;
    }
    this.drawChoices();
    this.rates.draw(methods, state, texts.handle);
    this.epochs.draw(this.results[state.task], state, texts.note);
    this.tries.draw(methods, state, numbers.ranked, texts);
    for (const [key, part] of Object.entries(this.parts)) write(part, texts[key]);
    write(this.story, texts.story);
  }
}

define("descent-comparison", Comparison);
