// Every text that the ball in a valley shows, from its numbers.
import { plain } from "../shared/number-text.js";
import { BEST, KAPPA, MOST } from "./valley-numbers.js";

export function wordsOf(numbers) {
  const { descent, ball } = numbers;
  return {
    descent: neededBy(descent),
    ball: neededBy(ball),
    story: [STORIES[numbers.story](numbers), hintOf(numbers), besideIt(numbers)].filter(Boolean).join(" "),
  };
}

function neededBy({ needed, factors }) {
  if (needed !== null) return `${needed} step${needed === 1 ? "" : "s"}`;
  return factors.across >= 1 ? "never arrives" : `more than ${MOST.toLocaleString("en")} steps`;
}

// The fewest steps that a hand has found so far.
export function recordOf({ needed, lr, momentum }) {
  return `Your fewest so far: ${needed}, with η = ${plain(lr, 3)} and μ = ${plain(momentum, 3)}.`;
}

const STORIES = {
  still: () => "With η = 0 nothing moves.",
  "over the wall": ({ momentum }) =>
    `Over the limit: with μ = ${plain(momentum, 3)} the ball flies out beyond η = 2(1 + μ)/${KAPPA} = ${plain((2 * (1 + momentum)) / KAPPA, 3)}.`,
  "no memory": () => "Without memory the ball is descent.",
  creeps: () => "The ball creeps along the floor.",
  swings: () => "The ball overshoots and swings back.",
  jumps: () => "The ball jumps from wall to wall.",
  best: () =>
    `You are within a hair of the best pair, η = ${plain(BEST.lr, 3)} and μ = ${plain(BEST.momentum, 3)}: in the long run no other is faster.`,
};

const CHANGES = {
  lr: ["A slightly smaller rate", "A slightly larger rate"],
  momentum: ["A little less memory", "A little more memory"],
};

// What the counter says of the settings around.
function hintOf({ better, story, ball }) {
  if (better) return `${CHANGES[better.key][Number(better.more)]} takes ${neededBy(better)}.`;
  if (story === "best" || story === "still" || story === "over the wall" || ball.needed === null) return "";
  return "A little more or less of either takes no fewer steps.";
}

function besideIt({ descent, story }) {
  if (story === "over the wall" || story === "still" || descent.factors.across < 1) return "";
  return `Descent is over its own limit, 2/${KAPPA} = ${plain(2 / KAPPA, 3)}.`;
}
