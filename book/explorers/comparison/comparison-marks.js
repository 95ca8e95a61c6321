// Marks on the planes of the comparison: crosses, a ring, and the names of many lines, pushed apart.
import { svg } from "../shared/ticks.js";

const [ARM, RING, GAP, WIDE, TOP] = [4, 9.5, 12.5, 62, 2]; // pixels; a name is so wide and needs so much above it

export function crosses(plane, look) {
  return plane.mark(svg("path", { "stroke-width": 2 }), { ...look, name: "dx-line" }, (path, points) => {
    const one = ([x, y]) => `M${x - ARM} ${y - ARM}l${2 * ARM} ${2 * ARM}m0 ${-2 * ARM}l${-2 * ARM} ${2 * ARM}`;
    path.setAttribute("d", points.map((point) => one(plane.toPixels(point))).join(""));
  });
}

export function ring(plane, look) {
  return plane.mark(svg("circle", { r: RING, "stroke-width": 2 }), { ...look, name: "dx-line" }, (circle, point) => {
    const [x, y] = plane.toPixels(point);
    circle.setAttribute("cx", x);
    circle.setAttribute("cy", y);
  });
}

// A name to the right of each point, {point, text, strong}; where two would overlap, the upper one moves up, and at the
// upper edge the lower ones move down.
export function names(plane) {
  return plane.mark(
    svg("g", { "aria-hidden": "true" }),
    { hue: "muted", name: "dx-names" },
    (group, labels) => {
      const [placed, kept] = [[], []];
      const wanted = labels
        .map((label) => ({ ...label, at: plane.toPixels(label.point) }))
        .sort((a, b) => b.at[1] - a.at[1]);
      for (const {
        text,
        strong,
        at: [x, y],
      } of wanted) {
        const near = placed.filter((other) => Math.abs(other.x - x) < WIDE);
        placed.push({ text, strong, x, y: Math.min(y, ...near.map((other) => other.y - GAP)) });
      }
      for (const label of placed.reverse()) {
        const near = kept.filter((other) => Math.abs(other.x - label.x) < WIDE);
        kept.push({ ...label, y: Math.max(label.y, TOP, ...near.map((other) => other.y + GAP)) });
      }
      group.replaceChildren(
        ...kept.map(({ text, strong, x, y }) =>
          svg("text", { x: x + 7, y: y + 4, class: strong ? "dx-strong" : "" }, text),
        ),
      );
    },
    plane.front,
  );
}
