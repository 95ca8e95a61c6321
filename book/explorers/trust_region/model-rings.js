// The level lines of the quadratic model within a circle, as lines of points.
import { contours } from "../shared/contours.js";
import { apply, dot } from "../shared/surfaces.js";

const RINGS = 6;

export function modelRings(start, gradient, hessian, radius) {
  const heightOf = (p) => dot(gradient, p) + dot(p, apply(hessian, p)) / 2;
  const around = Array.from({ length: 72 }, (_, i) => {
    const angle = (2 * Math.PI * i) / 72;
    return heightOf([radius * Math.cos(angle), radius * Math.sin(angle)]);
  });
  const low = Math.min(0, ...around);
  const high = Math.max(0, ...around);
  const levels = Array.from({ length: RINGS }, (_, i) => low + ((high - low) * (i + 1)) / (RINGS + 1));
  const ends = start.map((entry) => [entry - radius, entry + radius]);
  const f = (x, y) => heightOf([x - start[0], y - start[1]]);
  return contours(f, ends[0], ends[1], levels, 48)
    .flat()
    .flatMap((ring) => inside([...ring, ring[0]], start, radius));
}

// The parts of a line that lie in the circle.
function inside(line, [x, y], radius) {
  const parts = [[]];
  for (const point of line) {
    if (Math.hypot(point[0] - x, point[1] - y) <= radius) parts.at(-1).push(point);
    else if (parts.at(-1).length) parts.push([]);
  }
  return parts.filter((part) => part.length > 1);
}
