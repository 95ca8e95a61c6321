// The numbers of a race: the path of each method, its losses, and at which steps it is first at the goal and has gone.
import { distance, trajectory, withinReach } from "../shared/descent.js";
import { MOST_STEPS } from "../shared/ground.js";
import { SURFACES } from "../shared/surfaces.js";
import { fullBatch } from "./full-batch.js";
import { GROUNDS, searches } from "./race-settings.js";

export function numbersOf({ surface: name, start, methods, noise, seed, goal }) {
  const surface = { ...SURFACES[name], noise: noise ? GROUNDS[name].noise : 0 };
  const run = ([rule, settings]) => {
    const walk = searches(rule) ? fullBatch : trajectory;
    const path = withinReach(walk(surface, start, settings, MOST_STEPS, { rule, seed }), surface);
    const losses = path.map(surface.f);
    const out = distance(path.at(-1), surface) > 1 && path.length <= MOST_STEPS;
    const first = losses.findIndex((loss) => loss <= goal);
    return [
      rule,
      { path, losses, first: first < 0 ? null : first, gone: out && surface.minima.length ? path.length - 1 : null },
    ];
  };
  return Object.fromEntries(Object.entries(methods).map(run));
}

export const LATE = 50; // steps to judge by with noise: one instant of one run tells little

// The mean distance to the nearest minimum over the last `LATE` of some steps.
export function lateDistance(path, steps, surface) {
  return path.slice(steps + 1 - LATE, steps + 1).reduce((sum, point) => sum + toMinimum(point, surface), 0) / LATE;
}

// How far a point is from the nearest minimum; null where there is none.
export function toMinimum([x, y], { minima }) {
  return minima.length ? Math.min(...minima.map(([a, b]) => Math.hypot(x - a, y - b))) : null;
}
