// What the explorer of the Jacobian shows: the other half of book/explorers/jacobian_map/widget.py.
import { plain } from "../shared/figures.js";
import { MAPS } from "./maps.js";

const PIECES = 24; // of each edge of the square
const LOST = 1e-9; // a stretch no longer than this counts as zero
const CLOSE = 0.1; // the largest distance, as a share of the image's size, up to which the picture is a good one

export function readout(name, point, side) {
  const [value, J] = [MAPS[name].f(point), MAPS[name].jacobian(point)];
  const [ring, image, linear] = images(name, point, side);
  const [, ...smaller] = images(name, point, side / 2);
  const det = J[0][0] * J[1][1] - J[0][1] * J[1][0];
  const [longest, shortest] = stretches(J);
  const [gap, half] = [largestDistance(image, linear), largestDistance(...smaller)];
  const shown = { ring, value, jacobian: J, image, linear, det, longest, shortest, gap, half, area: area(image) / side ** 2 };
  shown.story = shortest <= LOST ? "lost" : gap > CLOSE * longest * side ? "far" : det < 0 ? "mirrored" : "close";
  shown.words = STORIES[shown.story]({ ...shown, share: gap / (longest * side) });
  return shown;
}

// The boundary of the square, and what the map and its linear picture make of it.
function images(name, point, side) {
  const [value, J] = [MAPS[name].f(point), MAPS[name].jacobian(point)];
  const steps = boundary(side);
  const ring = steps.map(([dx, dy]) => [point[0] + dx, point[1] + dy]);
  return [ring, ring.map((x) => MAPS[name].f(x)), steps.map((step) => linearImage(value, J, step))];
}

// From the lower left corner of a square about the origin anticlockwise; the start is not repeated.
function boundary(side) {
  const edge = Array.from({ length: PIECES }, (_, i) => side * (i / PIECES - 0.5));
  const half = side / 2;
  return [...edge.map((t) => [t, -half]), ...edge.map((t) => [half, t]), ...edge.map((t) => [-t, half]), ...edge.map((t) => [-half, -t])];
}

export function linearImage([u, v], J, [dx, dy]) {
  return [u + J[0][0] * dx + J[0][1] * dy, v + J[1][0] * dx + J[1][1] * dy];
}

function largestDistance(points, others) {
  return Math.max(...points.map(([u, v], i) => Math.hypot(u - others[i][0], v - others[i][1])));
}

// The singular values of a 2 × 2 matrix: sum and difference of its turning and its mirroring part.
function stretches([[a, b], [c, d]]) {
  const turning = Math.hypot(a + d, c - b) / 2;
  const mirroring = Math.hypot(a - d, b + c) / 2;
  return [turning + mirroring, Math.abs(turning - mirroring)];
}

// The area inside a closed line, by the shoelace formula.
function area(points) {
  const twice = points.reduce((sum, [u, v], i) => {
    const [p, q] = points[(i + 1) % points.length];
    return sum + u * q - p * v;
  }, 0);
  return Math.abs(twice) / 2;
}

const percent = (share) => `${plain(100 * share, 2)} %`;
const falls = ({ gap, half }) => half < 1e-12 ? "" : ` Halve the side, and the largest distance is divided by ${plain(gap / half, 3)}.`;
const STORIES = {
  lost: () => "A direction is lost here: the shortest stretch is 0, and the linear image is a line or a point. To first order, a step that way changes nothing.",
  far: (shown) => `The square is large: its image strays from the parallelogram by ${percent(shown.share)} of the longest stretch of its side.${falls(shown)}`,
  mirrored: (shown) => `The determinant is negative: the image is turned over, and what ran anticlockwise runs clockwise.${falls(shown)}`,
  close: (shown) => `A good picture: the image strays from the parallelogram by ${percent(shown.share)} of the longest stretch of its side.${falls(shown)}`,
};
