// Newton, ConjugateGradient, BFGS, LBFGS and TrustRegion of book/optim in the plane. They ask for the loss and its
// gradient as often as they like; within a step the noise is one and the same, as of one batch.
import { normals } from "../shared/noise.js";
import { curvedUpwards, inverseUpdate, sized, twoLoops } from "../shared/secant-update.js";
import { nextRadius, steihaug } from "../shared/steihaug.js";
import { apply, dot, eigen } from "../shared/surfaces.js";
import { strongWolfe } from "../shared/wolfe.js";

const FLAT = 1e-7; // no entry of the gradient above this: it stays
const PROMISED = 1e-4; // the share of the promised drop that a search asks for
const HALVINGS = 60;
const PAIRS = 10;
const TAKEN = 0.15; // the least ratio of drops with which a step is taken
const difference = (a, b) => a.map((entry, i) => entry - b[i]);
const negative = (vector) => vector.map((entry) => -entry);
const plus = (x, length, d) => x.map((entry, i) => entry + length * d[i]);
const longAtFirst = (here) => Math.min(1, 1 / Math.hypot(...here.gradient));

// The points from the start on, one a step; where the gradient is nearly 0, or no step is lower, it stays.
export function fullBatch(surface, start, settings, steps, { rule, seed = 0 }) {
  const draw = normals(seed);
  const memory = {};
  const path = [start];
  for (let t = 1; t <= steps; t += 1) {
    const error = start.map(() => surface.noise && surface.noise * draw());
    const ask = (x) => ({
      x,
      value: surface.f(x) + dot(error, x),
      gradient: surface.gradient(x).map((entry, i) => entry + error[i]),
      hessian: () => surface.hessian(x),
    });
    const here = ask(path.at(-1));
    if (!isFiniteAt(here)) break;
    const level = Math.max(...here.gradient.map(Math.abs)) <= FLAT;
    path.push(level ? here.x : ADVANCE[rule](ask, here, settings, memory).x);
  }
  return path;
}

const isFiniteAt = ({ value, gradient }) => Number.isFinite(value) && gradient.every(Number.isFinite);

// --- along a line --------------------------------------------------------------------------------------

// Along the method's direction, or along −g with all forgotten where that fails.
const alongALine = (method) => (ask, here, settings, memory) => {
  const go = (d) => method.search(ask, here, d, settings.lr * method.first(here, d, memory));
  const down = negative(here.gradient);
  let d = method.direction(here, memory);
  let there = dot(here.gradient, d) < 0 && d.every(Number.isFinite) ? go(d) : here;
  if (there === here && d.some((entry, i) => entry !== down[i])) {
    method.forget(memory);
    d = down;
    there = go(d);
  }
  if (there !== here)
    method.observe(memory, difference(there.x, here.x), difference(there.gradient, here.gradient), here, d);
  return there;
};

function halved(ask, here, d, first) {
  const slope = dot(here.gradient, d);
  for (let [k, length] = [0, first]; k < HALVINGS; k += 1, length /= 2) {
    const there = ask(plus(here.x, length, d));
    if (isFiniteAt(there) && there.value <= here.value + PROMISED * length * slope) return there;
  }
  return here;
}

// A line that falls for ever leads to the farthest point that was tried.
const wolfe = (c2) => (ask, here, d, first) => {
  const phi = (length) => {
    const there = ask(plus(here.x, length, d));
    return { ...there, length, slope: dot(there.gradient, d) };
  };
  const start = { length: 0, value: here.value, slope: dot(here.gradient, d) };
  const taken = strongWolfe(phi, start, first, { c2 });
  return taken.length === 0 ? here : taken;
};

const NEWTON = {
  search: halved,
  direction({ gradient, hessian }) {
    const { values, vectors } = eigen(hessian());
    const sizes = values.map(Math.abs);
    const largest = Math.max(...sizes);
    if (largest === 0) return negative(gradient);
    const floor = Math.sqrt(Number.EPSILON) * largest;
    const shares = vectors.map((vector, i) => dot(vector, gradient) / Math.max(sizes[i], floor));
    return gradient.map((_, i) => -(shares[0] * vectors[0][i] + shares[1] * vectors[1][i]));
  },
  first: () => 1,
  observe() {},
  forget() {},
};

// Polak and Ribière's β, never below 0.
const CONJUGATE = {
  search: wolfe(0.4),
  direction({ gradient }, { last }) {
    const down = negative(gradient);
    return last ? plus(down, Math.max(0, dot(gradient, last.y) / dot(last.gradient, last.gradient)), last.d) : down;
  },
  first: (here, d, { last }) => (last ? last.fall / dot(here.gradient, d) : longAtFirst(here)),
  observe(memory, s, y, { gradient }, d) {
    const before = dot(s, gradient);
    const twice = before + dot(s, plus(gradient, 1, y)); // the fall, by the slopes at both ends
    memory.last = { d, y, gradient, fall: twice < 0 ? twice : before };
  },
  forget(memory) {
    delete memory.last;
  },
};

const BFGS = {
  search: wolfe(0.9),
  direction: ({ gradient }, { inverse }) => negative(inverse ? apply(inverse, gradient) : gradient),
  first: (here, _, { inverse }) => (inverse ? 1 : longAtFirst(here)),
  observe(memory, s, y) {
    if (curvedUpwards(s, y)) memory.inverse = inverseUpdate(memory.inverse ?? sized(s, y), s, y);
  },
  forget(memory) {
    delete memory.inverse;
  },
};

const LBFGS = {
  search: wolfe(0.9),
  direction: ({ gradient }, { pairs = [] }) => negative(twoLoops(gradient, pairs)),
  first: (here, _, { pairs }) => (pairs ? 1 : longAtFirst(here)),
  observe(memory, s, y) {
    if (curvedUpwards(s, y)) memory.pairs = [...(memory.pairs ?? []), [s, y]].slice(-PAIRS);
  },
  forget(memory) {
    delete memory.pairs;
  },
};

// --- within a radius -----------------------------------------------------------------------------------

function withinARadius(ask, here, settings, memory) {
  const size = Math.hypot(...here.gradient);
  const rounding = 4 * Number.EPSILON * Math.abs(here.value);
  for (;;) {
    const radius = memory.radius ?? settings.radius;
    const { p, predicted } = steihaug(here.hessian(), here.gradient, radius, Math.min(0.5, Math.sqrt(size)) * size);
    const there = ask(plus(here.x, 1, p));
    const ratio = gainRatio(here, there, predicted, rounding);
    memory.radius = nextRadius(radius, ratio, Math.hypot(...p));
    if (ratio > TAKEN) return there;
    if (!(predicted > rounding) || there.x.every((entry, i) => entry === here.x[i])) {
      delete memory.radius;
      return here;
    }
  }
}

function gainRatio(here, there, predicted, rounding) {
  if (!isFiniteAt(there)) return -Infinity;
  const drop = here.value - there.value;
  if (Math.max(predicted, Math.abs(drop)) <= rounding)
    return Math.hypot(...there.gradient) < Math.hypot(...here.gradient) ? 1 : 0;
  return predicted > 0 ? drop / predicted : -Infinity;
}

const ADVANCE = {
  Newton: alongALine(NEWTON),
  TrustRegion: withinARadius,
  ConjugateGradient: alongALine(CONJUGATE),
  BFGS: alongALine(BFGS),
  LBFGS: alongALine(LBFGS),
};
