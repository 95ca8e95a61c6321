// What the explorer of descent on a surface says: its numbers, by `numbersOf`, and its sentences, by `wordsOf`.
import { descend, distance, withinReach } from "../shared/descent.js";
import { MOST_STEPS } from "../shared/ground.js";
import { plain } from "../shared/number-text.js";
import { dot, eigen, SURFACES } from "../shared/surfaces.js";
import DESCENT from "./descent-on-a-surface.json" with { type: "json" };
import { drops } from "./quadratic-model.js";

export const { steps: STEPS, rates: RATES, rate_limits: RATE_LIMITS } = DESCENT;
const CRITICAL = 1e-6; // a gradient no longer than this counts as zero

// --- numbers -----------------------------------------------------------------------------------------------

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

// --- words -------------------------------------------------------------------------------------------------

export function wordsOf(numbers, { surface, lr }) {
  return STORIES[numbers.story]({ ...numbers, surface: SURFACES[surface], lr });
}

const both = ({ eigenvalues }) => eigenvalues.map((value) => plain(value, 3)).join(" and ");
const lambda = ({ surface, ratio, lr }) =>
  surface.noise ? "" : `, with the curvature λ = ${plain(ratio / lr, 3)} along the gradient`;
const STORIES = {
  left({ left, loss, first, surface }) {
    const start = `It leaves the picture at step ${left}`;
    if (!surface.minima.length) return `${start}. This surface has no lowest point: descent goes on for ever.`;
    if (loss <= first) return `${start}.`;
    return `${start} and diverges: the loss has grown from ${plain(first, 3)} to ${plain(loss, 3)}. The rate is too large for this curvature.`;
  },
  minimum: (shown) =>
    `It has arrived: the gradient is zero and both curvatures, ${both(shown)}, are positive. This is a minimum.`,
  saddle: (shown) =>
    `It has stopped at a saddle: the gradient is zero, but the curvatures ${both(shown)} have both signs. Descent looks at the gradient alone and cannot tell.`,
  maximum: (shown) =>
    `It stands on a maximum: the gradient is zero and both curvatures, ${both(shown)}, are negative. Descent cannot tell.`,
  undecided: (shown) =>
    `The gradient is zero to six decimals, so descent stands still. The curvatures, ${both(shown)}, do not tell what this point is.`,
  uphill: () => "The noise has turned this gradient round: the next step goes uphill.",
  "bends down": () =>
    "Along the next step the surface bends down: the quadratic forecast falls further than the straight line, and has no lowest point.",
  up: (shown) =>
    `The next step is longer than 2/λ${lambda(shown)}: the quadratic forecast says that the loss rises${shown.real < 0 ? ", and it does." : ". Really it still falls."}`,
  over: (shown) =>
    `The next step is longer than the best one, 1/λ${lambda(shown)}: it passes the lowest point ahead, and the forecast still falls.`,
  short: (shown) =>
    `The next step is shorter than the best one, 1/λ${lambda(shown)}: the curvature takes ${plain(50 * shown.ratio, 2)} % off what the straight line promises.`,
};
