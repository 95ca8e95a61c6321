// Maps of the plane with their Jacobians, written out.
import TABLE from "./jacobian-map.json" with { type: "json" };

export const { defaults: DEFAULTS, sides: SIDES, views: VIEWS } = TABLE;
const W = [
  [1.2, -0.8],
  [0.5, 1],
];
const B = [0.2, -0.3];
const { cos, sin, tanh } = Math;

const FUNCTIONS = {
  polar: {
    f: ([r, a]) => [r * cos(a), r * sin(a)],
    jacobian: ([r, a]) => [
      [cos(a), -r * sin(a)],
      [sin(a), r * cos(a)],
    ],
  },
  square: {
    f: ([x, y]) => [x * x - y * y, 2 * x * y],
    jacobian: ([x, y]) => [
      [2 * x, -2 * y],
      [2 * y, 2 * x],
    ],
  },
  swirl: {
    f: ([x, y]) => turned([x, y], (x * x + y * y) / 2),
    jacobian([x, y]) {
      const angle = (x * x + y * y) / 2;
      const [c, s] = [cos(angle), sin(angle)];
      const [u, v] = turned([x, y], angle); // d(angle) = (x, y), and turning on by it moves along (-v, u)
      return [
        [c - v * x, -s - v * y],
        [s + u * x, c + u * y],
      ];
    },
  },
  shear: {
    f: ([x, y]) => [x + 0.8 * sin(2 * y), y],
    jacobian: ([, y]) => [
      [1, 1.6 * cos(2 * y)],
      [0, 1],
    ],
  },
  pleat: {
    f: ([x, y]) => [x, y ** 3 - x * y],
    jacobian: ([x, y]) => [
      [1, 0],
      [-y, 3 * y * y - x],
    ],
  },
  layer: {
    f: (x) => W.map((row, i) => tanh(row[0] * x[0] + row[1] * x[1] + B[i])),
    jacobian(x) {
      return this.f(x).map((a, i) => W[i].map((w) => (1 - a * a) * w));
    },
  },
};

function turned([x, y], angle) {
  return [cos(angle) * x - sin(angle) * y, sin(angle) * x + cos(angle) * y];
}

export const MAPS = Object.fromEntries(
  Object.entries(TABLE.maps).map(([name, known]) => [name, { ...known, ...FUNCTIONS[name] }]),
);
