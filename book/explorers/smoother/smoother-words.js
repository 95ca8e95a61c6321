// Every text that the random-walk smoother shows, from its numbers.
import { significant } from "../shared/floats.js";
import { STEPS } from "./smoother-numbers.js";

const LEAST_START = 1; // per cent: the share of the start that is worth a word

export function wordsOf(numbers, state) {
  const texts = Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, significant(value, 4)]));
  return { ...texts, share: `${texts.share} %`, story: storyOf(texts, numbers.start, state) };
}

function storyOf({ window, lag, factor, start: left }, start, { beta, corrected }) {
  if (beta === 0) return "With β = 0 the average is the last step itself: nothing is smoothed, and nothing comes late.";
  const told = `The average looks back over about 1/(1 − β) = ${window} steps and lags by β/(1 − β) = ${lag}. In the long run this divides the variance by (1 + β)/(1 − β) = ${factor}.`;
  if (start < LEAST_START) return told;
  return `${told} After ${STEPS} steps the start from 0 still has ${left} % of the weight${corrected ? ", which the correction makes up for." : "."}`;
}
