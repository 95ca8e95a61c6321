// The promised and the real drop against the radius, with a handle on the radius.
import { h } from "../shared/element.js";
import { Plane } from "../shared/plane.js";
import { drops, LIMITS, longestOf } from "./trust-numbers.js";

export class DropChart {
  constructor(choose) {
    this.plane = new Plane({
      label: "The promised and the real drop of f against the radius",
      x: [0, 1],
      y: [-1, 1],
      aspect: 0.78,
      ticks: [4, 5],
      margin: { left: 44, top: 22 },
      xLabel: "radius Δ",
      yLabel: "drop of f",
      namesOutside: true,
    });
    this.plane.margin.bottom = 38;
    const { plane } = this;
    this.zero = plane.line({ hue: "rule", width: 1 });
    this.now = plane.line({ hue: "muted", width: 1, dash: "2 3" });
    this.real = plane.line({ hue: "ink", width: 2.5 });
    this.promised = plane.line({ hue: "purple", width: 2, dash: "7 4" });
    this.dots = { real: plane.dot({ hue: "ink", radius: 4.5 }), promised: plane.dot({ hue: "purple", radius: 4.5 }) };
    this.handle = plane.handle({
      label: "Radius, on its axis",
      hue: "orange",
      horizontal: true,
      press: true,
      move: ([x]) => choose(Number(Math.max(LIMITS[0], x).toFixed(2))),
    });
    this.element = h(
      "div",
      { class: "dx-drops" },
      h("p", { class: "dx-over-title" }, "Promise and truth"),
      plane.element,
    );
  }

  draw(state, { predicted, real }) {
    const longest = longestOf(state.surface);
    const key = JSON.stringify([state.surface, state.start]);
    if (this.drawn !== key) this.curves = drops(state, longest);
    this.drawn = key;
    const { plane, curves } = this;
    const best = Math.max(...curves.map(([, , drop]) => drop));
    const top = 1.3 * (best > 0 ? best : Math.max(...curves.map(([, promise]) => promise))) || 1;
    plane.view([0, longest], [-top, top]);
    this.zero.set([
      [0, 0],
      [longest, 0],
    ]);
    this.real.set([[0, 0], ...curves.map(([radius, , drop]) => [radius, drop])]);
    this.promised.set([[0, 0], ...curves.map(([radius, promise]) => [radius, promise])]);
    const shown = state.radius <= longest;
    const at = Math.min(state.radius, longest);
    this.now.set([
      [at, -top],
      [at, top],
    ]);
    this.dots.real.set(shown ? [at, real] : null);
    this.dots.promised.set(shown ? [at, predicted] : null);
    this.handle.set([at, -top], `Δ ${state.radius}`);
  }
}
