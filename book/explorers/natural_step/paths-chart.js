// Where both descents go: always over μ and σ, whatever the parameters are.
import { contours } from "../shared/contours.js";
import { h } from "../shared/element.js";
import { Plane } from "../shared/plane.js";
import { lossOf, WALK } from "./natural-numbers.js";

export class PathsChart {
  constructor() {
    const label = "The paths of both descents over μ and σ, with the level lines of the loss";
    this.plane = new Plane({
      label,
      x: [-3, 3],
      y: [0.5, 3.3],
      aspect: 0.62,
      ticks: [6, 3],
      xLabel: "μ",
      yLabel: "σ",
      margin: { left: 30 },
    });
    const { plane } = this;
    plane.levels().set(contours((mu, sigma) => lossOf([mu, sigma]), plane.x, plane.y, 11, 64));
    plane.text({ anchor: "middle", dy: 6, name: "dx-star" }).set([0, 1], "★");
    this.lines = {
      plain: plane.line({ hue: "orange", width: 2 }),
      natural: plane.line({ hue: "blue", width: 2.25, dash: "6 3" }),
    };
    this.ends = {
      plain: plane.dot({ hue: "orange", radius: 4.5 }),
      natural: plane.dot({ hue: "blue", radius: 3.5 }),
    };
    this.start = plane.dot({ hue: "pink", radius: 4.5 });
    const title = h(
      "p",
      { class: "dx-over-title" },
      `Both descents over μ and σ: ${WALK.steps} steps, rate at most ${WALK.lr}`,
    );
    this.element = h("div", {}, title, plane.element);
  }

  draw(model, paths) {
    this.start.set(model);
    for (const [kind, path] of Object.entries(paths)) {
      this.lines[kind].set(path);
      this.ends[kind].set(path.at(-1));
    }
  }
}
