// Steihaug's conjugate gradients in two dimensions, and the radius' rule: book/optim/trust_region.py, line by line.
import { apply, dot } from "./surfaces.js";

const TIE = 1 + 1e-9; // of two ends that are equally low but for rounding, the one ahead is taken
const along = (p, t, d) => p.map((entry, i) => entry + t * d[i]);

// { p, predicted, end, knots }: the step, the drop that the model promises, where it ended, the corners of its way.
export function steihaug(H, g, radius, tolerance) {
  let [p, r, d] = [[0, 0], [...g], g.map((entry) => -entry)];
  const knots = [p];
  const found = (step, left, end) => {
    if (step !== p) knots.push(step);
    return { p: step, predicted: -dot(along(g, 1, left), step) / 2, end, knots };
  };
  for (let k = 0; k < 20; k += 1) {
    const squared = dot(r, r);
    if (Math.sqrt(squared) <= tolerance) return found(p, r, "inside");
    const Hd = apply(H, d);
    const curvature = dot(d, Hd);
    const stop = (t, end) => found(along(p, t, d), along(r, t, Hd), end);
    if (curvature <= 0) {
      const [back, ahead] = toBoundary(p, d, radius);
      const height = (t) => t * dot(r, d) + (t * t * curvature) / 2;
      return stop(height(back) < TIE * height(ahead) ? back : ahead, "curvature");
    }
    const share = squared / curvature;
    if (Math.hypot(...along(p, share, d)) >= radius) return stop(toBoundary(p, d, radius)[1], "boundary");
    [p, r] = [along(p, share, d), along(r, share, Hd)];
    knots.push(p);
    d = along(
      r.map((entry) => -entry),
      dot(r, r) / squared,
      d,
    );
  }
  return found(p, r, "inside");
}

// The two t with ‖p + t d‖ = radius.
function toBoundary(p, d, radius) {
  const [a, b, c] = [dot(d, d), dot(p, d), dot(p, p) - radius ** 2];
  const far = -(b + (b < 0 ? -1 : 1) * Math.sqrt(Math.max(0, b * b - a * c)));
  const [one, other] = [far / a, far === 0 ? 0 : c / far];
  return [Math.min(one, other), Math.max(one, other)];
}

export function nextRadius(radius, ratio, length) {
  if (!(ratio >= 0.25)) return Math.min(length, radius) / 4;
  return ratio > 0.75 && length >= (1 - 1e-6) * radius ? 2 * radius : radius;
}
