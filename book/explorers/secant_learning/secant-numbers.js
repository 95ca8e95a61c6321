// What BFGS believes about the curvature where it stands, and what is true there.
import { apply, dot, eigen, SURFACES } from "../shared/surfaces.js";
import { bfgs } from "./bfgs.js";
import TABLE from "./secant-learning.json" with { type: "json" };

export const { steps: STEPS, most_steps: MOST_TAKEN, surfaces: NAMES } = TABLE;
const { arrived: ARRIVED, learned: LEARNED } = TABLE;
const IDENTITY = [
  [1, 0],
  [0, 1],
];

// `whole` is the path to its end, `path` what has been taken of it.
export function numbersOf({ surface: name, start, steps }) {
  const surface = SURFACES[name];
  const whole = bfgs(surface, start, MOST_TAKEN);
  const taken = Math.min(steps, whole.length - 1);
  const here = whole[taken];
  const hessian = surface.hessian(here.x);
  const model = inverted(here.inverse ?? IDENTITY);
  const truth = eigen(hessian).values;
  const shares = truth[0] > 0 ? sharesOf(here.inverse ?? IDENTITY, hessian) : null;
  const numbers = {
    ...here,
    inverse: here.inverse ?? IDENTITY,
    whole: whole.map(({ x }) => x),
    path: whole.slice(0, taken + 1).map(({ x }) => x),
    next: whole[taken + 1]?.x ?? here.x,
    taken,
    end: whole.length - 1,
    hessian,
    model,
    believed: eigen(model).values,
    truth,
    shares,
    seen: here.s && dot(here.y, here.s) / dot(here.s, here.s), // the curvature along the last step, by its two gradients
    said: here.s && dot(here.s, apply(model, here.s)) / dot(here.s, here.s), // and by the model
    angle:
      truth[0] > 0
        ? angleBetween(apply(here.inverse ?? IDENTITY, here.gradient), solved(hessian, here.gradient))
        : null,
  };
  return { ...numbers, story: storyOf(numbers) };
}

function storyOf({ taken, end, gradient, truth, shares, skipped }) {
  if (taken === 0) return end === 0 ? "rest" : "start";
  if (skipped) return "skipped";
  const flat = Math.max(...gradient.map(Math.abs)) <= ARRIVED;
  if (taken === MOST_TAKEN && !flat) return "unfinished";
  const there = flat || taken === end;
  if (!(truth[0] > 0)) return "bends";
  const learned = shares.every((share) => Math.abs(share - 1) <= LEARNED);
  if (there) return learned ? "arrived" : "early";
  if (learned) return "learned";
  return taken === 1 ? "first" : "learning";
}

function inverted([[a, b], [c, d]]) {
  const det = a * d - b * c;
  return [
    [d / det, -b / det],
    [-c / det, a / det],
  ];
}

function solved(matrix, vector) {
  return apply(inverted(matrix), vector);
}

// The eigenvalues of B H, both positive definite: of the symmetric Rᵀ B R with H = R Rᵀ, by Cholesky.
function sharesOf(B, H) {
  const a = Math.sqrt(H[0][0]);
  const b = H[1][0] / a;
  const c = Math.sqrt(H[1][1] - b * b);
  const columns = [
    [a, b],
    [0, c],
  ];
  return eigen(columns.map((u) => columns.map((v) => dot(u, apply(B, v))))).values;
}

// In degrees.
function angleBetween(u, v) {
  const across = u[0] * v[1] - u[1] * v[0];
  return (Math.abs(Math.atan2(across, dot(u, v))) * 180) / Math.PI;
}

// The points of {x + u : uᵀ M u = size}, M positive definite.
export function ellipse(x, M, size, pieces = 96) {
  const { values, vectors } = eigen(M);
  return Array.from({ length: pieces + 1 }, (_, k) => {
    const turn = (2 * Math.PI * k) / pieces;
    const [p, q] = [Math.cos(turn), Math.sin(turn)].map((part, i) => part * Math.sqrt(size / values[i]));
    return x.map((entry, i) => entry + p * vectors[0][i] + q * vectors[1][i]);
  });
}
