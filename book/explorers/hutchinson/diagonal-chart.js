// Each entry of the diagonal as a bar, its estimate as a dot, and where it should lie as a line.
import { h } from "../shared/element.js";
import { Plane } from "../shared/plane.js";
import { SIZE, WIDTHS } from "./hutchinson-numbers.js";

const HALF = 0.32; // of a bar

export class DiagonalChart {
  constructor() {
    this.plane = new Plane({
      label:
        "The entries of the diagonal as bars, with their estimates as dots and two predicted standard errors as lines",
      x: [0.4, SIZE + 0.6],
      y: [-2, 14],
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
    this.ranges.set(
      expected.map((middle, i) => [
        [i + 1, middle - WIDTHS * errors[i]],
        [i + 1, middle + WIDTHS * errors[i]],
      ]),
    );
    this.dots.set(estimate.map((value, i) => [i + 1, value]));
  }
}
