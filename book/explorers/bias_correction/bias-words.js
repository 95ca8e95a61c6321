// Every text that the explorer of bias correction shows, from its numbers.
import { significant } from "../shared/floats.js";

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
