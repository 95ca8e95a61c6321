// <descent-slowness>: what descent and momentum have found of a picture after so many steps, and how far it is still.
import { define, Explorer, h, write } from "../shared/element.js";
import { Player } from "../shared/player.js";
import { DistanceChart } from "./distance-chart.js";
import { DEFAULTS, filmsOf, goalFrom, MOST_STEPS, numbersOf, SIDE } from "./slowness-numbers.js";
import { wordsOf } from "./slowness-words.js";

const MOMENTS = [0, 3, 10, 30, 100, 300];
const NAMES = { descent: ["Descent", "orange"], momentum: ["Momentum", "blue"] };

// What stands there at first is a still: the play begins with grey.
class Film extends Player {
  play() {
    if (this.step === this.still) this.go(0);
    return super.play();
  }
}

class Slowness extends Explorer {
  static title = "A picture, step by step";
  static defaults = DEFAULTS;

  accept({ steps }) {
    return Number.isInteger(steps) && steps >= 0 && steps <= MOST_STEPS ? { steps } : null;
  }

  build() {
    this.films = filmsOf(goalFrom(JSON.parse(this.dataset.pixels)));
    this.parts = { step: h("p", { class: "dx-at" }), story: h("p", { class: "dx-story" }) };
    this.canvases = {};
    const go = (steps) => super.set({ steps });
    this.player = Object.assign(new Film({ label: "Step", go }), { still: this.initial.steps });
    const curves = Object.fromEntries(Object.entries(this.films).map(([name, { left }]) => [name, left]));
    this.chart = new DistanceChart(curves, (steps) => this.player.to(steps));
    const moments = this.chips(
      "Steps to look at",
      MOMENTS.map((steps) => [String(steps), { steps }]),
    );
    return [
      this.head(this.parts.step),
      h("div", { class: "dx-films" }, ...Object.keys(NAMES).map((name) => this.film(name))),
      h("div", { class: "dx-controls" }, this.player.element, moments),
      this.chart.plane.element,
      this.chart.keys,
      this.parts.story,
    ];
  }

  film(name) {
    const [text, hue] = NAMES[name];
    this.canvases[name] = h("canvas", {
      width: SIDE,
      height: SIDE,
      role: "img",
      "aria-label": `What ${name} has found of the picture`,
    });
    this.parts[name] = h("span", {});
    const caption = h("figcaption", {}, h("b", {}, text), this.parts[name]);
    return h("figure", { class: `dx-film dx-mark-${hue}` }, this.canvases[name], caption);
  }

  // Whatever but the player moves the step, the play stops.
  set(patch) {
    this.player.stop();
    return super.set(patch);
  }

  summary() {
    return `${this.texts.now}. ${this.texts.story}`;
  }

  draw() {
    const { steps } = this.state;
    const numbers = numbersOf(this.films, this.state);
    this.texts = wordsOf(numbers);
    for (const [name, canvas] of Object.entries(this.canvases)) {
      canvas.getContext("2d").putImageData(new ImageData(this.films[name].frames[steps], SIDE), 0, 0);
    }
    this.player.draw(steps, MOST_STEPS);
    this.chart.draw(numbers, this.texts);
    for (const [name, part] of Object.entries(this.parts)) write(part, this.texts[name]);
  }
}

define("descent-slowness", Slowness);
