// A small square under a map and under its Jacobian: where it goes, and how far the two are apart.
import { MAPS } from "./maps.js";

const PIECES = 24; // of each edge of the square
const LOST = 1e-9; // a stretch no longer than this counts as zero
const CLOSE = 0.1; // the largest distance, as a share of the image's size, up to which the picture is a good one

export function numbersOf({ map, point, side }) {
  const [value, J] = [MAPS[map].f(point), MAPS[map].jacobian(point)];
  const [ring, image, linear] = images(map, point, side);
  const [, ...smaller] = images(map, point, side / 2);
  const [longest, shortest] = stretches(J);
  const [gap, half] = [largestDistance(image, linear), largestDistance(...smaller)];
  const numbers = {
    det: determinant(J),
    longest,
    shortest,
    gap,
    half,
    area: area(image) / side ** 2,
    share: gap / (longest * side),
  };
  return { ring, value, jacobian: J, image, linear, ...numbers, story: storyOf(numbers) };
}

function storyOf({ det, shortest, share }) {
  if (shortest <= LOST) return "lost";
  if (share > CLOSE) return "far";
  return det < 0 ? "mirrored" : "close";
}

// The boundary of the square, and what the map and its linear picture make of it.
function images(map, point, side) {
  const [value, J] = [MAPS[map].f(point), MAPS[map].jacobian(point)];
  const steps = boundary(side);
  const ring = steps.map(([dx, dy]) => [point[0] + dx, point[1] + dy]);
  return [ring, ring.map((x) => MAPS[map].f(x)), steps.map((step) => linearImage(value, J, step))];
}

// From the lower left corner of a square about the origin anticlockwise; the start is not repeated.
function boundary(side) {
  const edge = Array.from({ length: PIECES }, (_, i) => side * (i / PIECES - 0.5));
  const half = side / 2;
  return [
    ...edge.map((t) => [t, -half]),
    ...edge.map((t) => [half, t]),
    ...edge.map((t) => [-t, half]),
    ...edge.map((t) => [-half, -t]),
  ];
}

export function linearImage([u, v], J, [dx, dy]) {
  return [u + J[0][0] * dx + J[0][1] * dy, v + J[1][0] * dx + J[1][1] * dy];
}

function largestDistance(points, others) {
  return Math.max(...points.map(([u, v], i) => Math.hypot(u - others[i][0], v - others[i][1])));
}

function determinant([[a, b], [c, d]]) {
  return a * d - b * c;
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
