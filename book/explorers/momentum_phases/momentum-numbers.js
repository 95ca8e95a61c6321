// Regime, eigenvalues and rate of both directions, with the best that a pair and plain descent can do.
import { bestPair, criticalMomentum, eigenvalues, rateOf, regimeOf } from "../shared/heavy-ball.js";
import PHASES from "./momentum-phases.json" with { type: "json" };

export const { defaults: DEFAULTS, limits: LIMITS } = PHASES;
const CLOSE = 0.02; // eigenvalues no further apart than this count as one
export const SAME = 1e-6; // rates, and eigenvalues to print, no further apart than this are the same

// `plain` is the rate of plain descent at its best; `story` names what is told.
export function numbersOf({ lr, momentum, kappa }) {
  const best = bestPair(1 / kappa, 1);
  const found = {
    lr,
    momentum,
    kappa,
    steep: directionOf(lr, momentum),
    flat: directionOf(lr * (1 / kappa), momentum),
    best: { ...best, rate: Math.sqrt(best.momentum) },
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
    rate: rateOf(product, momentum),
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
  const rate = Math.max(steep.rate, flat.rate);
  if (rate >= 1 && regime !== "diverging") return "never settles";
  if (rate >= 1) return flat.rate >= 1 ? "both diverge" : "steep diverges";
  if (rate - best.rate <= SAME) return "best";
  if (Math.abs(steep.rate - flat.rate) <= SAME) return "same";
  return flat.rate > steep.rate ? "flat" : "steep";
}
