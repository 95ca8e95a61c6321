// Adam's averages and its step, with the correction and without, over the first steps.
import { normals } from "../shared/noise.js";
import BIAS from "./bias-correction.json" with { type: "json" };

export const { defaults: DEFAULTS, steps: STEPS, most_betas: MOST_BETAS, means: KINDS } = BIAS; // mean and mean square of each kind
const NOISE = 0.5; // the standard deviation of the noisy gradients
const CLOSE = 0.01; // steps that differ by less are as good as equal

export function gradientsOf(kind, seed) {
  const noise = normals(seed);
  const one = (t) => (kind === "noisy" ? 1 + NOISE * noise() : kind === "alternating" && t % 2 ? -1 : 1);
  return Array.from({ length: STEPS }, (_, t) => one(t));
}

// What Adam works out at each step, with ε = 0; steps are in units of the learning rate, against the gradient.
export function momentsOf(gradients, [beta1, beta2]) {
  let [m, v, power1, power2] = [0, 0, 1, 1];
  return gradients.map((g) => {
    m = beta1 * m + (1 - beta1) * g;
    v = beta2 * v + (1 - beta2) * (g * g);
    power1 *= beta1;
    power2 *= beta2;
    const [held_m, held_v] = [1 - power1, 1 - power2];
    const [m_hat, v_hat] = [m / held_m, v / held_v];
    return {
      m,
      held_m,
      m_hat,
      v,
      held_v,
      v_hat,
      raw_step: m / Math.sqrt(v),
      step: m_hat / Math.sqrt(v_hat),
      ratio: held_m / Math.sqrt(held_v),
    };
  });
}

// `here` is of step t, `first` the ratio at the first step, `worst` the one furthest from 1.
export function numbersOf({ betas, gradients, t, seed }) {
  const run = momentsOf(gradientsOf(gradients, seed), betas);
  const off = run.map(({ ratio }) => Math.max(ratio, 1 / ratio));
  const worst = off.indexOf(Math.max(...off));
  const { ratio } = run[t - 1];
  return {
    here: run[t - 1],
    means: KINDS[gradients],
    first: run[0].ratio,
    worst: { ratio: run[worst].ratio, t: worst + 1 },
    story: Math.abs(ratio - 1) < CLOSE ? "same" : ratio > 1 ? "long" : "short",
  };
}
