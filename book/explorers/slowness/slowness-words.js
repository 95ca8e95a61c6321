// Every text that slowness shows, from its numbers.
import { MOST_STEPS } from "./slowness-numbers.js";

export function wordsOf(numbers) {
  const { steps, descent, momentum } = numbers;
  const [ofDescent, ofMomentum] = [leftText(descent), leftText(momentum)];
  return {
    step: `Step ${steps}`,
    descent: ofDescent,
    momentum: ofMomentum,
    times: timesAsMany(numbers),
    now: `step ${steps}: descent has ${ofDescent}, momentum ${ofMomentum}`,
    story: storyOf(numbers),
  };
}

function leftText(share) {
  return share < 0.01 ? "< 1 % left" : `${(100 * share).toFixed(0)} % left`;
}

function timesAsMany({ steps, same }) {
  return steps && same ? (same / steps).toPrecision(2) : "";
}

function storyOf(numbers) {
  const { steps, descent, momentum, same } = numbers;
  if (steps === 0) return "Both begin with grey.";
  if (descent <= momentum) return "At this step descent is no further away than momentum.";
  if (same === null) return `Descent does not come as near as this within ${MOST_STEPS} steps.`;
  return `Descent is as near at step ${same}, after ${timesAsMany(numbers)} times as many steps.`;
}
