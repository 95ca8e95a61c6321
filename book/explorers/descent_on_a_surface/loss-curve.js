// The loss at each step: over powers of ten where it cannot be negative, else on a plain axis.
import { decadesAround, heightsOf, MOST_STEPS } from "../shared/ground.js";
import { Plane } from "../shared/plane.js";

export class LossCurve {
  constructor() {
    const draw = (logY) => {
      const plane = new Plane({
        label: "The loss at each step",
        x: [0, 50],
        y: [0.1, 1],
        height: 130,
        ticks: [4, 3],
        grid: true,
        margin: { left: 46, right: 8 },
        logY,
      });
      return { plane, line: plane.line({ hue: "orange", width: 1.75 }), dot: plane.dot({ hue: "orange", radius: 4 }) };
    };
    this.curves = { log: draw(true), linear: draw(false) };
    this.elements = Object.values(this.curves).map(({ plane }) => plane.element);
  }

  draw(surface, path) {
    const kind = surface.minima.length ? "log" : "linear";
    for (const [name, { plane }] of Object.entries(this.curves)) plane.element.hidden = name !== kind;
    const { plane, line, dot } = this.curves[kind];
    const losses = path.map(surface.f);
    const most = [50, 100, MOST_STEPS].find((count) => count >= path.length - 1);
    const [low, high] = kind === "log" ? decadesAround(losses) : heightsOf(surface);
    plane.view([0, most], [low, high]);
    const points = losses.map((loss, i) => [i, Math.max(low, Math.min(high, loss))]);
    line.set(points);
    dot.set(points.at(-1));
  }
}
