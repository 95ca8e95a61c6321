// Every text that the schedule designer shows, from its numbers.
import { pythonRepr, significant } from "../shared/floats.js";
import { SETTINGS } from "./schedule-numbers.js";

const SMALL = 1e-9;

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
