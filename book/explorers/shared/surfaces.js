// The surfaces of book/surfaces.py with value, gradient and Hessian by hand; a test holds them against autograd.
// A surface: name, f(p), gradient(p), hessian(p) for a point p = [x, y] (or [x]); start, minima, box, noise.

function quadratic(name, H, noise = 0) {
  const times = ([x, y]) => [H[0][0] * x + H[0][1] * y, H[1][0] * x + H[1][1] * y];
  const f = (p) => dot(p, times(p)) / 2;
  const box = [
    [-2.4, 2.4],
    [-2.4, 2.4],
  ];
  return { name, f, gradient: times, hessian: () => H, start: [2, 1], minima: [[0, 0]], box, noise };
}

function turned(kappa, degrees) {
  const [c, s] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
  const across = (1 - kappa) * c * s;
  return [
    [c * c + kappa * s * s, across],
    [across, s * s + kappa * c * c],
  ];
}

const rosenbrock = {
  name: "Rosenbrock",
  f: ([x, y]) => (1 - x) ** 2 + 100 * (y - x ** 2) ** 2,
  gradient: ([x, y]) => [-2 * (1 - x) - 400 * x * (y - x ** 2), 200 * (y - x ** 2)],
  hessian: ([x, y]) => [
    [2 - 400 * (y - 3 * x ** 2), -400 * x],
    [-400 * x, 200],
  ],
  start: [-1.2, 1],
  minima: [[1, 1]],
  box: [
    [-2, 2],
    [-1, 3],
  ],
};

// f = Σ r², r = c − x + x yᵏ for k = 1, 2, 3: each term with its first and second derivatives.
const bealeTerms = ([x, y]) =>
  [1.5, 2.25, 2.625].map((c, i) => {
    const k = i + 1;
    return {
      r: c - x + x * y ** k,
      rx: y ** k - 1,
      ry: k * x * y ** (k - 1),
      rxy: k * y ** (k - 1),
      ryy: k > 1 ? k * (k - 1) * x * y ** (k - 2) : 0,
    };
  });
const sum = (terms, of) => terms.reduce((total, term) => total + of(term), 0);
const beale = {
  name: "Beale",
  f: (p) => sum(bealeTerms(p), ({ r }) => r * r),
  gradient(p) {
    const terms = bealeTerms(p);
    return [sum(terms, ({ r, rx }) => 2 * r * rx), sum(terms, ({ r, ry }) => 2 * r * ry)];
  },
  hessian(p) {
    const terms = bealeTerms(p);
    const across = sum(terms, ({ r, rx, ry, rxy }) => 2 * (rx * ry + r * rxy));
    return [
      [sum(terms, ({ rx }) => 2 * rx * rx), across],
      [across, sum(terms, ({ r, ry, ryy }) => 2 * (ry * ry + r * ryy))],
    ];
  },
  start: [1, 1],
  minima: [[3, 0.5]],
  box: [
    [-1, 4.5],
    [-1.5, 1.5],
  ],
};

const himmelblau = {
  name: "Himmelblau",
  f: ([x, y]) => (x ** 2 + y - 11) ** 2 + (x + y ** 2 - 7) ** 2,
  gradient([x, y]) {
    const [a, b] = [x ** 2 + y - 11, x + y ** 2 - 7];
    return [4 * x * a + 2 * b, 2 * a + 4 * y * b];
  },
  hessian([x, y]) {
    const [a, b] = [x ** 2 + y - 11, x + y ** 2 - 7];
    return [
      [4 * a + 8 * x ** 2 + 2, 4 * (x + y)],
      [4 * (x + y), 4 * b + 8 * y ** 2 + 2],
    ];
  },
  start: [0, 0],
  box: [
    [-5, 5],
    [-5, 5],
  ],
  minima: [
    [3, 2],
    [-2.805118086952745, 3.131312518250573],
    [-3.779310253377747, -3.28318599128617],
    [3.584428340330492, -1.848126526964404],
  ],
};

const saddle = {
  name: "saddle",
  f: ([x, y]) => x ** 2 - y ** 2,
  gradient: ([x, y]) => [2 * x, -2 * y],
  hessian: () => [
    [2, 0],
    [0, -2],
  ],
  start: [1.5, 0.01],
  minima: [],
  box: [
    [-2, 2],
    [-2, 2],
  ],
};

const monkeySaddle = {
  name: "monkey saddle",
  f: ([x, y]) => x ** 3 - 3 * x * y ** 2,
  gradient: ([x, y]) => [3 * x ** 2 - 3 * y ** 2, -6 * x * y],
  hessian: ([x, y]) => [
    [6 * x, -6 * y],
    [-6 * y, -6 * x],
  ],
  start: [1.2, 0.01],
  minima: [],
  box: [
    [-1.5, 1.5],
    [-1.5, 1.5],
  ],
};

const cubic = {
  name: "cubic",
  f: ([x]) => -(x ** 3) + 3 * x,
  gradient: ([x]) => [-3 * x ** 2 + 3],
  hessian: ([x]) => [[-6 * x]],
  start: [0.5],
  minima: [[-1]],
  box: [[-2.6, 2.6]],
};

const plateau = {
  name: "plateau",
  f: (p) => -Math.expm1(-dot(p, p) / 2),
  gradient: (p) => p.map((entry) => entry * Math.exp(-dot(p, p) / 2)),
  hessian: (p) => p.map((a, i) => p.map((b, j) => ((i === j) - a * b) * Math.exp(-dot(p, p) / 2))),
  start: [2.5, 2],
  minima: [[0, 0]],
  box: [
    [-4, 4],
    [-4, 4],
  ],
};

const all = [
  quadratic("bowl, κ = 10", [
    [1, 0],
    [0, 10],
  ]),
  quadratic("bowl, κ = 50, turned by 30°", turned(50, 30)),
  quadratic(
    "noisy bowl, κ = 10",
    [
      [1, 0],
      [0, 10],
    ],
    1,
  ),
  rosenbrock,
  beale,
  himmelblau,
  saddle,
  monkeySaddle,
  cubic,
  plateau,
];
export const SURFACES = Object.fromEntries(all.map((surface) => [surface.name, { noise: 0, ...surface }]));

export function dot(a, b) {
  return a.reduce((total, entry, i) => total + entry * b[i], 0);
}

export function apply(matrix, vector) {
  return matrix.map((row) => dot(row, vector));
}

// The eigenvalues of a symmetric 2 × 2 matrix, ascending, and the unit vector of each.
export function eigen([[a, b], [, d]]) {
  const [middle, half] = [(a + d) / 2, Math.hypot((a - d) / 2, b)];
  const angle = Math.atan2(2 * b, a - d) / 2; // of the larger one's vector
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  return {
    values: [middle - half, middle + half],
    vectors: [
      [-s, c],
      [c, s],
    ],
  };
}

// The square around a surface's box: what a picture with equal units shows.
export function picture({ box }) {
  const half = Math.max(...box.map(([low, high]) => high - low)) / 2;
  return box.map(([low, high]) => [(low + high) / 2 - half, (low + high) / 2 + half]);
}
