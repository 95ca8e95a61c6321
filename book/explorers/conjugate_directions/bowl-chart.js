// The ellipses or circles of one picture of the bowl, with the three paths on them.
import { Plane } from "../shared/plane.js";

const RINGS = [1.6, 1.25, 1, 0.8, 0.6, 0.4, 0.2]; // times the level line through the start
const CORNERS = 96;
const CIRCLE = Array.from({ length: CORNERS }, (_, i) => [
  Math.cos((2 * Math.PI * i) / CORNERS),
  Math.sin((2 * Math.PI * i) / CORNERS),
]);

export class BowlChart {
  constructor(options) {
    this.plane = new Plane({ aspect: 1, x: [-1, 1], y: [-1, 1], ...options });
    const { plane } = this;
    this.rings = plane.levels();
    this.lines = {
      newton: plane.line({ hue: "purple", width: 2.5, dash: "3 4" }),
      descent: plane.line({ hue: "orange", width: 1.75 }),
      conjugate: plane.line({ hue: "blue", width: 2.75 }),
    };
    this.beads = {
      descent: plane.dots({ hue: "orange", radius: 2.2 }),
      conjugate: plane.dots({ hue: "blue", radius: 3.6 }),
    };
    plane.text({ anchor: "middle", dy: 6, name: "dx-star" }).set([0, 0], "★");
  }

  // `place` takes a point of the unit circle to the level line through the start, `paths` are in this picture's plane.
  draw(place, paths) {
    this.rings.set(RINGS.map((size) => [CIRCLE.map((point) => place(point.map((entry) => size * entry)))]));
    for (const [name, line] of Object.entries(this.lines)) line.set(paths[name].length > 1 ? paths[name] : null);
    for (const [name, dots] of Object.entries(this.beads)) dots.set(paths[name]);
  }
}
