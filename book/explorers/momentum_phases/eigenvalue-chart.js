// The eigenvalues of each direction in the complex plane, with the unit circle.
import { h } from "../shared/element.js";
import { eigenvalues } from "../shared/heavy-ball.js";
import { Plane } from "../shared/plane.js";

export class EigenvalueChart {
  constructor() {
    this.plane = new Plane({
      label: "The eigenvalues in the complex plane, with the unit circle",
      x: [-1.3, 1.3],
      y: [-1.3, 1.3],
      aspect: 1,
      ticks: [4, 4],
      margin: { left: 26, right: 6 },
    });
    const { plane } = this;
    const ring = Array.from({ length: 121 }, (_, i) => [Math.cos((Math.PI * i) / 60), Math.sin((Math.PI * i) / 60)]);
    plane.line({ hue: "rule", width: 1 }).set([
      [
        [-9, 0],
        [9, 0],
      ],
      [
        [0, -9],
        [0, 9],
      ],
    ]);
    plane.line({ hue: "ink", width: 1.5 }).set(ring);
    this.dots = {
      flat: plane.dots({ hue: "purple", radius: 6.5, name: "dx-hollow" }),
      steep: plane.dots({ hue: "pink", radius: 4.5 }),
    };
    this.element = h("div", { class: "dx-circle" }, h("p", { class: "dx-over-title" }, "Eigenvalues"), plane.element);
  }

  draw(products, momentum) {
    const all = Object.fromEntries(Object.entries(products).map(([name, p]) => [name, eigenvalues(p, momentum)]));
    const reach = 1.15 * Math.max(1.13, ...Object.values(all).flat(2).map(Math.abs));
    this.plane.view([-reach, reach], [-reach, reach]);
    for (const [name, dots] of Object.entries(this.dots)) dots.set(all[name]);
  }
}
