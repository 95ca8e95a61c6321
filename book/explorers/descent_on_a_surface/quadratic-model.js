// Level lines of the quadratic model f + gᵀs + ½ sᵀHs around a point: ellipses or hyperbolas, exactly.
import { apply, dot, eigen } from "../shared/surfaces.js";

const SAMPLES = 80;

// Returns { lines, lowest }: lines to draw within `reach` of the point, and the model's minimum if it has one there.
export function quadraticModel(at, f, g, H, reach) {
  const axes = alongAxes(at, g, H);
  const { a, b, p, q } = axes;
  const far = Math.abs(b) * (reach / 5) + (Math.abs(q) * (reach / 5) ** 2) / 2; // a height worth a line
  const depth = (a * a) / p / 2 + (b * b) / q / 2; // of the minimum below f, where p and q are positive
  const step = [-a / p, -b / q];
  const bowl = p > 0 && Math.hypot(...step) < reach;
  const heights =
    bowl && depth > 1e-9 * far
      ? [1, 4, 9, 16].map((k) => f + depth * (k / 9 - 1))
      : bowl
        ? [1, 4, 9].map((k) => f + (far * k) / 9)
        : [-3, -2, -1, 0, 1, 2, 3].map((k) => f + (far * k) / 4);
  return {
    lines: q === 0 ? [] : heights.flatMap((height) => levelLines(axes, height - f, reach)),
    lowest: bowl ? axes.place(step) : null,
  };
}

// The model in the axes of H: a u + b v + ½ (p u² + q v²), |q| the larger; `place` leads back to the picture.
function alongAxes(at, g, H) {
  const { values, vectors } = eigen(H);
  const [i, j] = Math.abs(values[0]) > Math.abs(values[1]) ? [1, 0] : [0, 1];
  const [eu, ev] = [vectors[i], vectors[j]];
  const place = ([u, v]) => at.map((entry, k) => entry + u * eu[k] + v * ev[k]);
  return { a: dot(g, eu), b: dot(g, ev), p: values[i], q: values[j], place };
}

// Where the model is `rise` above the point: for each u the two v that solve a quadratic equation.
function levelLines({ a, b, p, q, place }, rise, reach) {
  const [A, B, C] = [-p * q, -2 * q * a, b * b + 2 * q * rise]; // the discriminant, A u² + B u + C
  const discriminant = (u) => (A * u + B) * u + C;
  const ends = [-reach, ...roots(A, B, C).filter((u) => Math.abs(u) < reach), reach];
  return ends.slice(1).flatMap((right, k) => {
    const left = ends[k];
    if (!(discriminant((left + right) / 2) > 0)) return [];
    const us = Array.from(
      { length: SAMPLES + 1 },
      (_, n) => (left + right - (right - left) * Math.cos((Math.PI * n) / SAMPLES)) / 2,
    );
    const side = (sign) => us.map((u) => place([u, (sign * Math.sqrt(Math.max(0, discriminant(u))) - b) / q]));
    const [upper, lower] = [side(1), side(-1)];
    if (right < reach) {
      // the two sides meet on the right, and maybe on the left
      const round = [...upper, ...lower.reverse()];
      return [left > -reach ? [...round, upper[0]] : round];
    }
    return left > -reach ? [[...upper.reverse(), ...lower]] : [upper, lower];
  });
}

function roots(A, B, C) {
  if (A === 0) return B === 0 ? [] : [-C / B];
  const inside = B * B - 4 * A * C;
  if (inside <= 0) return [];
  const half = -(B + Math.sign(B || 1) * Math.sqrt(inside)) / 2; // without cancellation
  return [half / A, C / half].sort((u, v) => u - v);
}

// By how much f falls along a step: as the gradient forecasts, as the Hessian corrects it, and really.
export function drops(surface, x, step) {
  const linear = -dot(surface.gradient(x), step);
  const curved = dot(step, apply(surface.hessian(x), step));
  const there = x.map((entry, i) => entry + step[i]);
  return { linear, curved, quadratic: linear - curved / 2, real: surface.f(x) - surface.f(there) };
}
