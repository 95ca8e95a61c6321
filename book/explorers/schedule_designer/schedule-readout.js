// What the schedule designer says: its numbers, by `numbersOf`, and every string, by `wordsOf`.
import { pythonRepr, significant } from "../shared/floats.js";
import DESIGNER from "./schedule-designer.json" with { type: "json" };
import { SCHEDULES } from "./schedules.js";

export const { defaults: DEFAULTS, limits: LIMITS, settings: SETTINGS } = DESIGNER;
const [CURVATURES, START, SIGMA] = [[1, 0.02], 10, 1];
const CLOSE = 0.01; // losses that differ by less are as good as equal
const SMALL = 1e-9;

// --- numbers -----------------------------------------------------------------------------------------------

export function factorsOf(name, parameters, totalSteps) {
  const factor = SCHEDULES[name](parameters, totalSteps);
  return Array.from({ length: totalSteps }, (_, t) => factor(t));
}

// The expected loss of noisy gradient descent, before the first step and after each: what is left of the start, and noise.
export function expectedOf(rates) {
  const [starts, noises] = [CURVATURES.map(() => START * START), CURVATURES.map(() => 0)];
  const losses = () =>
    [starts, noises].map((squares) => squares.reduce((total, square, i) => total + (CURVATURES[i] * square) / 2, 0));
  return [
    losses(),
    ...rates.map((rate) => {
      CURVATURES.forEach((curvature, i) => {
        const kept = (1 - rate * curvature) * (1 - rate * curvature);
        starts[i] = kept * starts[i];
        noises[i] = kept * noises[i] + rate * rate * (SIGMA * SIGMA);
      });
      return losses();
    }),
  ];
}

// `ends` compares the loss after the last step with that of the constant rate; `left` says what it mostly is.
export function numbersOf({ schedule, parameters, total_steps, lr, t }) {
  const rates = factorsOf(schedule, parameters, total_steps).map((factor) => lr * factor);
  const [losses, steady] = [expectedOf(rates), expectedOf(rates.map(() => lr))];
  const way = rates.reduce((total, rate) => total + rate, 0);
  const [[start, noise], [startConstant, noiseConstant]] = [losses.at(-1), steady.at(-1)];
  const [loss, lossConstant] = [start + noise, startConstant + noiseConstant];
  return {
    rate: rates[t],
    loss_at: losses[t][0] + losses[t][1],
    way,
    share: (100 * way) / (lr * total_steps),
    start,
    noise,
    loss,
    start_constant: startConstant,
    noise_constant: noiseConstant,
    loss_constant: lossConstant,
    ends: schedule === "constant" ? "constant" : endsAs(loss / lossConstant),
    left: start > noise ? "start" : "noise",
  };
}

function endsAs(ratio) {
  if (Math.abs(ratio - 1) < CLOSE) return "level";
  return ratio > 1 ? "above" : "below";
}

// The parameters to begin with: T_max is the whole run.
export function defaultsOf(name, totalSteps) {
  return Object.entries(SETTINGS[name]).map(([key, [value]]) => (key === "T_max" ? totalSteps : value));
}

// --- words -------------------------------------------------------------------------------------------------

export function wordsOf({ ends, left, ...numbers }, state) {
  const texts = Object.fromEntries(Object.entries(numbers).map(([key, value]) => [key, number(value)]));
  const given = argumentsOf(state)
    .map(([key, text]) => `${key}=${text}`)
    .join(", ");
  const story = `${ENDS[ends](numbers, state.schedule)} ${LEFT[left]}`;
  return { ...texts, share: `${texts.share} %`, code: `LambdaLR(optimizer, ${state.schedule}(${given}))`, story };
}

// To four digits, by way of twelve, so that rounding errors do not decide a tie.
function number(x) {
  if (x > 0 && x < SMALL) return "< 1e−9";
  return significant(Number(x.toPrecision(12)), 4).replaceAll("-", "−");
}

// What the schedule is called with, as [name, text].
function argumentsOf({ schedule: name, parameters, total_steps: totalSteps }) {
  const named = Object.entries(SETTINGS[name]).map(([key, [, , , scale]], i) => [
    key,
    scale === "whole" ? String(parameters[i]) : pythonRepr(parameters[i]),
  ]);
  if (name === "warmup_cosine") named.splice(1, 0, ["total_steps", String(totalSteps)]);
  if (name === "one_cycle") named.unshift(["total_steps", String(totalSteps)]);
  return named;
}

const LEFT = {
  start: "What is left is mostly the start, not yet forgotten: the rates add up to too little.",
  noise: "What is left is mostly noise that the steps have brought in.",
};
const ENDS = {
  constant: ({ loss }) => `At the constant rate the run ends at an expected loss of ${number(loss)}.`,
  level: ({ loss }, name) =>
    `With ${name} the run ends at an expected loss of ${number(loss)}, as at the constant rate to within 1 %.`,
  above: (numbers, name) => farFrom(numbers, name, numbers.loss / numbers.loss_constant, "above"),
  below: (numbers, name) => farFrom(numbers, name, 1 / (numbers.loss / numbers.loss_constant), "below"),
};

function farFrom({ loss, loss_constant }, name, times, where) {
  return `With ${name} the run ends at an expected loss of ${number(loss)}, a factor of ${number(times)} ${where} the constant rate's ${number(loss_constant)}.`;
}
