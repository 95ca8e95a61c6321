// Every text that the explorer of conjugate directions shows, from its numbers.
import { plain } from "../shared/number-text.js";

export function wordsOf(numbers) {
  const { turns, needed } = numbers;
  return {
    kappa: plain(numbers.kappa, 3),
    factor: numbers.factor === null ? "–" : plain(numbers.factor, 3),
    worst: plain(numbers.worst, 3),
    ...Object.fromEntries(Object.entries(needed).map(([name, steps]) => [`${name}_needed`, String(steps)])),
    ...Object.fromEntries(Object.keys(turns).map((name) => [`${name}_seen`, degrees(turns[name]?.seen)])),
    ...Object.fromEntries(Object.keys(turns).map((name) => [`${name}_round`, degrees(turns[name]?.round)])),
    story: STORIES[numbers.story](numbers),
  };
}

function degrees(angle) {
  return angle === undefined ? "–" : `${angle.toFixed(0)}°`;
}

const pace = ({ factor, needed }) =>
  `Steepest descent turns by 90° at each step. Each leaves ${plain(factor, 3)} of the loss: ${needed.descent} steps to a millionth.`;
const others = ({ turns: { conjugate } }) =>
  `Conjugate gradient turns by ${degrees(conjugate.seen)}, which is ${degrees(conjugate.round)} where the bowl is round, and is there after 2. Newton takes 1.`;

const STORIES = {
  rest: () => "The start is the minimum: the gradient is zero, and nothing moves.",
  round: () => "The bowl is round: −g points to the minimum, and each of the three is there in 1 step.",
  axis: () =>
    "From here −g points to the minimum, as from every point on an axis of the ellipse: each of the three is there in 1 step.",
  worst: (numbers) =>
    `${pace(numbers)} This is about the worst start for κ = ${plain(numbers.kappa, 3)}; none leaves more than ${plain(numbers.worst, 3)}. ${others(numbers)}`,
  zigzag: (numbers) =>
    `${pace(numbers)} The worst start for κ = ${plain(numbers.kappa, 3)} would leave ${plain(numbers.worst, 3)}. ${others(numbers)}`,
};
