// Descent and momentum in one valley, ½(u² + κv²) with u along it: their paths, how soon they arrive, what limits them.
import { bestPair, eigenvalues, factorOf, pathOf } from "../shared/heavy-ball.js";
import VALLEY from "./valley.json" with { type: "json" };

export const { defaults: DEFAULTS, limits: LIMITS, picture: PICTURE, kappa: KAPPA, most: MOST } = VALLEY;
export const STEP = { lr: 0.0005, momentum: 0.005 }; // of a slider
export const BEST = bestPair(1, KAPPA);
const NEAR = 0.01; // of the distance at the start: a method has arrived
const CLOSE = 0.005; // factors no further apart than this count as one
const NEARBY = { momentum: 0.01, lr: 0.001 }; // how far apart the places are that a hint looks at, five to each side
const [C, S] = [Math.cos((VALLEY.degrees * Math.PI) / 180), Math.sin((VALLEY.degrees * Math.PI) / 180)];

// From the picture to [along, across], and back.
export const inward = ([x, y]) => [C * x + S * y, C * y - S * x];
export const outward = ([u, v]) => [C * u - S * v, S * u + C * v];

export function numbersOf({ lr, momentum, start }) {
  const ball = runOf(lr, momentum, start);
  const better = betterOf(lr, momentum, start, ball);
  return { lr, momentum, descent: runOf(lr, 0, start), ball, story: storyOf(lr, momentum, ball), better };
}

// The nearest of the fewest steps with a little more or less of one of the two, or null where none are fewer.
function betterOf(lr, momentum, start, { needed, factors }) {
  if (lr === 0 || factors.across >= 1) return null;
  let found = null;
  for (const far of [1, 2, 3, 4, 5])
    for (const [key, unit] of Object.entries(NEARBY))
      for (const side of [-1, 1]) {
        const value = { lr, momentum }[key] + side * far * unit;
        if (!(value >= LIMITS[key][0] && value <= LIMITS[key][1])) continue;
        const there = runOf(key === "lr" ? value : lr, key === "lr" ? momentum : value, start);
        if (there.needed !== null && there.needed < (found?.needed ?? needed ?? Infinity))
          found = { key, more: side > 0, needed: there.needed };
      }
  return found;
}

// `needed`: the step from which on the distance is a hundredth of the first, or null. The path ends there.
function runOf(lr, momentum, start) {
  const [u, v] = inward(start);
  const [along, across] = [1, KAPPA].map((curvature) => pathOf(lr * curvature, momentum, MOST));
  const distances = along.map((share, t) => Math.hypot(u * share, v * across[t]));
  const far = distances.findLastIndex((distance) => !(distance <= NEAR * distances[0]));
  const needed = far < MOST ? far + 1 : null;
  const points = along.slice(0, (needed ?? MOST) + 1).map((share, t) => outward([u * share, v * across[t]]));
  const factors = { along: factorOf(lr, momentum), across: factorOf(lr * KAPPA, momentum) };
  return { path: points, needed, factors, factor: Math.max(factors.along, factors.across) };
}

// What there is to say about a momentum and a rate.
function storyOf(lr, momentum, { factors, factor }) {
  if (lr === 0) return "still";
  if (factors.across >= 1) return "over the wall";
  if (momentum === 0) return "no memory";
  if (factor - Math.sqrt(BEST.momentum) <= CLOSE || beside(lr, momentum)) return "best";
  if (factors.along > factors.across) return "creeps";
  return eigenvalues(lr * KAPPA, momentum)[0][1] ? "swings" : "jumps";
}

// No further from the best pair than a step of either slider.
function beside(lr, momentum) {
  return Math.abs(lr - BEST.lr) <= STEP.lr && Math.abs(momentum - BEST.momentum) <= STEP.momentum;
}
