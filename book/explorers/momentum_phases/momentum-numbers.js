// Regime, eigenvalues and factor per step, |r|, of both directions, with the best that a pair and plain descent can do.
import { bestPair, criticalMomentum, eigenvalues, factorOf, regimeOf } from "../shared/heavy-ball.js";
import PHASES from "./momentum-phases.json" with { type: "json" };

export const { defaults: DEFAULTS, limits: LIMITS } = PHASES;
const CLOSE = 0.02; // eigenvalues no further apart than this count as one
export const SAME = 1e-6; // factors, and eigenvalues to print, no further apart than this are the same

// `plain` is the factor of plain descent at its best; `story` names what is told.
export function numbersOf({ lr, momentum, kappa }) {
  const best = bestPair(1 / kappa, 1);
  const found = {
    lr,
    momentum,
    kappa,
    steep: directionOf(lr, momentum),
    flat: directionOf(lr * (1 / kappa), momentum),
    best: { ...best, factor: Math.sqrt(best.momentum) },
    plain: (kappa - 1) / (kappa + 1),
    critical: criticalMomentum(lr),
  };
  return { ...found, story: kappa === 1 ? found.steep.regime : storyOfValley(found, regimeOf(lr, momentum)) };
}

function directionOf(product, momentum) {
  return {
    product,
    regime: kindOfDamping(product, momentum),
    roots: eigenvalues(product, momentum),
    factor: factorOf(product, momentum),
  };
}

// The regime, or "critical" where it converges and the eigenvalues all but meet.
function kindOfDamping(p, momentum) {
  const name = regimeOf(p, momentum);
  const meet = apart(eigenvalues(p, momentum)) <= CLOSE;
  return meet && name !== "marginal" && name !== "diverging" ? "critical" : name;
}

export function apart([[a, b], [c, d]]) {
  return Math.abs(a - c) + Math.abs(b - d);
}

function storyOfValley({ steep, flat, best }, regime) {
  const factor = Math.max(steep.factor, flat.factor);
  if (factor >= 1 && regime !== "diverging") return "never settles";
  if (factor >= 1) return flat.factor >= 1 ? "both diverge" : "steep diverges";
  if (factor - best.factor <= SAME) return "best";
  if (Math.abs(steep.factor - flat.factor) <= SAME) return "same";
  return flat.factor > steep.factor ? "flat" : "steep";
}

// [x, v] at each step, the velocity v being xₜ − xₜ₋₁, from rest.
export function statesOf(path) {
  return path.map((x, t) => [x, t ? x - path[t - 1] : 0]);
}

// v/x on the line that a path comes in along: x keeps the factor r, so v = (1 − 1/r) x. Without a real r, none.
export function slopeOf(product, momentum) {
  const [[real, imaginary]] = eigenvalues(product, momentum);
  return imaginary || !real ? null : 1 - 1 / real;
}
