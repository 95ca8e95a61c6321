// Paths of descent by the rules of rules.js. The names of the settings are torch's.
import { normals } from "./noise.js";
import { RULES } from "./rules.js";
import { apply, dot } from "./surfaces.js";

// The points from the start on; it ends early where the gradient is zero or no longer finite. A noisy surface's
// gradient is drawn from the seed, the same at each call. Settings that are not given are the rule's defaults.
export function descend(surface, start, given, steps, { rule = "SGD", seed = 0 } = {}) {
  const { memory, defaults, update } = RULES[rule];
  const settings = { ...defaults, ...given };
  const draw = normals(seed);
  const path = [start];
  let memories = start.map(() => memory);
  for (let t = 1; t <= steps; t += 1) {
    const x = path.at(-1);
    const g = surface.gradient(x).map((entry) => entry + (surface.noise && surface.noise * draw()));
    if (!g.every(Number.isFinite) || !(dot(g, g) > 0)) break;
    const moved = x.map((entry, i) => update(entry, g[i], memories[i], settings, t));
    path.push(moved.map(([entry]) => entry));
    memories = moved.map(([, ...rest]) => rest);
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
