// The path of descent, and what is known of its next step: forecasts, curvatures, the best rate.
import { descend, distance, withinReach } from "../shared/descent.js";
import { MOST_STEPS } from "../shared/ground.js";
import { dot, eigen, SURFACES } from "../shared/surfaces.js";
import DESCENT from "./descent-on-a-surface.json" with { type: "json" };
import { drops } from "./quadratic-model.js";

export const { steps: STEPS, rates: RATES, rate_limits: RATE_LIMITS } = DESCENT;
const CRITICAL = 1e-6; // a gradient no longer than this counts as zero

// `whole` is the path to its end, with one step more than may be taken; `path` is what has been taken of it.
export function numbersOf({ surface: name, start, lr, steps }) {
  const surface = SURFACES[name];
  const whole = withinReach(descend(surface, start, { lr }, MOST_STEPS + 1), surface);
  const path = whole.slice(0, steps + 1);
  const x = path.at(-1);
  const next = whole[path.length] ?? x;
  const [gradient, hessian] = [surface.gradient(x), surface.hessian(x)];
  const { linear, curved, quadratic, real } = drops(
    surface,
    x,
    next.map((entry, i) => entry - x[i]),
  );
  const squared = dot(gradient, gradient);
  const along = dot(
    gradient,
    hessian.map((row) => dot(row, gradient)),
  );
  const outside = path.map((point) => distance(point, surface) > 1);
  const left = outside.at(-1) ? outside.indexOf(true) : null;
  const eigenvalues = eigen(hessian).values;
  return {
    whole,
    path,
    next,
    gradient,
    hessian,
    linear,
    quadratic,
    real,
    left,
    eigenvalues,
    loss: surface.f(x),
    first: surface.f(start),
    ratio: curved / linear,
    best_rate: squared === 0 ? NaN : along > 0 ? squared / along : Infinity,
    story: left !== null ? "left" : storyOf(Math.sqrt(squared), eigenvalues, linear, curved),
  };
}

function storyOf(size, [smaller, larger], linear, curved) {
  if (size <= CRITICAL) {
    if (smaller < -CRITICAL && larger > CRITICAL) return "saddle";
    if (smaller > CRITICAL) return "minimum";
    return larger < -CRITICAL ? "maximum" : "undecided";
  }
  if (linear <= 0) return "uphill";
  const ratio = curved / linear;
  if (ratio <= 0) return "bends down";
  return ratio > 2 ? "up" : ratio > 1 ? "over" : "short";
}
