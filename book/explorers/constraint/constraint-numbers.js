// What each condition of Karush, Kuhn and Tucker leaves over at x, and where the least allowed value is.
import { dot } from "../shared/surfaces.js";
import { bowl, constraintOf, HOLDS, TOUCH } from "./walls.js";

const SAMPLES = 720; // of an edge, between which its lowest point is sought
const EPS = 2 ** -52;

export function numbersOf(state) {
  const { center, x } = state;
  const constraint = constraintOf(state);
  const slope = bowl.gradient(x, center);
  const walls = wallsAt(constraint, x, slope);
  const pull = slope.map((entry) => 0 - entry);
  const pushes = walls.map(({ gradient, multiplier }) => gradient.map((entry) => 0 - multiplier * entry));
  const left = pull.map((entry, i) => entry + pushes.reduce((sum, push) => sum + push[i], 0));
  const conditions = conditionsOf(constraint, walls, left);
  const best = solutionOf(constraint, center);
  const failing = Object.keys(conditions).filter((name) => conditions[name] > HOLDS);
  const numbers = { value: bowl.f(x, center), pull, walls, pushes, left, conditions, best, failing };
  return { ...numbers, equality: constraint.equality, story: storyOf(numbers, constraint) };
}

// --- the conditions ------------------------------------------------------------------------------------

function conditionsOf({ equality }, walls, left) {
  const largest = (of) => Math.max(...walls.map(of));
  const all = {
    stationarity: Math.max(...left.map(Math.abs)),
    feasibility: largest(({ value }) => (equality ? Math.abs(value) : Math.max(0, value))),
  };
  if (equality) return all;
  return {
    ...all,
    sign: largest(({ multiplier }) => Math.max(0, -multiplier)),
    complementarity: largest(({ value, multiplier }) => Math.abs(value * multiplier)),
  };
}

// Each wall at x: its value and gradient, whether it touches, and the multiplier that fits best.
function wallsAt({ walls, equality }, x, slope) {
  const found = walls.map((wall) => ({ value: wall.value(x), gradient: wall.gradient(x) }));
  const active = found.filter(({ value }) => equality || value >= -TOUCH);
  const fits = fitted(
    slope,
    active.map(({ gradient }) => gradient),
    equality,
  );
  const multiplier = (wall) => (active.includes(wall) ? fits[active.indexOf(wall)] : 0);
  return found.map((wall) => ({ ...wall, touches: active.includes(wall), multiplier: multiplier(wall) }));
}

// The multipliers that make |∇f + Σ λ ∇c| least; with λ ≥ 0 where the gradients are dependent.
function fitted(slope, rows, equality) {
  if (rows.length === 0) return [];
  if (rows.length === 1) return [alone(slope, rows[0])];
  if (independent(rows)) return solved(rows, slope);
  const singles = rows.map((row) => Math.max(0, alone(slope, row)));
  const remains = rows.map((row, i) => Math.hypot(...slope.map((entry, k) => entry + singles[i] * row[k])));
  const chosen = remains[0] <= remains[1] ? 0 : 1;
  return singles.map((multiplier, i) => (i === chosen && !equality ? multiplier : 0));
}

function alone(slope, row) {
  const size = dot(row, row);
  return size > 0 ? 0 - dot(slope, row) / size : 0;
}

function solved([[a, b], [c, d]], [u, v]) {
  const det = a * d - b * c;
  return [(c * v - d * u) / det, (b * u - a * v) / det];
}

// Of rows of length 1: whether the smaller singular value is above rounding.
function independent(rows) {
  const [[a, b], [c, d]] = rows.map((row) => row.map((entry) => entry / (Math.hypot(...row) || 1)));
  const [turning, mirroring] = [Math.hypot(a + d, c - b) / 2, Math.hypot(a - d, b + c) / 2];
  return Math.abs(turning - mirroring) > 2 * EPS * (turning + mirroring);
}

// --- the solution --------------------------------------------------------------------------------------

// The lowest allowed point: the bowl's own, or the lowest of an edge, or a tip where two edges meet.
function solutionOf(constraint, center) {
  const inside = !constraint.equality && constraint.walls.every((wall) => wall.value(center) <= 0);
  if (inside) return { x: center, value: 0, where: "inside" };
  const found = constraint.edges.map((edge) => lowestOn(edge, center));
  const tip = constraint.tip && { x: constraint.tip, where: "tip" };
  const all = [...(tip ? [tip] : []), ...found].map((one) => ({ ...one, value: bowl.f(one.x, center) }));
  return all.reduce((best, one) => (one.value < best.value ? one : best));
}

function lowestOn({ range: [low, high], at, along, closed }, center) {
  const step = (high - low) / SAMPLES;
  const places = Array.from({ length: SAMPLES + 1 }, (_, i) => low + i * step);
  const heights = places.map((s) => bowl.f(at(s), center));
  const k = heights.indexOf(Math.min(...heights));
  const slope = (s) => dot(bowl.gradient(at(s), center), along(s));
  const [first, last] = closed ? [-Infinity, Infinity] : [low, high];
  return { x: at(rootOf(slope, Math.max(first, places[k] - step), Math.min(last, places[k] + step))), where: "edge" };
}

// Where a rising function is 0 between two ends; at an end, where it is 0 at none.
function rootOf(slope, low, high) {
  if (slope(low) >= 0) return low;
  if (slope(high) <= 0) return high;
  while (high - low > EPS * Math.max(1, Math.abs(low), Math.abs(high))) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (slope(middle) < 0) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

// --- what is told --------------------------------------------------------------------------------------

function storyOf({ walls, conditions, failing, best }, { equality }) {
  const touching = walls.filter(({ touches }) => touches);
  if (failing.includes("feasibility")) return equality ? "off" : "forbidden";
  if (failing.includes("sign")) return "pulling";
  if (failing.includes("stationarity")) {
    if (!touching.length) return "free";
    if (touching.length === 2 && best.where === "tip") return "cusp";
    return touching.length && touching.some(({ multiplier }) => Math.abs(multiplier) > HOLDS) ? "sliding" : "free";
  }
  if (conditions.complementarity > HOLDS) return "apart";
  if (equality) return "balanced";
  return touching.some(({ multiplier }) => multiplier > HOLDS) ? "held" : "idle";
}
