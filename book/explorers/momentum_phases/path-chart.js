// The path of each direction, x at each step from a start at 1.
import { h } from "../shared/element.js";
import { pathOf } from "../shared/heavy-ball.js";
import { Plane } from "../shared/plane.js";

export const STEPS = 50;

export class PathChart {
  constructor() {
    this.plane = new Plane({
      label: "x at each of 50 steps",
      x: [0, STEPS],
      y: [-1.1, 1.1],
      height: 190,
      ticks: [5, 4],
      grid: true,
      xLabel: "step",
      margin: { left: 34, right: 8 },
    });
    const { plane } = this;
    this.lines = {
      flat: plane.line({ hue: "purple", width: 2, dash: "6 4" }),
      steep: plane.line({ hue: "pink", width: 1.75 }),
    };
    this.beads = plane.dots({ hue: "pink", radius: 2.2 });
    this.element = h("div", {}, h("p", { class: "dx-over-title" }, "Position x, from rest at 1"), plane.element);
  }

  // The heights follow what diverges, up to ten times the start; there its line ends.
  draw(products, momentum) {
    const paths = Object.fromEntries(
      Object.entries(products).map(([name, p]) => [name, pathOf(p, momentum, STEPS).map((x, t) => [t, x])]),
    );
    const largest = Math.max(
      ...Object.values(paths)
        .flat()
        .map(([, x]) => Math.abs(x)),
    );
    const top = [1, 2, 5].find((height) => largest <= height) ?? 10;
    this.plane.view([0, STEPS], [-1.1 * top, 1.1 * top]);
    const seen = (path) => path?.slice(0, 1 + [...path, [0, Infinity]].findIndex(([, x]) => Math.abs(x) > 1.1 * top));
    for (const [name, line] of Object.entries(this.lines)) line.set(seen(paths[name]));
    this.beads.set(seen(paths.steep));
  }
}
