// Every text that the explorer of the error by eigenvalue shows, from its numbers.
import { plain } from "../shared/number-text.js";
import { COUNT } from "./error-numbers.js";

const BESIDE = { best: "at its best rate", same: "at the same η", effective: "at the equal effective rate" };

export function wordsOf(numbers) {
  const { descent, yours } = numbers;
  return {
    ...textsOf("descent", descent, numbers),
    ...textsOf("yours", yours, numbers),
    descent_name: `Descent ${BESIDE[numbers.beside]}: η = ${plain(descent.lr, 3)}`,
    yours_name: yours.momentum
      ? `Momentum: η = ${plain(yours.lr, 3)}, μ = ${plain(yours.momentum, 3)}`
      : `Yours: η = ${plain(yours.lr, 3)}, μ = 0`,
    story: [paceOf(numbers), arrivalOf(numbers), noiseOf(numbers)].filter(Boolean).join("\n"),
  };
}

function textsOf(name, { lr, factor, limit, small, takeover, floor, here }, { curvatures, steps, noise }) {
  const step = (at, beyond) => (limit === "diverging" ? beyond : at === null ? `not in ${steps}` : String(at));
  const texts = {
    lr: plain(lr, 4),
    factor: plain(factor, 4),
    small: step(small, "never"),
    takeover: noise ? step(takeover, "–") : "no noise",
    floor: plain(floor, 3),
    here: here ? plain(here.loss, 3) : "off the chart",
    largest: here?.loss ? plain(curvatures[here.largest], 3) : "–",
    share: here?.loss ? `${plain(100 * here.share, 3)} %` : "–",
  };
  return Object.fromEntries(Object.entries(texts).map(([key, text]) => [`${name}_${key}`, text]));
}

function paceOf({ yours, best }) {
  const { factors, factor, momentum, limit } = yours;
  const [flat, steep] = [factors[0], factors.at(-1)].map((one) => plain(one, 4));
  const bound = `η must stay below 2(1 + μ) = ${plain(2 * (1 + momentum), 4)}.`;
  return {
    flat: `The smallest curvature limits you now: in the long run a step keeps ${flat} of its distance, and only ${steep} of the largest one's. A larger η lowers the first.`,
    steep: `The largest curvature limits you now: in the long run a step keeps ${steep} of its distance, and only ${flat} of the smallest one's. A smaller η lowers the first.`,
    both: `Both ends limit you now: the smallest curvature creeps, the largest jumps from side to side, and in the long run a step keeps ${flat} of the distance of either. At this μ no other η keeps less.`,
    all: `All ${COUNT} curvatures go the same pace: in the long run a step keeps √μ = ${plain(factor, 4)} of their distance. Less momentum, down to μ = ${plain(best.momentum, 4)} with its own η, lowers it.`,
    best: `This is the best pair: in the long run a step keeps √μ = ${plain(factor, 4)} of the distance of all ${COUNT} curvatures, and no other η and μ keep less.`,
    marginal: `The largest curvature keeps all of its distance and never settles. ${bound}`,
    diverging: `You diverge: in the long run each step makes the distance of the largest curvature ${plain(factors.at(-1), 4)} times as large. ${bound}`,
  }[limit];
}

function arrivalOf({ beside, descent, yours, steps }) {
  if (yours.limit === "diverging") return "";
  const you =
    yours.small === null
      ? `In ${steps} steps you do not get down to 1 % of the first loss`
      : `You are down to 1 % of the first loss after ${yours.small} steps`;
  if (!yours.momentum && descent.lr === yours.lr) return `${you}. With μ = 0 this is plain descent: add momentum.`;
  const other = `descent ${BESIDE[beside]}`;
  if (descent.limit === "diverging") return `${you}; ${other} diverges.`;
  if (descent.small !== null) return `${you}; ${other} takes ${descent.small}.`;
  return yours.small === null
    ? `${you}, and neither does ${other}.`
    : `${you}; ${other} does not get there in ${steps}.`;
}

function noiseOf({ noise, yours, descent, steps }) {
  if (!noise || yours.limit === "diverging" || yours.limit === "marginal") return "";
  const floor = `holds the loss at ${plain(yours.floor, 3)} in the long run`;
  const theirs = descent.floor < Infinity ? ` (descent: ${plain(descent.floor, 3)})` : "";
  return yours.takeover === null
    ? `Noise ${floor}${theirs}, but within ${steps} steps it has not taken over. A smaller η lowers that.`
    : `From step ${yours.takeover} on noise is the larger part, and it ${floor}${theirs}. A smaller η lowers that.`;
}
