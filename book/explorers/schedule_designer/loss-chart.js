// The expected loss before each step: its two parts, their sum, and that of the constant rate.
import { h } from "../shared/element.js";
import { legend } from "../shared/legend.js";
import { Plane } from "../shared/plane.js";
import { expectedOf } from "./schedule-numbers.js";

export class LossChart {
  constructor() {
    this.plane = new Plane({
      label: "The expected loss before each step, under this schedule and under the constant rate",
      x: [0, 400],
      y: [0.001, 100],
      logY: true,
      aspect: (width) => (width < 420 ? 0.65 : 0.36),
      ticks: [6, 5],
      margin: { left: 46 },
      grid: true,
    });
    const { plane } = this;
    this.cursor = plane.line({ hue: "pink", width: 1 });
    this.noise = plane.line({ hue: "orange", width: 1.5, dash: "2 3" });
    this.start = plane.line({ hue: "green", width: 1.5, dash: "8 3" });
    this.steady = plane.line({ hue: "muted", width: 1.75, dash: "6 4" });
    this.line = plane.line({ hue: "blue", width: 2.5 });
    this.here = plane.dot({ hue: "blue", radius: 4.5 });
    const keys = legend(
      ["line", "blue", "this schedule"],
      ["dash", "green", "left of the start"],
      ["dash", "orange", "noise"],
      ["dash", "muted", "constant rate"],
    );
    keys.children[2].classList.add("dx-key-dotted");
    this.element = h(
      "div",
      { class: "dx-loss" },
      h(
        "p",
        { class: "dx-over-title" },
        "Expected loss before each step: SGD on ½(x₁² + 0.02 x₂²) from (10, 10), gradient noise σ = 1",
      ),
      plane.element,
      keys,
    );
  }

  draw(rates, { total_steps, lr, t }) {
    const parts = expectedOf(rates);
    const losses = parts.map(together);
    const plain = expectedOf(rates.map(() => lr)).map(together);
    const [low, high] = [Math.min(...losses, ...plain) / 5, Math.max(...losses, ...plain) * 1.6];
    this.plane.view([0, total_steps], [low, high]);
    this.cursor.set([
      [t, low],
      [t, high],
    ]);
    this.start.set(from0(parts.map(([start]) => start)));
    this.noise.set(from0(parts.map(([, noise]) => noise)).slice(1));
    this.steady.set(from0(plain));
    this.line.set(from0(losses));
    this.here.set([t, losses[t]]);
  }
}

function together([start, noise]) {
  return start + noise;
}

function from0(values) {
  return values.map((value, t) => [t, value]);
}
