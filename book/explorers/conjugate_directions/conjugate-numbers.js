// Steepest descent with exact steps, conjugate gradient and Newton on f = ½ xᵀHx: points, losses, turns.
import { apply, dot } from "../shared/surfaces.js";
import CONJUGATE from "./conjugate-directions.json" with { type: "json" };

export const { defaults: DEFAULTS, limits: LIMITS, reach: REACH } = CONJUGATE;
export const MOST_STEPS = LIMITS.steps[1];
const SMALL = 1e-6; // of the first loss: a method has arrived
const NEAR_WORST = 0.99; // of the worst factor
const SPENT = 1e-24; // of the first ‖g‖²: what is left is rounding

export function numbersOf({ start, angle, lengths }) {
  const { H, root } = bowlOf(angle, lengths);
  const loss = (x) => dot(x, apply(H, x)) / 2;
  const paths = { descent: descend(H, start), conjugate: conjugate(H, start), newton: newton(start) };
  const kappa = (Math.max(...lengths) / Math.min(...lengths)) ** 2;
  const worst = ((kappa - 1) / (kappa + 1)) ** 2;
  const factor = factorOf(H, start);
  const turns = Object.fromEntries(Object.entries(paths).map(([name, path]) => [name, turnOf(path, root)]));
  return {
    H,
    root,
    paths,
    kappa,
    worst,
    factor,
    turns,
    losses: Object.fromEntries(Object.entries(paths).map(([name, path]) => [name, path.map(loss)])),
    needed: { descent: stepsOf(factor), conjugate: Math.min(2, stepsOf(factor)), newton: factor === null ? 0 : 1 },
    story: storyOf(factor, worst, kappa),
  };
}

// H and its root, √H: what turns the ellipse into a circle.
export function bowlOf(angle, [a, b]) {
  const [c, s] = [Math.cos((angle * Math.PI) / 180), Math.sin((angle * Math.PI) / 180)];
  const of = (p, q) => [
    [c * c * p + s * s * q, c * s * (p - q)],
    [c * s * (p - q), s * s * p + c * c * q],
  ];
  return { H: of(1 / (a * a), 1 / (b * b)), root: of(1 / a, 1 / b) };
}

const plus = (x, share, p) => x.map((entry, i) => entry + share * p[i]);

// Each step to the lowest point along −g.
function descend(H, start) {
  const path = [start];
  let g = apply(H, start);
  const enough = SPENT * dot(g, g);
  while (path.length <= MOST_STEPS && dot(g, g) > enough) {
    path.push(plus(path.at(-1), -dot(g, g) / dot(g, apply(H, g)), g));
    g = apply(H, path.at(-1));
  }
  return path;
}

// Two steps at most: the second along what is left of −g when the first direction is taken out of it.
function conjugate(H, start) {
  const path = [start];
  let r = apply(H, start).map((entry) => -entry);
  const enough = SPENT * dot(r, r);
  let [p, before] = [[0, 0], Infinity];
  while (path.length <= 2 && dot(r, r) > enough) {
    p = plus(r, dot(r, r) / before, p);
    before = dot(r, r);
    const Hp = apply(H, p);
    const step = before / dot(p, Hp);
    path.push(plus(path.at(-1), step, p));
    r = plus(r, -step, Hp);
  }
  return path;
}

function newton(start) {
  return dot(start, start) > 0 ? [start, [0, 0]] : [start];
}

// What a step of steepest descent leaves of the loss; in two dimensions each step leaves the same share.
function factorOf(H, x) {
  const g = apply(H, x);
  const squared = dot(g, g);
  return squared > 0 ? Math.max(0, 1 - squared ** 2 / (dot(g, apply(H, g)) * dot(x, g))) : null; // xᵀg = gᵀH⁻¹g
}

function stepsOf(factor) {
  if (factor === null) return 0;
  return factor <= SMALL ? 1 : Math.ceil(Math.log(SMALL) / Math.log(factor) - 1e-9);
}

// The angle between the first two steps, in degrees: as it is seen, and where the bowl is round.
function turnOf([x, y, z], root) {
  if (!z) return null;
  const steps = [plus(y, -1, x), plus(z, -1, y)];
  const [seen, round] = [steps, steps.map((step) => apply(root, step))].map(angleBetween);
  return { seen, round };
}

function angleBetween([u, v]) {
  return (Math.atan2(Math.abs(u[0] * v[1] - u[1] * v[0]), dot(u, v)) * 180) / Math.PI;
}

function storyOf(factor, worst, kappa) {
  if (factor === null) return "rest";
  if (factor <= SMALL) return kappa === 1 ? "round" : "axis";
  return factor >= NEAR_WORST * worst ? "worst" : "zigzag";
}
