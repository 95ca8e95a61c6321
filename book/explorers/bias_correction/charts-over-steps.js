// The charts of bias correction over the first steps: an average of the gradients, and the step that is made of both
// averages. Each shows plain and corrected values, with a cursor at step t.
import { h } from "../shared/element.js";
import { legend } from "../shared/legend.js";
import { Plane } from "../shared/plane.js";
import { STEPS } from "./bias-numbers.js";

const AVERAGES = {
  m: ["the gradients g and their average m", "m, average of g, after step t"],
  v: ["the squared gradients g² and their average v", "v, average of g², after step t"],
};

export class AverageChart {
  constructor(name) {
    const [what, title] = AVERAGES[name];
    this.name = name;
    this.plane = planeOverSteps({ label: `Thirty steps of ${what}`, y: [0, 1], aspect: 0.62 });
    const { plane } = this;
    this.zero = plane.line({ hue: "rule", width: 1 });
    this.cursor = plane.line({ hue: "pink", width: 1 });
    this.grads = plane.dots({ hue: "muted", radius: 2, name: "dx-grads" });
    this.truth = plane.line({ hue: "ink", width: 1.5, dash: "1 4" });
    this.raw = plane.line({ hue: "orange", width: 2.25, dash: "6 4" });
    this.hat = plane.line({ hue: "blue", width: 2.25 });
    this.here = [plane.dot({ hue: "orange", radius: 4.5 }), plane.dot({ hue: "blue", radius: 4.5 })];
    this.element = h("div", {}, h("p", { class: "dx-over-title" }, title), plane.element);
  }

  // `points` are averaged; `mean` is what they have in the long run.
  draw(run, points, mean, t) {
    const [raw, hat] = [run.map((one) => one[this.name]), run.map((one) => one[`${this.name}_hat`])];
    drawFrame(this, t, [...points, ...hat]);
    this.grads.set(from1(points));
    this.truth.set([
      [0, mean],
      [STEPS + 1, mean],
    ]);
    this.raw.set([[0, 0], ...from1(raw)]);
    this.hat.set(from1(hat));
    [raw, hat].forEach((values, i) => this.here[i].set([t, values[t - 1]]));
  }
}

export class StepChart {
  // `look` gets the step under the hand.
  constructor(look) {
    this.plane = planeOverSteps({
      label: "The step in units of the learning rate, with the correction and without",
      y: [0, 4],
      aspect: (width) => (width < 420 ? 0.6 : 0.3),
    });
    const { plane } = this;
    this.zero = plane.line({ hue: "rule", width: 1 });
    this.cursor = plane.line({ hue: "pink", width: 1 });
    this.raw = plane.line({ hue: "orange", width: 2.25, dash: "6 4" });
    this.hat = plane.line({ hue: "blue", width: 2.25 });
    this.here = plane.dot({ hue: "orange", radius: 4.5 });
    this.handle = plane.handle({
      label: "Step t",
      hue: "pink",
      horizontal: true,
      press: true,
      unit: 1,
      radius: 7,
      move: ([t]) => look(Math.max(1, Math.min(STEPS, Math.round(t)))),
    });
    const keys = legend(
      ["line", "blue", "with the correction, m̂/√v̂"],
      ["dash", "orange", "without it, m/√v"],
      ["dot", "pink", "step t: drag it"],
    );
    this.element = h(
      "div",
      { class: "dx-lengths" },
      h("p", { class: "dx-over-title" }, "Step t, in units of lr"),
      plane.element,
      keys,
    );
  }

  draw(run, t, texts) {
    const [raw, hat] = [run.map(({ raw_step }) => raw_step), run.map(({ step }) => step)];
    drawFrame(this, t, [...raw, ...hat]);
    this.raw.set(from1(raw));
    this.hat.set(from1(hat));
    this.here.set([t, raw[t - 1]]);
    this.handle.set([t, hat[t - 1]], `t = ${t}: ${texts.step} with the correction, ${texts.raw_step} without`);
  }
}

function planeOverSteps(options) {
  return new Plane({ x: [0, STEPS + 0.5], ticks: [6, 4], margin: { left: 34 }, ...options });
}

// Heights that hold 0 and all the values, with some room; the line of 0 and the cursor.
function drawFrame({ plane, zero, cursor }, t, values) {
  const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
  const room = 0.08 * (high - low);
  const y = [low < 0 ? low - room : 0, high + room];
  plane.view(plane.x, y);
  zero.set([
    [0, 0],
    [STEPS + 1, 0],
  ]);
  cursor.set(y.map((end) => [t, end]));
}

function from1(values) {
  return values.map((value, i) => [i + 1, value]);
}
