// The factor of a step, |r|, of each curvature, for both methods, the slowest of each ringed.
import { h } from "../shared/element.js";
import { factorOf } from "../shared/heavy-ball.js";
import { legend } from "../shared/legend.js";
import { Plane } from "../shared/plane.js";
import { colourOf } from "./band-chart.js";
import { COUNT } from "./error-numbers.js";

const FINE = 240; // places of a curve

export class FactorByCurvature {
  constructor() {
    this.low = -2; // the power of ten of the smallest curvature
    this.plane = new Plane({
      label: "The factor of a step of each curvature, from the smallest to the largest",
      x: [this.low, 0],
      y: [0, 1],
      aspect: (width) => (width < 380 ? 0.7 : 0.62),
      ticks: [3, 5],
      grid: true,
      namesOutside: true,
      xLabel: "curvature λ",
      xTicks: () => [this.low, this.low / 2, 0],
      xText: (x) => (x === 0 ? "1" : x === this.low ? "1/κ" : "1/√κ"),
      margin: { left: 34, right: 14, bottom: 38 },
    });
    const { plane } = this;
    this.one = plane.line({ hue: "muted", width: 1.25 });
    this.curves = {
      descent: plane.line({ hue: "orange", width: 1.75, dash: "6 4" }),
      yours: plane.line({ hue: "blue", width: 2.5 }),
    };
    this.dots = Array.from({ length: COUNT }, (_, i) => {
      const dot = plane.dot({ radius: 5, name: "dx-of-curvature" });
      dot.element.style.fill = colourOf(i);
      return dot;
    });
    this.rings = [plane.dot({ radius: 9, name: "dx-slowest" }), plane.dot({ radius: 9, name: "dx-slowest" })];
    this.word = plane.text({ hue: "ink", anchor: "end", dx: -4, dy: -6, name: "dx-limit" });
    this.element = h(
      "div",
      { class: "dx-factors" },
      h("p", { class: "dx-over-title" }, "Factor |r|: what a step keeps of the distance"),
      plane.element,
      legend(["line", "blue", "yours"], ["dash", "orange", "descent"], ["ring", "ink", "your slowest"]),
    );
  }

  draw({ descent, yours, curvatures }) {
    const { plane } = this;
    const low = (this.low = Math.log10(curvatures[0]));
    plane.view([1.04 * low, -0.04 * low], [-0.05, 1.15 * Math.min(2, Math.max(1, yours.factor))]);
    this.one.set(plane.x.map((end) => [end, 1]));
    this.word.set([plane.x[1], 1], "above 1: grows");
    const places = Array.from({ length: FINE + 1 }, (_, i) => low * (1.04 - (1.08 * i) / FINE));
    for (const [name, { lr, momentum }] of Object.entries({ descent, yours }))
      this.curves[name].set(places.map((x) => [x, factorOf(lr * 10 ** x, momentum)]));
    const points = curvatures.map((curvature, i) => [Math.log10(curvature), yours.factors[i]]);
    points.forEach((point, i) => this.dots[i].set(point));
    const ends = [points[0], points.at(-1)];
    ends.forEach((point, i) => this.rings[i].set(yours.factor - point[1] <= 1e-6 ? point : null));
  }
}
