// A step along a curve: what the straight line and the parabola forecast, and what it really comes to.
import { CURVES } from "./curves.js";

export function numbersOf({ curve, x, step: typed, lr }) {
  const { f, slope, curvature } = CURVES[curve];
  const [value, first, second] = [f(x), slope(x), curvature(x)];
  const step = lr === null ? typed : -lr * first;
  const linear = value + first * step;
  const found = {
    step,
    value,
    slope: first,
    curvature: second,
    linear,
    quadratic: linear + (second * step * step) / 2,
    real: f(x + step),
    best_rate: first === 0 ? NaN : second > 0 ? 1 / second : Infinity,
  };
  return { ...found, story: storyOf(found) };
}

// How the real drop compares with the straight line's, and whether the sign of f″(x) tells why.
function storyOf({ step, slope, curvature, real, linear }) {
  if (step === 0) return slope === 0 ? "no slope" : "no step";
  const gap = real - linear;
  if (gap === 0) return "equal";
  const how = gap > 0 ? "smaller" : "larger";
  if (curvature === 0) return `${how}, no f″`;
  return `${how}, ${gap > 0 === curvature > 0 ? "as" : "against"} f″`;
}
