// The curves, each as f with its first and second derivative by hand; the rest of it is in the table.
import TAYLOR from "./taylor.json" with { type: "json" };

export const { curve: FIRST_CURVE, most_rate: MOST_RATE } = TAYLOR;
const logistic = (x) => 1 / (1 + Math.exp(-x));
const smooth = (x) => Math.sqrt(x * x + 0.01);

const FUNCTIONS = {
  cubic: { f: (x) => -(x ** 3) + 3 * x, slope: (x) => -3 * x ** 2 + 3, curvature: (x) => -6 * x },
  sine: { f: Math.sin, slope: Math.cos, curvature: (x) => -Math.sin(x) },
  exponential: { f: Math.exp, slope: Math.exp, curvature: Math.exp },
  "fourth power": { f: (x) => x ** 4, slope: (x) => 4 * x ** 3, curvature: (x) => 12 * x ** 2 },
  softplus: {
    f: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
    slope: logistic,
    curvature: (x) => logistic(x) * logistic(-x),
  },
  "smooth |x|": { f: smooth, slope: (x) => x / smooth(x), curvature: (x) => 0.01 / smooth(x) ** 3 },
};

// Name → formula, f, slope, curvature, the picture `box`, and x and step to begin with.
export const CURVES = Object.fromEntries(
  Object.entries(TAYLOR.curves).map(([name, curve]) => [name, { ...curve, ...FUNCTIONS[name] }]),
);
