// Curves over a common axis, each told apart by its colour, its dashes and the shape of its marker; and the markers
// and the key by themselves, for other plots.
//
//   this.chart = new LineChart({ label: "The loss at each step", xLabel: "step", yLabel: "loss", height: 220,
//     series: [{ hue: "blue", dash: "6 3", shape: "square" }, ...] });   // also the options of a Plane
//   box.append(this.chart.element);
//   this.chart.draw({ x: [0, 200], y: [1e-6, 10], log: true, curves: [[[0, 5], [1, 3], ...], null, ...] });
//
// One curve for each series; null hides it. What else `draw` takes: `now`, an x up to which the curves are strong, with a
// marker on each there; `level`, a y that a line marks, with the word `levelName`. On a logarithmic axis what lies
// below the picture is drawn on its lower edge.
import { Plane } from "../shared/plane.js";
import { svg } from "../shared/ticks.js";

const turn = (count, radius, from = -90) =>
  Array.from({ length: count }, (_, i) => {
    const [angle, r] = [((from + (360 * i) / count) * Math.PI) / 180, radius[i % radius.length]];
    return [r * Math.cos(angle), r * Math.sin(angle)];
  });
const OUTLINES = {
  // around (0, 0), of about one area
  circle: turn(24, [1]),
  square: turn(4, [1.25], -45),
  triangle: turn(3, [1.5]),
  diamond: turn(4, [1.4]),
  wedge: turn(3, [1.5], 90),
  star: turn(10, [1.6, 0.7]),
  pentagon: turn(5, [1.2]),
  cross: turn(8, [1.5, 0.55], -45),
};

const outline = (shape, radius) =>
  `M${OUTLINES[shape].map((point) => point.map((entry) => (entry * radius).toFixed(1)).join(" ")).join("L")}Z`;

// A mark on a plane with one of `OUTLINES`: `set([x, y])`, or null to hide it.
export function marker(plane, { shape = "circle", radius = 5, ...look } = {}) {
  const path = svg("path", { d: outline(shape, radius) });
  return plane.mark(path, { ...look, name: `dx-dot ${look.name ?? ""}` }, (element, point) => {
    element.setAttribute(
      "transform",
      `translate(${plane
        .toPixels(point)
        .map((value) => value.toFixed(1))
        .join(" ")})`,
    );
  });
}

// What a curve looks like, to put beside its name.
export function key({ hue, dash, width = 2, shape }) {
  const line = svg("path", { d: "M1 7H35", class: "dx-line", "stroke-width": width, "stroke-dasharray": dash });
  const dot = shape ? svg("path", { d: outline(shape, 4.5), class: "dx-dot", transform: "translate(18 7)" }) : "";
  return svg(
    "svg",
    { class: `dx-curve-key dx-mark-${hue}`, viewBox: "0 0 36 14", width: 36, height: 14, "aria-hidden": "true" },
    line,
    dot,
  );
}

export class LineChart {
  constructor({ label, xLabel, yLabel, height = 200, series, margin = {}, ...options }) {
    this.plane = new Plane({
      label,
      x: [0, 1],
      y: [0.1, 1],
      height,
      xLabel,
      yLabel,
      namesOutside: true,
      grid: true,
      ticks: [4, 4],
      margin: { left: 46, right: 12, top: 22, bottom: 38, ...margin },
      ...options,
    });
    const { plane } = this;
    this.element = plane.element;
    this.level = plane.line({ hue: "muted", width: 1.25 });
    this.word = plane.text({ hue: "ink", anchor: "end", dx: -4, dy: -5 });
    this.now = plane.line({ hue: "muted", width: 1 });
    const curve = ({ hue, dash, width = 2 }, name) => plane.line({ hue, dash, width, name });
    this.later = series.map((look) => curve(look, "dx-later"));
    this.curves = series.map((look) => curve(look));
    this.markers = series.map(({ hue, shape }) => marker(plane, { hue, shape, radius: 4.5 }));
  }

  draw({ x, y, log = false, curves, now = x[1], level, levelName = "" }) {
    const { plane } = this;
    const inside = level != null && level >= y[0] && level <= y[1];
    if (log !== Boolean(plane.options.logY)) {
      for (const mark of plane.marks) mark.set(null); // what they hold may have no place on the other axis
      plane.options.logY = log;
      plane.x = null; // so that the view is another one
    }
    plane.view(x, y);
    this.level.set(
      inside
        ? [
            [x[0], level],
            [x[1], level],
          ]
        : null,
    );
    this.word.set(inside ? [x[1], level] : null, levelName);
    this.now.set(
      now < x[1]
        ? [
            [now, y[0]],
            [now, y[1]],
          ]
        : null,
    );
    curves.forEach((points, i) => {
      const held = points
        ?.map(([at, value]) => [at, log ? Math.max(y[0], value) : value])
        .filter(([, value]) => Number.isFinite(value));
      const here = held?.findLastIndex(([at]) => at <= now);
      this.later[i].set(held && here < held.length - 1 ? held.slice(Math.max(0, here)) : null);
      this.curves[i].set(held ? held.slice(0, here + 1) : null);
      this.markers[i].set(held?.[here] ?? null);
    });
  }
}
