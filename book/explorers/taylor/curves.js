// The curves of book/explorers/taylor/widget.py: f, its first and second derivative by hand, the picture, where to begin.

const logistic = (x) => 1 / (1 + Math.exp(-x));
const smooth = (x) => Math.sqrt(x * x + 0.01);

export const CURVES = {
  cubic: { formula: "−x³ + 3x", f: (x) => -(x ** 3) + 3 * x, slope: (x) => -3 * x ** 2 + 3, curvature: (x) => -6 * x,
    box: [-2.6, 2.6], x: -2, step: 0.8 },
  sine: { formula: "sin x", f: Math.sin, slope: Math.cos, curvature: (x) => -Math.sin(x), box: [-6, 6], x: 0.5, step: -1.5 },
  exponential: { formula: "exp x", f: Math.exp, slope: Math.exp, curvature: Math.exp, box: [-3, 3], x: 1, step: -1 },
  "fourth power": { formula: "x⁴", f: (x) => x ** 4, slope: (x) => 4 * x ** 3, curvature: (x) => 12 * x ** 2,
    box: [-1.6, 1.6], x: 1, step: -0.5 },
  softplus: { formula: "log(1 + exp x)", f: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))), slope: logistic,
    curvature: (x) => logistic(x) * logistic(-x), box: [-6, 6], x: 1, step: -3 },
  "smooth |x|": { formula: "√(x² + 0.01)", f: smooth, slope: (x) => x / smooth(x), curvature: (x) => 0.01 / smooth(x) ** 3,
    box: [-2, 2], x: 0.3, step: -0.8 },
};
