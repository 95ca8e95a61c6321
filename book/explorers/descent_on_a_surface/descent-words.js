// The sentence of the explorer of descent on a surface, from its numbers.
import { plain } from "../shared/number-text.js";
import { SURFACES } from "../shared/surfaces.js";

export function wordsOf(numbers, { surface, lr }) {
  return STORIES[numbers.story]({ ...numbers, surface: SURFACES[surface], lr });
}

const both = ({ eigenvalues }) => eigenvalues.map((value) => plain(value, 3)).join(" and ");
const lambda = ({ surface, ratio, lr }) =>
  surface.noise ? "" : `, with the curvature λ = ${plain(ratio / lr, 3)} along the gradient`;
const STORIES = {
  left({ left, loss, first, surface }) {
    const start = `It leaves the picture at step ${left}`;
    if (!surface.minima.length) return `${start}. This surface has no lowest point: descent goes on for ever.`;
    if (loss <= first) return `${start}.`;
    return `${start} and diverges: the loss has grown from ${plain(first, 3)} to ${plain(loss, 3)}. The rate is too large for this curvature.`;
  },
  minimum: (shown) =>
    `It has arrived: the gradient is zero and both curvatures, ${both(shown)}, are positive. This is a minimum.`,
  saddle: (shown) =>
    `It has stopped at a saddle: the gradient is zero, but the curvatures ${both(shown)} have both signs. Descent looks at the gradient alone and cannot tell.`,
  maximum: (shown) =>
    `It stands on a maximum: the gradient is zero and both curvatures, ${both(shown)}, are negative. Descent cannot tell.`,
  undecided: (shown) =>
    `The gradient is zero to six decimals, so descent stands still. The curvatures, ${both(shown)}, do not tell what this point is.`,
  uphill: () => "The noise has turned this gradient round: the next step goes uphill.",
  "bends down": () =>
    "Along the next step the surface bends down: the quadratic forecast falls further than the straight line, and has no lowest point.",
  up: (shown) =>
    `The next step is longer than 2/λ${lambda(shown)}: the quadratic forecast says that the loss rises${shown.real < 0 ? ", and it does." : ". Really it still falls."}`,
  over: (shown) =>
    `The next step is longer than the best one, 1/λ${lambda(shown)}: it passes the lowest point ahead, and the forecast still falls.`,
  short: (shown) =>
    `The next step is shorter than the best one, 1/λ${lambda(shown)}: the curvature takes ${plain(50 * shown.ratio, 2)} % off what the straight line promises.`,
};
