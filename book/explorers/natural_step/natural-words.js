// Every text that the explorer of the natural step shows, from its numbers.
import { plain } from "../shared/number-text.js";
import { hundredths } from "../shared/points.js";
import { KINDS, PARAMETERS, WALK } from "./natural-numbers.js";

export function wordsOf(numbers, state) {
  const cells = KINDS.flatMap((kind) => Object.entries(cellsOf(kind, numbers.steps[kind])));
  return { ...Object.fromEntries(cells), story: sentencesOf(numbers, state) };
}

export function bellText([mu, sigma]) {
  return `μ ${plain(mu)}, σ ${plain(sigma)}`;
}

const twoPlaces = (x) => (hundredths(x) + 0).toFixed(2).replace("-", "−"); // + 0: no −0.00

function cellsOf(kind, step) {
  const texts = step
    ? {
        end: step.model.map(twoPlaces).join(", "),
        divergence: plain(step.divergence, 3),
        drop: plain(step.drop, 3),
      }
    : { end: "–", divergence: "–", drop: "–" };
  return Object.fromEntries(Object.entries(texts).map(([key, text]) => [`${kind}_${key}`, text]));
}

function sentencesOf(numbers, { parameters, divergence }) {
  const { loss, steps, story } = numbers;
  if (story === "rest") return "This is the bell of the data: the loss is 0, the gradient too, and there is no step.";
  const { sign } = PARAMETERS[parameters];
  const step = STEPS[story](steps, `the ring δ = ${plain(divergence, 3)}`, sign);
  return `The loss is ${plain(loss, 3)}. ${step} ${wayOf(numbers, sign)}`;
}

function wayOf({ left, widest }, sign) {
  const natural = `natural descent passes no σ above ${plain(widest.natural, 3)} and leaves a loss of ${plain(left.natural, 2)}`;
  const other = `plain descent in ${sign} goes up to ${plain(widest.plain, 3)} and leaves ${plain(left.plain, 2)}`;
  return `In ${WALK.steps} steps ${natural}; ${other}.`;
}

const does = ({ drop }, what) => `${drop < 0 ? "raises" : "lowers"} ${what} by ${plain(Math.abs(drop), 3)}`;

const STEPS = {
  one: ({ natural }, ring) =>
    `The slope is along one parameter alone, so the two steps to ${ring} are one, which ${does(natural, "the loss")}.`,
  rises: ({ plain: other, natural }, ring, sign) =>
    `Here ${ring} is too wide: the natural step to it ${does(natural, "the loss")}, the plain one in ${sign} ${does(other, "it")}.`,
  more: ({ plain: other, natural }, ring, sign) =>
    `To ${ring} the natural step ${does(natural, "it")}, the plain one in ${sign} ${does(other, "it")}.`,
  less: ({ plain: other, natural }, ring, sign) =>
    `To ${ring} the natural step ${does(natural, "it")}, the plain one in ${sign} ${does(other, "it")}: to first order the natural one promised more.`,
};
