// The distance that is left against the step, for both; the step under the hand, and where descent is as near.
import { legend } from "../shared/legend.js";
import { Plane } from "../shared/plane.js";
import { MOST_STEPS } from "./slowness-numbers.js";

const ROOM = 30; // steps between which there is room for a word
const HUES = { descent: "orange", momentum: "blue" };

export class DistanceChart {
  // `curves` are the shares left at each step; `look` gets the step under the hand.
  constructor(curves, look) {
    const points = (left) => left.map((share, t) => [t, 100 * share]);
    this.curves = Object.fromEntries(Object.entries(curves).map(([name, left]) => [name, points(left)]));
    const highest = Math.max(...Object.values(curves).flat());
    this.plane = new Plane({
      label: "The distance left against the step, of descent and of momentum",
      x: [0, MOST_STEPS],
      y: [0, 104 * highest],
      aspect: (width) => (width < 420 ? 0.5 : 0.24),
      ticks: [6, 4],
      grid: true,
      xLabel: "step",
      yLabel: "% of the distance left",
      namesOutside: true,
      margin: { left: 32, right: 12, top: 22, bottom: 38 },
    });
    const { plane } = this;
    const each = (make) => Object.fromEntries(Object.entries(HUES).map(([name, hue]) => [name, make(hue)]));
    this.whole = each((hue) => plane.line({ hue, name: "dx-later" }));
    this.cursor = plane.line({ hue: "pink", width: 1 });
    this.bridge = plane.line({ hue: "ink", width: 1.5, dash: "3 4" });
    this.times = plane.text({ hue: "ink", anchor: "middle", dy: 16 });
    this.taken = each((hue) => plane.line({ hue, width: 2.75 }));
    this.there = plane.dot({ hue: "orange", radius: 4.5 });
    this.here = plane.dot({ hue: "orange", radius: 4.5 });
    this.handle = plane.handle({
      label: "Step on the curve",
      hue: "pink",
      horizontal: true,
      press: true,
      unit: 1,
      radius: 7,
      move: ([t]) => look(Math.round(t)),
    });
    for (const [name, line] of Object.entries(this.whole)) line.set(this.curves[name]);
    this.keys = legend(
      ["line", HUES.descent, "descent"],
      ["line", HUES.momentum, "momentum"],
      ["dot", "pink", "step: drag it"],
    );
  }

  draw({ steps, same }, texts) {
    const { descent, momentum } = this.curves;
    const height = momentum[steps][1];
    for (const [name, line] of Object.entries(this.taken)) line.set(this.curves[name].slice(0, steps + 1));
    this.cursor.set(this.plane.y.map((end) => [steps, end]));
    this.here.set(descent[steps]);
    const behind = same === null || same > steps;
    const end = same ?? MOST_STEPS;
    this.bridge.set(
      behind
        ? [
            [steps, height],
            [end, height],
          ]
        : null,
    );
    this.there.set(behind && same !== null ? [same, height] : null);
    const roomy = same !== null && same - steps >= ROOM;
    this.times.set(roomy ? [(steps + same) / 2, height] : null, `× ${texts.times}`);
    this.handle.set([steps, height], texts.now);
  }
}
