// Each entry of the diagonal as a bar, its estimate as a dot, and where it should lie as a line.
import { h } from "../shared/element.js";
import { Plane } from "../shared/plane.js";
import { SIZE, WIDTHS } from "./hutchinson-numbers.js";

const HALF = 0.32; // of a bar
const [LOW, HIGH] = [-2, 14]; // the heights that are always seen

export class DiagonalChart {
  constructor() {
    this.plane = new Plane({
      label:
        "The entries of the diagonal as bars, with their estimates as dots and two predicted standard errors as lines",
      x: [0.4, SIZE + 0.6],
      y: [LOW, HIGH],
      aspect: (width) => (width < 420 ? 0.6 : 0.3),
      ticks: [SIZE, 5],
      xLabel: "entry",
    });
    const { plane } = this;
    this.bars = plane.line({ hue: "muted", width: 1, fill: true, name: "dx-true" });
    this.zero = plane.line({ hue: "rule", width: 1 });
    this.ranges = plane.line({ hue: "blue", width: 3, name: "dx-ranges" });
    this.dots = plane.dots({ hue: "orange", radius: 5, name: "dx-estimates" });
    this.zero.set(plane.x.map((end) => [end, 0]));
    this.bars.set(
      Array.from({ length: SIZE }, (_, i) => [
        [i + 1 - HALF, 0],
        [i + 1 - HALF, i + 1],
        [i + 1 + HALF, i + 1],
        [i + 1 + HALF, 0],
      ]),
    );
    this.element = h("div", {}, h("p", { class: "dx-over-title" }, "Diagonal: the mean of z ⊙ Az"), plane.element);
  }

  draw({ estimate, expected, errors }) {
    const ranges = expected.map((middle, i) => [middle - WIDTHS * errors[i], middle + WIDTHS * errors[i]]);
    const heights = [...estimate, ...ranges.flat()];
    const [low, high] = [Math.min(LOW, ...heights), Math.max(HIGH, ...heights)];
    const room = (high - low) / 20; // so that a dot at an end is whole
    this.plane.view(this.plane.x, [low < LOW ? low - room : LOW, high > HIGH ? high + room : HIGH]);
    this.ranges.set(ranges.map((range, i) => range.map((height) => [i + 1, height])));
    this.dots.set(estimate.map((value, i) => [i + 1, value]));
  }
}
