// Paths of descent by the rules of rules.js. The names of the settings are torch's.
import { normals } from "./noise.js";
import { after, before, flat, RULES } from "./rules.js";
import { picture } from "./surfaces.js";

// The points from the start on, as book.optim.trajectory has them: it ends early only where the gradient is no longer
// finite. A noisy surface's gradient is drawn from the seed, the same at each call. Settings that are not given are
// the rule's defaults. `rests` may end it at a gradient.
export function trajectory(surface, start, given, steps, { rule = "SGD", seed = 0, rests = () => false } = {}) {
  const method = RULES[rule];
  const settings = flat({ ...method.defaults, ...given });
  const draw = normals(seed);
  const path = [start];
  let memories = start.map(() => method.memory.map(() => 0));
  for (let t = 1; t <= steps; t += 1) {
    const x = path.at(-1);
    const g = surface.gradient(x).map((entry) => entry + (surface.noise && surface.noise * draw()));
    if (!g.every(Number.isFinite) || rests(g)) break;
    const moved = x.map((entry, i) => after(method, before(method, settings, t, entry, g[i], memories[i])));
    path.push(moved.map((known) => known.x));
    memories = moved.map((known) => method.memory.map((name) => known[name]));
  }
  return path;
}

// Gradient descent, as book.optim.descend has it: it ends early also where the gradient is zero.
export function descend(surface, start, { lr }, steps, { seed = 0 } = {}) {
  return trajectory(surface, start, { lr }, steps, { seed, rests: (g) => !(Math.hypot(...g) > 0) });
}

const REACH = 10; // half pictures from the middle, beyond which a path is not followed

export function withinReach(path, surface) {
  const gone = path.findIndex((point) => distance(point, surface) > REACH);
  return gone < 0 ? path : path.slice(0, gone + 1);
}

// From the middle of the picture: 1 at its edges.
export function distance(point, surface) {
  return Math.max(
    ...picture(surface).map(([low, high], i) => Math.abs(point[i] - (low + high) / 2) / ((high - low) / 2)),
  );
}
