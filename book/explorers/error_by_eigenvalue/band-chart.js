// The loss of one method over the steps: on a linear axis as a stack of bands, one a curvature, the flattest at the bottom,
// since there heights add up; on a logarithmic one as lines. With noise also its two parts as lines, and the step from which
// on noise is the larger one.
import { h } from "../shared/element.js";
import { Plane } from "../shared/plane.js";
import { svg } from "../shared/ticks.js";
import { COUNT, SMALL } from "./error-numbers.js";

const LOWEST = 1e-4; // of a loss that is drawn
const RAMP = ["purple", "pink"]; // from the flattest to the steepest, as on the map of all pairs
const PALEST = 58; // per cent of paper in the steepest

// The colour of a curvature: lighter from step to step, so that it is told apart without its hue.
export function colourOf(i) {
  const place = (i / (COUNT - 1)) * (RAMP.length - 1);
  const from = Math.min(RAMP.length - 2, Math.floor(place));
  const hue = `color-mix(in oklab, var(--dx-${RAMP[from + 1]}) ${(100 * (place - from)).toFixed(0)}%, var(--dx-${RAMP[from]}))`;
  return `color-mix(in oklab, var(--dx-paper) ${((PALEST * i) / (COUNT - 1)).toFixed(0)}%, ${hue})`;
}

const VIEWED = {
  loss: "a band for each curvature, the smallest at the bottom",
  share: "the share of each curvature as a band, the smallest at the bottom, and the loss as a line",
  log: "on a logarithmic axis, a line for each curvature and one for their sum",
};

export class BandChart {
  // `look` gets the step under the hand.
  constructor(name, look) {
    this.name = name;
    this.plane = new Plane({
      label: "",
      x: [0, 100],
      y: [0, 1.05],
      aspect: (width) => (width > 420 ? 0.5 : 0.74),
      ticks: [4, 6],
      xLabel: "step",
      namesOutside: true,
      margin: { left: 40, right: 8, bottom: 38 },
    });
    const { plane } = this;
    this.bands = Array.from({ length: COUNT }, (_, i) => band(plane, i));
    this.curves = Array.from({ length: COUNT }, (_, i) => curve(plane, i));
    this.small = plane.line({ hue: "ink", width: 1, dash: "2 3" });
    this.percent = plane.text({ hue: "ink", anchor: "end", dx: -5, dy: -5, name: "dx-percent" });
    this.whole = ringed(plane, { hue: "ink", width: 2.5 });
    this.lines = ["7 4", "1.5 4"].map((dash) => ringed(plane, { hue: "ink", width: 2, dash }));
    this.takeover = ringed(plane, { hue: "green", width: 2.25 });
    this.from = plane.text({ hue: "green", dy: -8, name: "dx-takeover" });
    this.cursor = plane.line({ hue: "ink", width: 1 });
    this.handle = plane.handle({
      label: `Step of ${name}`,
      hue: "ink",
      horizontal: true,
      press: true,
      unit: 1,
      radius: 6,
      move: ([t]) => look(Math.round(t)),
    });
    this.title = h("p", { class: `dx-over-title dx-of-${name}` });
    this.element = h("div", { class: "dx-panel" }, this.title, plane.element);
  }

  draw(run, { scale, steps, t, top, words }) {
    const { plane } = this;
    const log = scale === "log";
    if (log !== Boolean(plane.options.logY)) {
      for (const mark of plane.marks) mark.set(null); // what they hold may have no place on the other axis
      plane.options.logY = log;
      plane.x = null; // so that the view is another one
    }
    plane.svg.setAttribute("aria-label", `The loss at each step of ${this.name}: ${VIEWED[scale]}`);
    plane.view([0, steps], [log ? LOWEST : 0, top]);
    this.drawParts(run, scale);
    this.small.set(log ? plane.x.map((end) => [end, SMALL]) : null);
    this.percent.set(log ? [steps, SMALL] : null, "1 %");
    this.drawNoise(run, scale, steps);
    this.cursor.set(plane.y.map((end) => [t, end]));
    const height = scale === "share" ? 0.5 : run.here ? Math.min(top, Math.max(plane.y[0], run.here.loss)) : top;
    this.handle.set([t, height], words);
  }

  drawParts({ parts, losses }, scale) {
    const below = losses.map(() => 0);
    this.bands.forEach((one, i) => {
      const lower = below.slice();
      parts[i].forEach((value, step) => (below[step] += scale === "share" ? value / losses[step] : value));
      if (scale === "log") one.set(null);
      else one.set(lower, below.slice());
    });
    this.curves.forEach((one, i) => one.set(scale === "log" ? seen(parts[i]) : null));
    for (const line of this.whole) line.set(scale === "loss" ? null : seen(losses));
  }

  drawNoise({ transient, fluctuation, takeover }, scale, steps) {
    const { plane } = this;
    const noisy = scale !== "share" && fluctuation.at(-1) > 0;
    [transient, fluctuation].forEach((values, i) => {
      for (const line of this.lines[i]) line.set(noisy ? seen(values) : null);
    });
    for (const one of this.takeover) one.set(takeover === null ? null : plane.y.map((end) => [takeover, end]));
    const text = this.from;
    const late = takeover > steps / 2;
    text.element.setAttribute("text-anchor", late ? "end" : "start");
    text.element.setAttribute("dx", late ? -5 : 5);
    text.set(takeover === null ? null : [takeover, plane.y[0]], `noise from ${takeover}`);
  }
}

// Heights as points, for either axis.
function seen(values) {
  return values.map((value, step) => [step, Math.max(LOWEST / 10, value)]);
}

// A line with a rim, to be seen on every ground.
function ringed(plane, { width, ...look }) {
  return [plane.line({ hue: "rule", width: width + 2.5, name: "dx-under" }), plane.line({ width, ...look })];
}

function curve(plane, i) {
  const line = plane.line({ width: 1.75 });
  line.element.style.stroke = colourOf(i);
  return line;
}

// A mark between two heights at each step.
function band(plane, i) {
  const path = svg("path");
  path.style.fill = colourOf(i);
  return plane.mark(path, { name: "dx-band" }, (element, lower, upper) => {
    const points = (values) => values.map((value, step) => [step, Math.max(value, plane.y[0] / 10)]);
    element.setAttribute("d", plane.d([...points(upper), ...points(lower).reverse()], true));
  });
}
