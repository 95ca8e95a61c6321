// The constraints that the explorer offers: values and gradients at a point, and the edges as curves.
// c = p·(x − place) along the normal p, and the like; q is p turned by a right angle. A cusp lies between q-ward walls.
import { dot } from "../shared/surfaces.js";
import TABLE from "./constraint.json" with { type: "json" };

export const { defaults: DEFAULTS, box: BOX, limits: LIMITS, kinds: KINDS, touch: TOUCH, holds: HOLDS } = TABLE;
const [A, B] = TABLE.curvatures; // of the bowl, along x₁ and x₂
const HALF = 50; // degrees from a corner's axis to the normals of its walls
const LONG = 8; // of an edge that goes on

export const bowl = {
  f: ([x, y], [a, b]) => (A * (x - a) ** 2 + B * (y - b) ** 2) / 2,
  gradient: ([x, y], [a, b]) => [A * (x - a), B * (y - b)],
  // The point at an angle on the level line of a height.
  at: ([a, b], height, turn) => [
    a + Math.sqrt((2 * height) / A) * Math.cos(turn),
    b + Math.sqrt((2 * height) / B) * Math.sin(turn),
  ],
};

const unit = (degrees) => [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
const away = ([x, y], [a, b]) => [x - a, y - b];

// A straight edge from a point on, both ways or one.
const straight = ([a, b], [u, v], from) => ({
  range: [from, LONG],
  at: (s) => [a + s * u, b + s * v],
  along: () => [u, v],
});

function flat(normal, place) {
  return { value: (x) => dot(normal, away(x, place)), gradient: () => normal };
}

function round(place, radius) {
  const [a, b] = place;
  return {
    walls: [{ value: (x) => (dot(away(x, place), away(x, place)) - radius ** 2) / 2, gradient: (x) => away(x, place) }],
    edges: [
      {
        range: [0, 2 * Math.PI],
        closed: true,
        at: (s) => [a + radius * Math.cos(s), b + radius * Math.sin(s)],
        along: (s) => [-radius * Math.sin(s), radius * Math.cos(s)],
      },
    ],
  };
}

function line(place, angle) {
  const [p, q] = unit(angle);
  return { walls: [flat([p, q], place)], edges: [straight(place, [-q, p], -LONG)] };
}

function corner(place, angle) {
  const normals = [unit(angle + HALF), unit(angle - HALF)];
  const [[a, b], [c, d]] = normals;
  return {
    walls: normals.map((normal) => flat(normal, place)),
    edges: [straight(place, [-b, a], 0), straight(place, [d, -c], 0)],
  };
}

// |v| ≤ (−u)³ with u along the axis and v across: v + u³ ≤ 0 and −v + u³ ≤ 0.
function cusp(place, angle) {
  const [p, q] = unit(angle);
  const parts = (x) => [dot([p, q], away(x, place)), dot([-q, p], away(x, place))];
  const back = (u, v) => [p * u - q * v, q * u + p * v];
  const wall = (sign) => ({
    value: (x) => sign * parts(x)[1] + parts(x)[0] ** 3,
    gradient: (x) => back(3 * parts(x)[0] ** 2, sign),
  });
  const edge = (sign) => ({
    range: [0, LONG],
    at: (s) => back(-s, sign * s ** 3).map((entry, i) => entry + place[i]),
    along: (s) => back(-1, 3 * sign * s ** 2),
  });
  return { walls: [wall(1), wall(-1)], edges: [edge(1), edge(-1)] };
}

// walls: { value, gradient } of each; edges: { range, at, along }; equality: whether h = 0 is asked, not c ≤ 0.
export function constraintOf({ kind, place, angle, radius }) {
  const made = {
    wall: () => line(place, angle),
    corner: () => corner(place, angle),
    disc: () => round(place, radius),
    line: () => line(place, angle),
    circle: () => round(place, radius),
    cusp: () => cusp(place, angle),
  }[kind]();
  return {
    ...made,
    equality: kind === "line" || kind === "circle",
    tip: kind === "corner" || kind === "cusp" ? place : null,
  };
}

export const isRound = (kind) => kind === "disc" || kind === "circle";
