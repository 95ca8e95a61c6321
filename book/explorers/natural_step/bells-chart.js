// The bells: of the data, of the model now, and after each step.
import { h } from "../shared/element.js";
import { Plane } from "../shared/plane.js";

const REACH = 6;
const CURVE = Array.from({ length: 161 }, (_, i) => -REACH + (2 * REACH * i) / 160);

export class BellsChart {
  constructor() {
    const label = "Four bell curves: of the data, of the model now, after the plain and after the natural step";
    this.plane = new Plane({
      label,
      x: [-REACH, REACH],
      y: [0, 0.7],
      aspect: 0.45,
      ticks: [4, 0],
      margin: { left: 4, right: 4 },
    });
    const { plane } = this;
    this.lines = {
      data: plane.line({ hue: "ink", width: 1.5, dash: "2 3" }),
      now: plane.line({ hue: "pink", width: 2 }),
      plain: plane.line({ hue: "orange", width: 2 }),
      natural: plane.line({ hue: "blue", width: 2, dash: "6 3" }),
    };
    this.lines.data.set(bellOf([0, 1]));
    this.element = h("div", {}, h("p", { class: "dx-over-title" }, "The bells"), plane.element);
  }

  draw(model, { plain, natural }) {
    this.lines.now.set(bellOf(model));
    this.lines.plain.set(plain && bellOf(plain.model));
    this.lines.natural.set(natural && bellOf(natural.model));
  }
}

function bellOf([mu, sigma]) {
  const height = 1 / (sigma * Math.sqrt(2 * Math.PI));
  return CURVE.map((y) => [y, height * Math.exp(-((y - mu) ** 2) / (2 * sigma ** 2))]);
}
