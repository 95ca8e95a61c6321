// What the bias-correction explorer says: its numbers, by `numbersOf`, and every string, by `wordsOf`.

import { significant } from "../shared/floats.js";
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

// --- words -------------------------------------------------------------------------------------------------

export function wordsOf(numbers, { t }) {
  const {
    here,
    means: [mean, square],
    first,
    worst,
  } = numbers;
  const shown = Object.fromEntries(Object.entries(here).map(([name, value]) => [name, number(value)]));
  return {
    ...shown,
    mean: number(mean),
    mean_square: number(square),
    first: number(first),
    worst: `${number(worst.ratio)} at t = ${worst.t}`,
    story: storyOf(numbers, t),
  };
}

function number(x) {
  return significant(x, 4).replaceAll("-", "−");
}

function storyOf({ here: { held_m, held_v, ratio }, story }, t) {
  const held = `After step ${t}, m holds ${number(100 * held_m)} % of a full average and v ${number(100 * held_v)} %.`;
  if (story === "same") return `${held} The step is the same with the correction and without it, to within 1 %.`;
  return `${held} Without the correction the step is too ${story}: ${number(ratio)} times as long as with it, whatever the gradients are.`;
}
