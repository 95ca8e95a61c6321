// The sentences of the Taylor explorer, from its numbers.
import { plain } from "../shared/number-text.js";

export function wordsOf(numbers, { lr }) {
  return [wordsOfStep(numbers), lr === null ? "" : wordsOfRate(numbers, lr)].filter(Boolean).join(" ");
}

function wordsOfStep({ story, step, value, slope, real, linear, curvature }) {
  if (story === "no slope") return "The slope is zero: descent stands still here, whatever the rate.";
  if (story === "no step") return "The step is zero. Drag the second point along the curve.";
  if (story === "equal") return "The straight line is right to the last digit.";
  const [drop, promised] = [value - real, value - linear];
  const falls = (amount) => `${amount < 0 ? "rises" : "falls"} by ${plain(Math.abs(amount))}`;
  const start =
    promised === 0
      ? `The straight line is level, but f ${falls(drop)}`
      : `The straight line says that f ${falls(promised)}. Really it ${falls(drop)}: ${comparison(drop, promised)}`;
  const sign =
    curvature > 0 ? "f″\u00a0>\u00a00 here, the curve bends up" : "f″\u00a0<\u00a00 here, the curve bends down";
  if (story.endsWith("no f″"))
    return `${start}. Here f″\u00a0=\u00a00, so the parabola is the straight line, and only higher derivatives could tell.`;
  if (story.includes("as")) return `${start}, since ${sign}.`;
  return `${start}, although ${sign}: on the way to x + s the curve bends the other way.`;
}

function comparison(drop, promised) {
  if (promised > 0) return drop < promised ? "the drop is smaller" : "the drop is larger";
  return drop < promised ? "the rise is larger" : "the rise is smaller";
}

function wordsOfRate({ curvature, slope }, lr) {
  if (slope === 0) return "";
  if (curvature <= 0) return "The parabola has no lowest point, so no rate is best.";
  const times = lr * curvature;
  if (Math.abs(times - 1) < 1e-3) return "This is the best rate for the parabola, 1/f″: it lands on its lowest point.";
  return times > 2
    ? "The rate is above 2/f″: the parabola says that f rises."
    : times > 1
      ? "The rate is above the best one, 1/f″: the step passes the parabola's lowest point."
      : `The rate is ${plain(times, 2)} times the best one, 1/f″.`;
}
