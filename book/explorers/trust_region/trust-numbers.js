// The step within a radius, what the model promises for it, what really comes of it, and what follows.
import { nextRadius, steihaug } from "../shared/steihaug.js";
import { dot, eigen, picture, SURFACES } from "../shared/surfaces.js";
import TRUST from "./trust-region.json" with { type: "json" };

export const { surface: FIRST, radii: RADII, limits: LIMITS, eta: ETA } = TRUST;

export function numbersOf({ surface: name, start, radius }) {
  const surface = SURFACES[name];
  const [value, gradient, hessian] = [surface.f(start), surface.gradient(start), surface.hessian(start)];
  const size = Math.sqrt(dot(gradient, gradient));
  const step = steihaug(hessian, gradient, radius, TRUST.tolerance * size);
  const next = start.map((entry, i) => entry + step.p[i]);
  const real = value - surface.f(next);
  const ratio = step.predicted > 0 ? real / step.predicted : NaN;
  const length = Math.hypot(...step.p);
  const found = {
    value,
    gradient,
    hessian,
    ...step,
    length,
    next,
    real,
    ratio,
    eigenvalues: eigen(hessian).values,
    taken: ratio > ETA,
    nextRadius: Math.min(LIMITS[1], Math.max(LIMITS[0], nextRadius(radius, ratio, length))),
  };
  return { ...found, story: storyOf(found) };
}

function storyOf({ predicted, ratio, taken, eigenvalues }) {
  if (!(predicted > 0)) return eigenvalues[0] < 0 ? "no minimum" : "no slope";
  if (ratio < 0) return "rises";
  if (!taken) return "refused";
  if (ratio < 0.25) return "poor";
  if (ratio <= 0.75) return "fair";
  return ratio > 1.25 ? "better" : "good";
}

// [[radius, promised, real], …] over the radii of the chart.
export function drops({ surface, start }, longest, count = 121) {
  const radii = Array.from({ length: count }, (_, i) => (longest * (i + 1)) / count);
  return radii.map((radius) => {
    const { predicted, real } = numbersOf({ surface, start, radius });
    return [radius, predicted, real];
  });
}

// How far the chart goes: half of the picture's side.
export function longestOf(name) {
  const [[low, high]] = picture(SURFACES[name]);
  return (high - low) / 2;
}
