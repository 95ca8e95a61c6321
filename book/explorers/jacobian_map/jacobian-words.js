// Every text that the explorer of the Jacobian shows, from its numbers.
import { plain, tidy } from "../shared/number-text.js";

export function wordsOf(numbers) {
  const { jacobian, det, area, longest, shortest, gap, half } = numbers;
  return {
    J: jacobian.map((row) => row.map((entry) => tidy(clean(entry)))),
    det: tidy(clean(det)),
    area: tidy(area, 3),
    longest: tidy(longest),
    shortest: tidy(clean(shortest)),
    gap: tidy(gap),
    half: half < NONE ? tidy(half) : `${tidy(half)}, ÷ ${tidy(gap / half, 3)}`,
    story: STORIES[numbers.story](numbers),
  };
}

const NONE = 1e-12; // what is smaller is zero but for rounding, and is shown as zero

function clean(x) {
  return Math.abs(x) < NONE ? 0 : x;
}

const percent = (share) => `${plain(100 * share, 2)} %`;

function falls({ gap, half }) {
  return half < NONE ? "" : ` Halve the side, and the largest distance is divided by ${plain(gap / half, 3)}.`;
}

const STORIES = {
  lost: () =>
    "A direction is lost here: the shortest stretch is 0, and the linear image is a line or a point. To first order, a step that way changes nothing.",
  far: (numbers) =>
    `The square is large: its image strays from the parallelogram by ${percent(numbers.share)} of the longest stretch of its side.${falls(numbers)}`,
  mirrored: (numbers) =>
    `The determinant is negative: the image is turned over, and what ran anticlockwise runs clockwise.${falls(numbers)}`,
  close: (numbers) =>
    `A good picture: the image strays from the parallelogram by ${percent(numbers.share)} of the longest stretch of its side.${falls(numbers)}`,
};
