// BFGS in the plane, as book.optim.BFGS with its defaults: at each point what it believes the inverse Hessian to be.
import { curvedUpwards, inverseUpdate, sized } from "../shared/secant-update.js";
import { apply, dot } from "../shared/surfaces.js";
import { strongWolfe } from "../shared/wolfe.js";

const FLAT = 1e-7; // no entry of the gradient above this: it has arrived
const STILL = 1e-9; // no entry moved by more than this: it stands

// From the start on: { x, loss, gradient, inverse, s, y }, where s and y are the last pair, null at first, and
// `skipped` says that it was left out.
export function bfgs(surface, start, most) {
  const at = (x) => ({ x, loss: surface.f(x), gradient: surface.gradient(x) });
  const path = [{ ...at(start), inverse: null, s: null, y: null, skipped: false }];
  while (path.length <= most && !ended(path)) {
    const here = path.at(-1);
    const there = next(at, here);
    if (there === null) break;
    path.push(there);
  }
  return path;
}

function ended(path) {
  const { gradient, s } = path.at(-1);
  const largest = (vector) => Math.max(...vector.map(Math.abs));
  return largest(gradient) <= FLAT || (s !== null && largest(s) <= STILL);
}

// The direction −B g; where that fails, −g with all forgotten.
function next(at, here) {
  const believed = here.inverse ? along(at, here, apply(here.inverse, here.gradient)) : null;
  const found = believed ?? along(at, { ...here, inverse: null }, here.gradient);
  if (!found) return null;
  const s = found.x.map((entry, i) => entry - here.x[i]);
  const y = found.gradient.map((entry, i) => entry - here.gradient[i]);
  const skipped = !curvedUpwards(s, y);
  const old = believed ? here.inverse : null;
  const { x, loss, gradient } = found;
  return { x, loss, gradient, s, y, skipped, inverse: skipped ? old : inverseUpdate(old ?? sized(s, y), s, y) };
}

function along(at, here, uphill) {
  const slope = -dot(here.gradient, uphill);
  if (!(slope < 0)) return null;
  const phi = (length) => {
    const point = at(here.x.map((entry, i) => entry - length * uphill[i]));
    return { ...point, length, value: point.loss, slope: -dot(point.gradient, uphill) };
  };
  const first = here.inverse ? 1 : Math.min(1, 1 / Math.hypot(...here.gradient));
  const taken = strongWolfe(phi, { length: 0, value: here.loss, slope }, first);
  return taken.length === 0 ? null : taken;
}
