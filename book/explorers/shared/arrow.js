// An arrow on a plane.
//
//   this.slope = arrow(plane, { hue: "orange" });
//   this.slope.set([from, to]);
import { svg } from "./ticks.js";

export function arrow(plane, { width = 2.5, head = 9, ...look } = {}) {
  const group = svg(
    "g",
    {},
    svg("path", { "stroke-width": width, class: "dx-line" }),
    svg("path", { class: "dx-head-of-arrow" }),
  );
  return plane.mark(group, look, ({ children: [shaft, point] }, [from, to]) => {
    const [[x0, y0], [x1, y1]] = [plane.toPixels(from), plane.toPixels(to)];
    const long = Math.hypot(x1 - x0, y1 - y0);
    const size = Math.min(head, long);
    const [ux, uy] = long ? [(x1 - x0) / long, (y1 - y0) / long] : [0, 0];
    const back = [x1 - size * ux, y1 - size * uy];
    shaft.setAttribute("d", `M${x0} ${y0}L${back[0]} ${back[1]}`);
    const side = (sign) => `${back[0] - sign * 0.45 * size * uy} ${back[1] + sign * 0.45 * size * ux}`;
    point.setAttribute("d", `M${x1} ${y1}L${side(1)}L${side(-1)}Z`);
  });
}
