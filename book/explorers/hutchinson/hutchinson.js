// <descent-hutchinson>: random probes of a matrix are added, and the estimates of its trace and its diagonal settle.
import { define, Explorer, h, write } from "../shared/element.js";
import { legend } from "../shared/legend.js";
import { isSeed } from "../shared/noise.js";
import { Playback } from "../shared/playback.js";
import { ScaledSlider } from "../shared/scaled-slider.js";
import { SeedButton } from "../shared/seed.js";
import { DiagonalChart } from "./diagonal-chart.js";
import { BLOCKS, DEFAULTS, KINDS, LIMITS, numbersOf, productsOf, spreadOf, traceOver } from "./hutchinson-numbers.js";
import { wordsOf } from "./hutchinson-words.js";
import { TraceChart } from "./trace-chart.js";

const SLIDERS = {
  coupling: ["Coupling", "even"],
  probes: ["Probes", "whole"],
};
const NAMES = { signs: "signs ±1", normal: "normal" };
const FACTS = [
  ["trace", "Trace, estimated"],
  ["error", "its predicted standard error"],
  ["distance", "Diagonal, off by (root mean square)"],
  ["predicted", "predicted"],
  ["random", "of this by chance"],
  ["stays", "by averaging, for good"],
];

class Play extends Playback {
  constructor(go) {
    super(go);
    const one = (text, act) => h("button", { type: "button", class: "dx-button", onclick: act }, text);
    this.button = one("Add probes", () => (this.running ? this.stop() : this.play()));
    this.next = one("One more", () => this.to(this.step + 1));
    this.element = h("div", { class: "dx-play" }, this.button, this.next);
  }

  show() {
    write(this.button, this.running ? "Pause" : "Add probes");
    this.next.disabled = this.step >= this.end;
  }
}

class Hutchinson extends Explorer {
  static title = "Hutchinson's probes";
  static defaults = DEFAULTS;

  accept({ coupling, kind, block, probes, seed }) {
    const state = { coupling, kind, block: Number(block), probes, seed };
    const inside = Object.entries(LIMITS).every(([name, [low, high]]) => state[name] >= low && state[name] <= high);
    const known = KINDS.includes(kind) && BLOCKS.includes(state.block);
    return inside && known && Number.isInteger(probes) && isSeed(seed) ? state : null;
  }

  build() {
    this.parts = {};
    this.story = h("p", { class: "dx-story" });
    const add = (probes) => this.set({ probes: Math.max(LIMITS.probes[0], probes) });
    this.play = new Play(add);
    this.trace = new TraceChart((probes) => this.play.to(probes));
    this.diagonal = new DiagonalChart();
    this.seed = new SeedButton("New probes", (seed) => this.set({ seed }));
    return [
      this.head(
        this.choices(
          "kind",
          "Entries of a probe",
          KINDS.map((kind) => [kind, NAMES[kind]]),
        ),
      ),
      this.controls(),
      this.diagonal.element,
      this.trace.element,
      legend(
        ["line", "orange", "estimate"],
        ["line", "blue", "two predicted standard errors"],
        ["dash", "ink", "true trace"],
        ["dot", "muted", "true diagonal"],
      ),
      this.story,
      this.facts(FACTS),
    ];
  }

  controls() {
    const one = ([key, [name, scale]]) => {
      const [low, high] = LIMITS[key];
      const id = `dx-${key}-${this.number}`;
      const change = (value) => {
        this.play.stop();
        this.set({ [key]: value });
      };
      return [key, new ScaledSlider({ name, id, low, high, scale }, change)];
    };
    this.sliders = Object.fromEntries(Object.entries(SLIDERS).map(one));
    const rows = Object.values(this.sliders).map(({ row }) => h("div", { class: "dx-control" }, ...row));
    const blocks = h(
      "div",
      { class: "dx-blocks" },
      h("span", {}, "Diagonal averaged over"),
      this.choices(
        "block",
        "Entries that share a mean",
        BLOCKS.map((block) => [String(block)]),
      ),
    );
    const buttons = h("div", { class: "dx-buttons" }, this.play.element, this.seed.element);
    return h("div", { class: "dx-top" }, h("div", { class: "dx-controls" }, ...rows), buttons, blocks);
  }

  draw() {
    const { state } = this;
    const numbers = numbersOf(state);
    const texts = wordsOf(numbers, state);
    this.drawControls();
    this.trace.draw(traceOver(productsOf(state)), {
      truth: numbers.true_trace,
      spread: spreadOf(state).trace,
      probes: state.probes,
      words: `${state.probes} probes: the trace is ${texts.trace}`,
    });
    this.diagonal.draw(numbers);
    for (const [key, part] of Object.entries(this.parts)) write(part, texts[key]);
    write(this.story, texts.story);
  }

  drawControls() {
    for (const { dataset, elements } of this.querySelectorAll(".dx-choices")) {
      for (const input of elements) input.checked = input.value === String(this.state[dataset.key]);
    }
    for (const [key, slider] of Object.entries(this.sliders)) slider.draw(this.state[key]);
    this.seed.draw(this.state.seed);
    this.play.draw(this.state.probes, LIMITS.probes[1]);
  }
}

define("descent-hutchinson", Hutchinson);
