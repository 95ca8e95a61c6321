// The velocity of each direction against its position: along a line or on a spiral into the rest at 0.
import { h } from "../shared/element.js";
import { pathOf } from "../shared/heavy-ball.js";
import { Plane } from "../shared/plane.js";
import { slopeOf, statesOf } from "./momentum-numbers.js";
import { STEPS } from "./path-chart.js";

const HUES = { flat: "purple", steep: "pink" };
const TOPS = { x: [1, 2, 5, 10], v: [0.1, 0.2, 0.5, 1, 2, 5, 10] };

export class VelocityChart {
  constructor() {
    this.plane = new Plane({
      label: "The velocity against x over 50 steps, with the rest at 0 and the line that each path comes in along",
      x: [-1.1, 1.1],
      y: [-1.1, 1.1],
      height: 212,
      ticks: [4, 4],
      grid: true,
      xLabel: "x",
      yLabel: "v = xₜ − xₜ₋₁",
      namesOutside: true,
      margin: { left: 34, right: 8, top: 22, bottom: 38 },
    });
    const { plane } = this;
    const each = (make) => Object.fromEntries(Object.entries(HUES).map(([name, hue]) => [name, make(name, hue)]));
    this.along = each((_, hue) => plane.line({ hue, width: 1, dash: "1 3" }));
    this.lines = each((name, hue) => plane.line({ hue, width: 2, dash: name === "flat" ? "6 4" : undefined }));
    this.beads = plane.dots({ hue: HUES.steep, radius: 2.2 });
    plane.dot({ hue: "ink", radius: 3.5, name: "dx-rest" }).set([0, 0]);
    this.element = h("div", {}, h("p", { class: "dx-over-title" }, "Velocity against position"), plane.element);
  }

  // Both ranges follow what diverges, up to ten times the start; there its line ends.
  draw(products, momentum) {
    const states = Object.fromEntries(
      Object.entries(products).map(([name, p]) => [name, statesOf(pathOf(p, momentum, STEPS))]),
    );
    const topOf = (tops, i) => {
      const largest = Math.max(...Object.values(states).flatMap((path) => path.map((state) => Math.abs(state[i]))));
      return 1.1 * (tops.find((top) => largest <= top) ?? tops.at(-1));
    };
    const [right, top] = [topOf(TOPS.x, 0), topOf(TOPS.v, 1)];
    this.plane.view([-right, right], [-top, top]);
    const outside = ([x, v]) => Math.abs(x) > right || Math.abs(v) > top;
    const seen = (path) => path?.slice(0, 1 + [...path, [Infinity, 0]].findIndex(outside));
    for (const name of Object.keys(HUES)) {
      this.lines[name].set(seen(states[name]));
      const slope = states[name] ? slopeOf(products[name], momentum) : null;
      this.along[name].set(slope === null ? null : [-right, right].map((x) => [x, slope * x]));
    }
    this.beads.set(seen(states.steep));
  }
}
