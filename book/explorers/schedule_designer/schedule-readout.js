// Every string of the schedule designer: the other half of book/explorers/schedule_designer/readout.py.
import { pythonRepr, significant } from "../shared/floats.js";
import { SCHEDULES } from "./schedules.js";

// Of each schedule, in its own order: [default, lowest, highest, how its slider counts].
export const SETTINGS = {
  constant: {},
  step: { step_size: [100, 1, 1000, "whole"], gamma: [0.1, 0.01, 1, "even"] },
  exponential: { gamma: [0.99, 0.9, 1, "nines"] },
  inverse_sqrt: { warmup: [40, 1, 500, "whole"] },
  cosine: { T_max: [400, 1, 1000, "whole"], eta_min: [0, 0, 1, "even"] },
  warmup_cosine: { warmup: [40, 1, 500, "whole"], start_factor: [0.01, 0, 1, "even"], eta_min: [0, 0, 1, "even"] },
  one_cycle: { pct_start: [0.3, 0.01, 0.99, "even"], div_factor: [25, 1, 100, "even"], final_div_factor: [10000, 1, 1e6, "decades"] },
};
const [CURVATURES, START, SIGMA] = [[1, 0.02], 10, 1];
const CLOSE = 0.01; // losses that differ by less are as good as equal
const SMALL = 1e-9;

// What the schedule is called with, as [name, text].
function argumentsOf(name, parameters, totalSteps) {
  const named = Object.entries(SETTINGS[name]).map(([key, [, , , scale]], i) => [key, scale === "whole" ? String(parameters[i]) : pythonRepr(parameters[i])]);
  if (name === "warmup_cosine") named.splice(1, 0, ["total_steps", String(totalSteps)]);
  if (name === "one_cycle") named.unshift(["total_steps", String(totalSteps)]);
  return named;
}

export function factorsOf(name, parameters, totalSteps) {
  const factor = SCHEDULES[name](parameters, totalSteps);
  return Array.from({ length: totalSteps }, (_, t) => factor(t));
}

// The expected loss of noisy gradient descent, before the first step and after each: what is left of the start, and noise.
export function expectedOf(rates) {
  const [starts, noises] = [CURVATURES.map(() => START * START), CURVATURES.map(() => 0)];
  const losses = () => [starts, noises].map((squares) => squares.reduce((total, square, i) => total + (CURVATURES[i] * square) / 2, 0));
  return [losses(), ...rates.map((rate) => {
    CURVATURES.forEach((curvature, i) => {
      const kept = (1 - rate * curvature) * (1 - rate * curvature);
      starts[i] = kept * starts[i];
      noises[i] = kept * noises[i] + rate * rate * (SIGMA * SIGMA);
    });
    return losses();
  })];
}

export function readout(name, parameters, totalSteps, lr, t) {
  const rates = factorsOf(name, parameters, totalSteps).map((factor) => lr * factor);
  const [losses, steady] = [expectedOf(rates), expectedOf(rates.map(() => lr))];
  const way = rates.reduce((total, rate) => total + rate, 0);
  const [[start, noise], [startConstant, noiseConstant]] = [losses.at(-1), steady.at(-1)];
  const shown = { rate: rates[t], loss_at: losses[t][0] + losses[t][1], way, start, noise, loss: start + noise,
    start_constant: startConstant, noise_constant: noiseConstant, loss_constant: startConstant + noiseConstant };
  const texts = Object.fromEntries(Object.entries(shown).map(([key, value]) => [key, number(value)]));
  const given = argumentsOf(name, parameters, totalSteps).map(([key, text]) => `${key}=${text}`).join(", ");
  return { ...texts, share: `${number((100 * way) / (lr * totalSteps))} %`, code: `LambdaLR(optimizer, ${name}(${given}))`, story: story(name, shown, texts) };
}

// To four digits, by way of twelve: the last ones of a cosine differ from machine to machine.
export function number(x) {
  if (x > 0 && x < SMALL) return "< 1e−9";
  return significant(Number(x.toPrecision(12)), 4).replaceAll("-", "−");
}

function story(name, shown, texts) {
  const left = shown.start > shown.noise ? "What is left is mostly the start, not yet forgotten: the rates add up to too little."
    : "What is left is mostly noise that the steps have brought in.";
  if (name === "constant") return `At the constant rate the run ends at an expected loss of ${texts.loss}. ${left}`;
  const ratio = shown.loss / shown.loss_constant;
  const ends = `With ${name} the run ends at an expected loss of ${texts.loss}`;
  if (Math.abs(ratio - 1) < CLOSE) return `${ends}, as at the constant rate to within 1 %. ${left}`;
  return `${ends}, a factor of ${number(ratio > 1 ? ratio : 1 / ratio)} ${ratio > 1 ? "above" : "below"} the constant rate's ${texts.loss_constant}. ${left}`;
}

// The parameters to begin with: T_max is the whole run.
export function defaultsOf(name, totalSteps) {
  return Object.entries(SETTINGS[name]).map(([key, [value]]) => (key === "T_max" ? totalSteps : value));
}
