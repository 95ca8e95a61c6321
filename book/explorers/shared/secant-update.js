// What book/optim/bfgs.py and lbfgs.py make of a pair: a step s, and the change y of the gradient along it.
import { apply, dot } from "./surfaces.js";

// Whether yᵀs is above 0 by more than rounding.
export function curvedUpwards(s, y) {
  return dot(y, s) > Number.EPSILON * Math.hypot(...y) * Math.hypot(...s);
}

// BFGS's first matrix: its size lies between 1 and the inverse curvature along y.
export function sized(s, y) {
  const size = Math.sqrt(dot(s, y) / dot(y, y));
  return [
    [size, 0],
    [0, size],
  ];
}

// (I − ρ s yᵀ) B (I − ρ y sᵀ) + ρ s sᵀ, multiplied out.
export function inverseUpdate(B, s, y) {
  const rho = 1 / dot(y, s);
  const By = apply(B, y);
  const bend = 1 + rho * dot(y, By);
  return B.map((row, i) => row.map((b, j) => b + rho * (bend * s[i] * s[j] - By[i] * s[j] - s[i] * By[j])));
}

// B g by two loops over the pairs [s, y], the oldest first.
export function twoLoops(g, pairs) {
  if (!pairs.length) return [...g];
  const minus = (a, share, b) => a.map((entry, i) => entry - share * b[i]);
  let q = g;
  const shares = [...pairs].reverse().map(([s, y]) => {
    const share = dot(s, q) / dot(y, s);
    q = minus(q, share, y);
    return share;
  });
  const [newest, change] = pairs.at(-1);
  const size = dot(newest, change) / dot(change, change);
  q = q.map((entry) => entry * size);
  pairs.forEach(([s, y], i) => {
    q = minus(q, dot(y, q) / dot(y, s) - shares.at(-1 - i), s);
  });
  return q;
}
