// A bell curve (μ, σ), data with mean 0 and variance 1: steps on the ring ½ dᵀF d = δ, plain and natural, and both descents.
import NATURAL from "./natural-step.json" with { type: "json" };

export const { defaults: DEFAULTS, limits: LIMITS, walk: WALK } = NATURAL;
export const KINDS = ["plain", "natural"];
const CORNERS = 96;

// The second parameter: what it is of σ, σ of it, and dσ/dω at σ.
export const PARAMETERS = {
  sigma: { sign: "σ", of: (sigma) => sigma, sigmaOf: (second) => second, slope: () => 1 },
  "log sigma": { sign: "log σ", of: Math.log, sigmaOf: Math.exp, slope: (sigma) => sigma },
  precision: {
    sign: "1/σ²",
    of: (sigma) => sigma ** -2,
    sigmaOf: (second) => second ** -0.5,
    slope: (sigma) => -(sigma ** 3) / 2,
  },
};

export function numbersOf({ parameters, model, divergence }) {
  const name = PARAMETERS[parameters];
  const steps = Object.fromEntries(KINDS.map((kind) => [kind, stepOf(kind, name, model, divergence)]));
  const found = {
    loss: lossOf(model),
    gradient: gradientOf(name, model),
    fisher: fisherOf(name, model),
    here: pointOf(name, model),
    ring: ringOf(name, model, divergence),
    steps,
    paths: Object.fromEntries(KINDS.map((kind) => [kind, pathOf(kind, name, model)])),
  };
  const ofPaths = (number) => Object.fromEntries(KINDS.map((kind) => [kind, number(found.paths[kind])]));
  const left = ofPaths((path) => lossOf(path.at(-1)));
  const widest = ofPaths((path) => Math.max(...path.map(([, sigma]) => sigma)));
  return { ...found, left, widest, story: storyOf(steps) };
}

export const pointOf = (name, [mu, sigma]) => [mu, name.of(sigma)];
export const modelOf = (name, [mu, second]) => [mu, name.sigmaOf(second)];

// KL(data, model): the mean surprise at the data, less its lowest value.
export function lossOf([mu, sigma]) {
  return Math.log(sigma) + (1 + mu * mu) / (2 * sigma * sigma) - 0.5;
}

export function gradientOf({ slope }, [mu, sigma]) {
  return [mu / sigma ** 2, (1 / sigma - (1 + mu * mu) / sigma ** 3) * slope(sigma)];
}

// The diagonal of F; beside it is 0.
export function fisherOf({ slope }, [, sigma]) {
  return [sigma ** -2, 2 * (slope(sigma) / sigma) ** 2];
}

function directionOf(kind, name, model) {
  const fisher = fisherOf(name, model);
  return gradientOf(name, model).map((slope, i) => (kind === "natural" ? -slope / fisher[i] : -slope));
}

const sizeOf = (name, model, d) => fisherOf(name, model).reduce((sum, entry, i) => sum + (entry * d[i] ** 2) / 2, 0);
const plus = (point, share, d) => point.map((entry, i) => entry + share * d[i]);

// The step that ends on the ring; null where the gradient is 0.
function stepOf(kind, name, model, divergence) {
  const direction = directionOf(kind, name, model);
  const size = sizeOf(name, model, direction);
  if (!(size > 0)) return null;
  const share = Math.sqrt(divergence / size);
  const end = plus(pointOf(name, model), share, direction);
  const after = modelOf(name, end);
  const promised = -share * gradientOf(name, model).reduce((sum, slope, i) => sum + slope * direction[i], 0);
  return { end, model: after, promised, drop: lossOf(model) - lossOf(after), divergence: divergenceOf(model, after) };
}

// KL(p, q) of two bells.
function divergenceOf([mu, sigma], [nu, tau]) {
  return Math.log(tau / sigma) + (sigma ** 2 + (mu - nu) ** 2) / (2 * tau ** 2) - 0.5;
}

function ringOf(name, model, divergence) {
  const [a, b] = fisherOf(name, model).map((entry) => Math.sqrt((2 * divergence) / entry));
  const [x, y] = pointOf(name, model);
  return Array.from({ length: CORNERS + 1 }, (_, i) => {
    const angle = (2 * Math.PI * i) / CORNERS;
    return [x + a * Math.cos(angle), y + b * Math.sin(angle)];
  });
}

// Descent with a rate, no step longer than ½ dᵀF d = WALK.longest: the models, (μ, σ), on its way.
function pathOf(kind, name, model) {
  const path = [[...model]];
  while (path.length <= WALK.steps) {
    const here = path.at(-1);
    const direction = directionOf(kind, name, here);
    const size = WALK.lr ** 2 * sizeOf(name, here, direction);
    const share = WALK.lr * (size > WALK.longest ? Math.sqrt(WALK.longest / size) : 1);
    path.push(modelOf(name, plus(pointOf(name, here), share, direction)));
  }
  return path;
}

function storyOf({ plain, natural }) {
  if (!natural) return "rest";
  if (Math.hypot(...plus(plain.end, -1, natural.end)) < 1e-9) return "one";
  if (natural.drop < 0) return "rises";
  return natural.drop > plain.drop ? "more" : "less";
}
