// The loss of a quadratic with many curvatures, eigenvalue by eigenvalue and step by step, for descent and for momentum.
import { bestPair, factorOf, pathOf, regimeOf } from "../shared/heavy-ball.js";
import ERRORS from "./error-by-eigenvalue.json" with { type: "json" };

export const { defaults: DEFAULTS, limits: LIMITS, curvatures: COUNT, besides: BESIDES, scales: VIEWS } = ERRORS;
const SAME = 1e-6; // factors no further apart than this are the same
const BEYOND = 1e6; // a loss beyond is drawn no further
export const SMALL = 0.01; // of the loss at the start

// From 1/κ to 1, each the same multiple of the one before.
export function curvaturesOf(kappa) {
  return Array.from({ length: COUNT }, (_, i) => kappa ** (i / (COUNT - 1) - 1));
}

// How many steps are drawn: enough for descent at its best rate to come to a hundredth.
export function stepsOf(kappa) {
  return ERRORS.steps.find((steps) => steps >= 1.5 * kappa) ?? ERRORS.steps.at(-1);
}

// The η with the smallest factor at this μ.
export function bestRate(momentum, kappa) {
  return (2 * (1 + momentum) * kappa) / (1 + kappa);
}

// The mean square of x after 0, 1, ... steps from rest: the other half of book/optim/noisy_ball.py.
export function squaresOf(lr, momentum, curvature, noise, steps, start) {
  const a = 1 + momentum - lr * curvature;
  let [square, product, before] = [start * start, start * start, start * start];
  const squares = [square];
  for (let t = 0; t < steps; t += 1) {
    const moved = a * a * square - 2 * a * momentum * product + momentum * momentum * before;
    [square, product, before] = [moved + (lr * noise) ** 2, a * square - momentum * product, square];
    squares.push(square);
  }
  return squares;
}

// Where descent runs beside it.
const RATES = {
  best: ({ kappa }) => bestRate(0, kappa),
  same: ({ lr }) => lr,
  effective: ({ lr, momentum }) => lr / (1 - momentum),
};

export function numbersOf(state) {
  const { lr, momentum, kappa, noise, beside } = state;
  const [curvatures, steps] = [curvaturesOf(kappa), stepsOf(kappa)];
  const t = Math.min(state.t, steps);
  const run = (eta, mu) => runOf(eta, mu, { kappa, curvatures, noise, steps, t });
  return {
    beside,
    curvatures,
    steps,
    t,
    noise,
    best: bestPair(1 / kappa, 1),
    descent: run(RATES[beside](state), 0),
    yours: run(lr, momentum),
  };
}

// Each curvature begins with the same share of a loss of 1. `transient` is what is left of the start and `fluctuation`
// what the noise brought in; both and `losses` are sums over the curvatures, `parts` are not.
function runOf(lr, momentum, { kappa, curvatures, noise, steps, t }) {
  const left = curvatures.map((curvature) => pathOf(lr * curvature, momentum, steps).map((x) => (x * x) / COUNT));
  const brought = curvatures.map((curvature) =>
    squaresOf(lr, momentum, curvature, noise, steps, 0).map((square) => (curvature * square) / 2),
  );
  const whole = left.map((values, i) => values.map((value, step) => value + brought[i][step]));
  const losses = sumsOf(whole);
  const beyond = losses.findIndex((loss) => !(loss <= BEYOND));
  const cut = (values) => (beyond < 0 ? values : values.slice(0, beyond));
  const [transient, fluctuation] = [sumsOf(left), sumsOf(brought)].map(cut);
  const factors = curvatures.map((curvature) => factorOf(lr * curvature, momentum));
  return {
    lr,
    momentum,
    factors,
    factor: Math.max(...factors),
    limit: limitOf(lr, momentum, kappa, factors),
    floor: curvatures.reduce((sum, curvature) => sum + floorOf(lr, momentum, curvature, noise), 0),
    parts: whole.map(cut),
    losses: cut(losses),
    transient,
    fluctuation,
    small: beyond < 0 ? fromStep(losses, (loss) => loss <= SMALL) : null,
    takeover: noise && beyond < 0 ? fromStep(fluctuation, (part, step) => part > transient[step]) : null,
    here: hereOf(whole, beyond < 0 || t < beyond ? t : null),
  };
}

function sumsOf(rows) {
  return rows[0].map((_, step) => rows.reduce((sum, row) => sum + row[step], 0));
}

// The first step from which on all pass; null where the last does not.
function fromStep(values, passes) {
  const from = values.length - [...values.keys()].reverse().findIndex((step) => !passes(values[step], step));
  if (from > values.length) return 0;
  return from < values.length ? from : null;
}

// Which end of the spectrum is the slowest.
function limitOf(lr, momentum, kappa, factors) {
  const regime = regimeOf(lr, momentum);
  if (regime === "diverging" || regime === "marginal") return regime;
  const [flat, steep] = [factors[0], factors.at(-1)];
  const slowest = Math.max(flat, steep);
  if (slowest - Math.sqrt(bestPair(1 / kappa, 1).momentum) <= SAME) return "best";
  if (slowest - Math.sqrt(momentum) <= SAME) return "all";
  if (Math.abs(flat - steep) <= SAME) return "both";
  return flat > steep ? "flat" : "steep";
}

// Half the curvature times the mean square in the long run.
function floorOf(lr, momentum, curvature, noise) {
  if (!noise) return 0;
  if (factorOf(lr * curvature, momentum) >= 1) return Infinity;
  return ((1 + momentum) * lr * noise * noise) / ((1 - momentum) * 2 * (2 * (1 + momentum) - lr * curvature));
}

// The loss at a step, and whose share of it is the largest.
function hereOf(parts, step) {
  if (step === null) return null;
  const values = parts.map((part) => part[step]);
  const [loss, most] = [values.reduce((sum, value) => sum + value, 0), Math.max(...values)];
  return { loss, largest: values.indexOf(most), share: most / loss };
}
