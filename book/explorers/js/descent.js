// Paths of descent. An update rule: what it remembers at first, and from (point, gradient, memory, settings) the new
// point and memory. The names of the settings are torch's.
import { normals } from "./noise.js";
import { apply, dot } from "./surfaces.js";

export const RULES = {
  "gradient descent": {
    remembers: () => null,
    step: (x, g, memory, { lr }) => [x.map((entry, i) => entry - lr * g[i]), memory],
  },
};

// The points from the start on; it ends early where the gradient is zero or no longer finite. A noisy surface's
// gradient is drawn from the seed, the same at each call.
export function descend(surface, start, settings, steps, { rule = "gradient descent", seed = 0 } = {}) {
  const draw = normals(seed);
  const path = [start];
  let memory = RULES[rule].remembers(start);
  for (let i = 0; i < steps; i += 1) {
    const g = surface.gradient(path[i]).map((entry) => entry + (surface.noise && surface.noise * draw()));
    if (!g.every(Number.isFinite) || !(dot(g, g) > 0)) break;
    const [next, remembered] = RULES[rule].step(path[i], g, memory, settings);
    path.push(next);
    memory = remembered;
  }
  return path;
}

// By how much f falls along a step: as the gradient forecasts, as the Hessian corrects it, and really.
export function drops(surface, x, step) {
  const linear = -dot(surface.gradient(x), step);
  const curved = dot(step, apply(surface.hessian(x), step));
  const there = x.map((entry, i) => entry + step[i]);
  return { linear, curved, quadratic: linear - curved / 2, real: surface.f(x) - surface.f(there) };
}
