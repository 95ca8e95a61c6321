// Every text that the explorer of secant learning shows, from its numbers.
import { plain, tidy } from "../shared/number-text.js";

export function wordsOf(numbers) {
  const { taken, end, loss, believed, truth, shares, seen, said, angle } = numbers;
  return {
    count: `${taken} of ${end}`,
    loss: tidy(loss),
    believed: pair(believed),
    truth: pair(truth),
    shares: shares ? pair(shares) : "–",
    along: seen === null ? "–" : `${plain(seen, 3)}; ${plain(said, 3)}`,
    angle: taken === end || angle === null ? "–" : `${angle < SMALL ? "0" : plain(angle, 3)}°`,
    story: STORIES[numbers.story](numbers),
  };
}

const SMALL = 1e-3; // degrees: what is below is rounding
const pair = (values) => values.map((value) => plain(value, 3)).join(", ");
const both = (values) => values.map((value) => plain(value, 3)).join(" and ");
const STORIES = {
  rest: () => "The slope is zero where you start: nothing moves, and nothing is learned.",
  start: () => "Nothing is known yet: the ellipse is a circle, and the first step goes straight downhill, along −g.",
  first: ({ seen }) =>
    `One pair is known: along the step just taken the curvature was ${plain(seen, 3)}. Now the ellipse has it too, along that step.`,
  learning: ({ seen, shares }) =>
    `Along the last step both gradients said ${plain(seen, 3)}, and now the ellipse says so too. The eigenvalues of BH are ${both(shares)}; 1 and 1 would be the true curvature.`,
  learned: ({ shares }) =>
    `The ellipse is the Hessian's: the eigenvalues of BH are ${both(shares)}. The next step is nearly Newton's.`,
  bends: ({ truth }) =>
    `Here the surface bends down in a direction: the curvatures are ${both(truth)}. BFGS keeps an ellipse all the same; that is what sends it downhill.`,
  skipped: () => "Along the last step the slope fell, so the pair was left out: no ellipse has a negative curvature.",
  unfinished: ({ taken, loss }) =>
    `After ${plain(taken)} steps, the most that are shown, it has not arrived: the slope is not zero yet, and the loss is ${plain(loss, 3)}.`,
  arrived: ({ taken }) => `It has arrived after ${plain(taken)} steps, and its ellipse is the Hessian's.`,
  early: ({ taken, shares }) =>
    `It has arrived after ${plain(taken)} steps, before it had learned all: the eigenvalues of BH are ${both(shares)}. It learns only where it goes.`,
};
