// Random steps, their exponential averages, and the variances: measured, expected, in the long run.
import { uniforms } from "../shared/noise.js";

export const STEPS = 200;
export const SIZE = 10; // a step lies between −10 and 10
export const BARS = 50; // of the last steps, whose weights are drawn
const VARIANCE = (SIZE * SIZE) / 3;

export function randomSteps(seed) {
  const draw = uniforms(seed);
  return Array.from({ length: STEPS }, () => 2 * SIZE * draw() - SIZE);
}

// m from 0 on, and with that start made up for.
export function averages(steps, beta) {
  const [plain, corrected] = [[], []];
  let [m, power] = [0, 1];
  for (const step of steps) {
    m = beta * m + (1 - beta) * step;
    power *= beta;
    plain.push(m);
    corrected.push(m / (1 - power));
  }
  return { plain, corrected };
}

// The weights of the last steps, the latest first.
export function weights(beta) {
  const found = [1 - beta];
  while (found.length < BARS) found.push(found.at(-1) * beta);
  return found;
}

function variances(beta) {
  const long = (VARIANCE * (1 - beta)) / (1 + beta);
  let [power, plain, corrected] = [1, 0, 0];
  for (let t = 0; t < STEPS; t += 1) {
    power *= beta;
    plain += long * (1 - power * power);
    corrected += (long * (1 + power)) / (1 - power);
  }
  return { average: plain / STEPS, corrected: corrected / STEPS, long };
}

// `start` is the share of the weight, in per cent, that the start from 0 still has after the last step.
export function numbersOf({ beta, seed }) {
  const steps = randomSteps(seed);
  const average = averages(steps, beta);
  const exact = variances(beta);
  return {
    steps_measured: meanSquare(steps),
    steps_exact: VARIANCE,
    average_measured: meanSquare(average.plain),
    average_exact: exact.average,
    average_long: exact.long,
    corrected_measured: meanSquare(average.corrected),
    corrected_exact: exact.corrected,
    corrected_long: exact.long,
    window: 1 / (1 - beta),
    factor: (1 + beta) / (1 - beta),
    lag: beta / (1 - beta),
    share: 100 * (1 - powerOf(beta, BARS)),
    start: 100 * powerOf(beta, STEPS),
  };
}

function powerOf(beta, times) {
  let power = 1;
  for (let t = 0; t < times; t += 1) power *= beta;
  return power;
}

function meanSquare(values) {
  return values.reduce((total, value) => total + value * value, 0) / values.length;
}
