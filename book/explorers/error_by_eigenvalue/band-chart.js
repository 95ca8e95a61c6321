// The loss of one method over the steps, as a stack of bands, one a curvature: the flattest at the bottom. With noise also
// its two parts as lines, and the step from which on noise is the larger one.
import { h } from "../shared/element.js";
import { Plane } from "../shared/plane.js";
import { svg } from "../shared/ticks.js";
import { COUNT, SMALL } from "./error-numbers.js";

const LOWEST = 1e-4; // of a loss that is drawn
const RAMP = ["blue", "purple", "pink", "orange"]; // from the flattest to the steepest
const PALEST = 36; // per cent of paper in the steepest

// The colour of a curvature: lighter from step to step, so that it is told apart without its hue.
export function colourOf(i) {
  const place = (i / (COUNT - 1)) * (RAMP.length - 1);
  const from = Math.min(RAMP.length - 2, Math.floor(place));
  const hue = `color-mix(in oklab, var(--dx-${RAMP[from + 1]}) ${(100 * (place - from)).toFixed(0)}%, var(--dx-${RAMP[from]}))`;
  return `color-mix(in oklab, var(--dx-paper) ${((PALEST * i) / (COUNT - 1)).toFixed(0)}%, ${hue})`;
}

export class BandChart {
  // `look` gets the step under the hand.
  constructor(name, look) {
    this.plane = new Plane({
      label: `The loss at each step of ${name}, a band for each curvature, the smallest at the bottom`,
      x: [0, 100],
      y: [LOWEST, 2],
      aspect: (width) => (width > 420 ? 0.5 : 0.74),
      ticks: [4, 6],
      logY: true,
      xLabel: "step",
      namesOutside: true,
      margin: { left: 40, right: 8, bottom: 38 },
    });
    const { plane } = this;
    this.bands = Array.from({ length: COUNT }, (_, i) => band(plane, i));
    this.small = plane.line({ hue: "ink", width: 1, dash: "2 3" });
    this.percent = plane.text({ hue: "ink", anchor: "end", dx: -5, dy: -5, name: "dx-percent" });
    this.lines = ["transient", "fluctuation"].map((part) => [
      plane.line({ hue: "rule", width: 5, name: "dx-under" }),
      plane.line({ hue: "ink", width: 2, dash: part === "transient" ? "7 4" : "1.5 4" }),
    ]);
    this.takeover = [
      plane.line({ hue: "rule", width: 4, name: "dx-under" }),
      plane.line({ hue: "green", width: 2.25 }),
      plane.text({ hue: "green", dy: -8, name: "dx-takeover" }),
    ];
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
    this.title = h("p", { class: "dx-over-title" });
    this.element = h("div", { class: "dx-panel" }, this.title, plane.element);
  }

  draw({ parts, losses, transient, fluctuation, takeover, here }, { scale, steps, t, top, words }) {
    const { plane } = this;
    const shares = scale === "share";
    if (shares === Boolean(plane.options.logY)) {
      for (const mark of plane.marks) mark.set(null); // what they hold may have no place on the other axis
      plane.options.logY = !shares;
      plane.x = null; // so that the view is another one
    }
    plane.view([0, steps], shares ? [0, 1] : [LOWEST, top]);
    const below = losses.map(() => 0);
    this.bands.forEach((one, i) => {
      const lower = below.slice();
      parts[i].forEach((value, step) => (below[step] += shares ? value / losses[step] : value));
      one.set(lower, below.slice());
    });
    this.small.set(shares ? null : plane.x.map((end) => [end, SMALL]));
    this.percent.set(shares ? null : [steps, SMALL], "1 %");
    const seen = (values) => values.map((value, step) => [step, Math.max(LOWEST / 10, value)]);
    const noisy = !shares && fluctuation.at(-1) > 0;
    [transient, fluctuation].forEach((values, i) =>
      this.lines[i].forEach((line) => line.set(noisy ? seen(values) : null)),
    );
    const ends = plane.y.map((end) => [takeover, end]);
    const [under, line, text] = this.takeover;
    for (const one of [under, line]) one.set(takeover === null ? null : ends);
    const late = takeover > steps / 2;
    text.element.setAttribute("text-anchor", late ? "end" : "start");
    text.element.setAttribute("dx", late ? -5 : 5);
    text.set(takeover === null ? null : [takeover, plane.y[0]], `noise from ${takeover}`);
    this.cursor.set(plane.y.map((end) => [t, end]));
    const height = shares ? 0.5 : here ? Math.min(top, Math.max(LOWEST, here.loss)) : top;
    this.handle.set([t, height], words);
  }
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
