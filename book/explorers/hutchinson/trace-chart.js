// The estimate of the trace, probe by probe, in the band where it should lie; the number of probes under the hand.
import { h } from "../shared/element.js";
import { Plane } from "../shared/plane.js";
import { svg } from "../shared/ticks.js";
import { LEAST, MOST, WIDTHS } from "./hutchinson-numbers.js";

const COUNTS = Array.from({ length: MOST }, (_, i) => i + 1);
const NAMED = [1, 4, 16, 64, 256]; // from each to the next the error halves
const decade = (probes) => Math.log10(probes);

export class TraceChart {
  // `look` gets the number of probes under the hand.
  constructor(look) {
    this.plane = new Plane({
      label: "The estimate of the trace against the number of probes, in the band of two predicted standard errors",
      x: [decade(LEAST), decade(MOST)],
      y: [0, 72],
      aspect: (width) => (width < 420 ? 0.7 : 0.34),
      ticks: [5, 5],
      xLabel: "probes",
      xTicks: () => NAMED.map(decade),
      xText: (x) => String(Math.round(10 ** x)),
    });
    const { plane } = this;
    this.band = plane.mark(svg("path"), { hue: "blue", name: "dx-expected" }, (element, upper, lower) =>
      element.setAttribute("d", plane.d([...upper, ...lower.toReversed()], true)),
    );
    this.truth = plane.line({ hue: "ink", width: 1.25, dash: "5 4" });
    this.rest = plane.line({ hue: "orange", width: 1.25, name: "dx-rest" });
    this.path = plane.line({ hue: "orange", width: 2.25, name: "dx-path" });
    this.cursor = plane.line({ hue: "pink", width: 1 });
    this.handle = plane.handle({
      label: "Probes that count",
      hue: "pink",
      horizontal: true,
      press: true,
      unit: decade(2), // a key doubles or halves them
      radius: 7,
      move: ([x]) => look(Math.max(LEAST, Math.min(MOST, Math.round(10 ** x)))),
    });
    this.element = h(
      "div",
      {},
      h("p", { class: "dx-over-title" }, "Trace: the mean of zᵀAz over the probes so far"),
      plane.element,
    );
  }

  // `path` is the estimate at each count, `spread` that of one probe.
  draw(path, { truth, spread, probes, words }) {
    const { plane } = this;
    const room = spread > 0 ? 1.2 * WIDTHS * spread : 1;
    plane.view(plane.x, [truth - room, truth + room]);
    const edge = (sign) => COUNTS.map((k) => [decade(k), truth + (sign * WIDTHS * spread) / Math.sqrt(k)]);
    this.band.set(edge(1), edge(-1));
    this.truth.set(plane.x.map((end) => [end, truth]));
    const points = path.map((value, i) => [decade(i + 1), value]);
    this.path.set(points.slice(0, probes));
    this.rest.set(points.slice(probes - 1));
    this.cursor.set(plane.y.map((end) => [decade(probes), end]));
    const inside = Math.max(plane.y[0], Math.min(plane.y[1], path[probes - 1]));
    this.handle.set([decade(probes), inside], words);
  }
}
