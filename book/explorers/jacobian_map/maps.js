// Maps of the plane with their Jacobians, written out: the other half of MAPS in book/explorers/jacobian_map/widget.py.
const [W, B] = [[[1.2, -0.8], [0.5, 1]], [0.2, -0.3]];
const { cos, sin, tanh } = Math;

export const MAPS = {
  polar: {
    text: "polar", formula: "F(x) = (x₁ cos x₂, x₁ sin x₂)", box: [[0, 3], [-1.5, 1.5]], start: [2, 0.5],
    f: ([r, a]) => [r * cos(a), r * sin(a)],
    jacobian: ([r, a]) => [[cos(a), -r * sin(a)], [sin(a), r * cos(a)]],
  },
  square: {
    text: "complex square", formula: "F(x) = (x₁² − x₂², 2 x₁ x₂)", box: [[-1.5, 1.5], [-1.5, 1.5]], start: [0.8, 0.5],
    f: ([x, y]) => [x * x - y * y, 2 * x * y],
    jacobian: ([x, y]) => [[2 * x, -2 * y], [2 * y, 2 * x]],
  },
  swirl: {
    text: "swirl", formula: "F turns x by the angle |x|² / 2", box: [[-2, 2], [-2, 2]], start: [0.9, 0.4],
    f: ([x, y]) => turned([x, y], (x * x + y * y) / 2),
    jacobian([x, y]) {
      const angle = (x * x + y * y) / 2;
      const [c, s] = [cos(angle), sin(angle)];
      const [u, v] = turned([x, y], angle); // d(angle) = (x, y), and turning on by it moves along (-v, u)
      return [[c - v * x, -s - v * y], [s + u * x, c + u * y]];
    },
  },
  shear: {
    text: "sine shear", formula: "F(x) = (x₁ + 0.8 sin 2x₂, x₂)", box: [[-2, 2], [-2, 2]], start: [0.3, 0.6],
    f: ([x, y]) => [x + 0.8 * sin(2 * y), y],
    jacobian: ([, y]) => [[1, 1.6 * cos(2 * y)], [0, 1]],
  },
  pleat: {
    text: "pleat", formula: "F(x) = (x₁, x₂³ − x₁ x₂): folded over inside the parabola x₁ = 3 x₂²", box: [[-1.5, 1.5], [-1.5, 1.5]], start: [0.9, 0.1],
    f: ([x, y]) => [x, y ** 3 - x * y],
    jacobian: ([x, y]) => [[1, 0], [-y, 3 * y * y - x]],
  },
  layer: {
    text: "layer of tanh", formula: "F(x) = tanh(W x + b), two units", box: [[-2, 2], [-2, 2]], start: [0.5, -0.4],
    f: (x) => W.map((row, i) => tanh(row[0] * x[0] + row[1] * x[1] + B[i])),
    jacobian(x) {
      return this.f(x).map((a, i) => W[i].map((w) => (1 - a * a) * w));
    },
  },
};

function turned([x, y], angle) {
  return [cos(angle) * x - sin(angle) * y, sin(angle) * x + cos(angle) * y];
}
