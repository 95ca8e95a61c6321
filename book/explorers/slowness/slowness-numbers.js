// A picture is found from the differences of neighbouring pixels, by descent and by momentum at their best rates: what is
// seen at each step, and the share of the distance that is left.
import { bestPair } from "../shared/heavy-ball.js";
import SLOWNESS from "./slowness.json" with { type: "json" };

export const { defaults: DEFAULTS, most_steps: MOST_STEPS, side: SIDE } = SLOWNESS;
const { channels: CHANNELS } = SLOWNESS;
const ROW = SIDE + 2; // a picture is kept with its frame, which stays 0: each pixel has four neighbours
// Of each value of a picture, channel by channel: its place in such an array, and on a canvas.
const VALUES = Array.from({ length: CHANNELS * SIDE * SIDE }, (_, k) => {
  const [column, row, channel] = [k % SIDE, Math.floor(k / SIDE) % SIDE, Math.floor(k / SIDE ** 2)];
  return { place: (channel * ROW + row + 1) * ROW + column + 1, spot: 4 * (row * SIDE + column) + channel };
});
const PLACES = Int32Array.from(VALUES, ({ place }) => place);
const SPOTS = Int32Array.from(VALUES, ({ spot }) => spot);

// The waves' curvatures lie between these two.
const [FLATTEST, STEEPEST] = [-1, 1].map((sign) => 4 + sign * 4 * Math.cos(Math.PI / (SIDE + 1)));
export const METHODS = {
  descent: { lr: 2 / (FLATTEST + STEEPEST), momentum: 0 },
  momentum: bestPair(FLATTEST, STEEPEST),
};

// The picture that is to be found, from its bytes in base64: between −1/2 and 1/2, grey being 0.
export function goalFrom(pixels) {
  const goal = new Float64Array(CHANNELS * ROW * ROW);
  const bytes = atob(pixels);
  PLACES.forEach((place, k) => {
    goal[place] = bytes.charCodeAt(k) / 255 - 0.5;
  });
  return goal;
}

// x minus the goal after 0, 1, ... steps from grey, in one array that changes. The gradient of half the squared errors
// of the differences is, at a pixel, four times its own error less those of its neighbours.
export function* errorsOf(goal, { lr, momentum }) {
  const error = goal.map((value) => -value);
  const b = new Float64Array(goal.length);
  while (true) {
    yield error;
    for (const i of PLACES) {
      const gradient = 4 * error[i] - error[i - 1] - error[i + 1] - error[i - ROW] - error[i + ROW];
      b[i] = momentum * b[i] + gradient;
    }
    for (const i of PLACES) error[i] -= lr * b[i];
  }
}

// For each method the frames, to be put on a canvas, and the distances over the first one.
export function filmsOf(goal) {
  const filmed = ([name, pair]) => {
    const frames = [];
    const distances = [];
    const errors = errorsOf(goal, pair);
    while (frames.length <= MOST_STEPS) {
      const { value: error } = errors.next();
      frames.push(frameOf(goal, error));
      distances.push(lengthOf(error));
    }
    return [name, { frames, left: distances.map((distance) => distance / distances[0]) }];
  };
  return Object.fromEntries(Object.entries(METHODS).map(filmed));
}

// Red, green, blue and opaque for each pixel; the array rounds and cuts off below 0 and above 255.
function frameOf(goal, error) {
  const frame = new Uint8ClampedArray(4 * SIDE * SIDE).fill(255);
  for (let k = 0; k < PLACES.length; k += 1) {
    frame[SPOTS[k]] = 255 * (goal[PLACES[k]] + error[PLACES[k]] + 0.5);
  }
  return frame;
}

function lengthOf(values) {
  let squares = 0;
  for (const value of values) squares += value * value;
  return Math.sqrt(squares);
}

// What both have left, and the first step at which descent is as near as momentum is now, if it comes so near.
export function numbersOf({ descent, momentum }, { steps }) {
  const same = descent.left.findIndex((left) => left <= momentum.left[steps]);
  return {
    steps,
    descent: descent.left[steps],
    momentum: momentum.left[steps],
    same: same < 0 ? null : same,
  };
}
