// What the three charts of the comparison share: errors over powers of ten, and one line for each method.

import { h } from "../shared/element.js";
import { Plane } from "../shared/plane.js";
import { oneTwoFives, ticksOf } from "../shared/ticks.js";

const LEAST_ERROR = 0.01; // per cent: what is drawn where nothing was wrong, on an axis of powers of ten
const MARGINS = { left: 36, right: 70, top: 14, bottom: 38 };

export function errorPlane(options) {
  return new Plane({
    x: [0, 1],
    y: [1, 100],
    logY: true,
    yTicks: oneTwoFives,
    aspect: (width) => (width < 420 ? 0.8 : 0.38),
    margin: MARGINS,
    grid: true,
    namesOutside: true,
    ...options,
  });
}

export const errorOf = (accuracy) => Math.max(LEAST_ERROR, 100 - accuracy);

export function wholeTicks(range, count) {
  return ticksOf(range, count).filter(Number.isInteger);
}

export function chartTitle(text, ...beside) {
  return h("div", { class: "dx-over" }, h("p", { class: "dx-over-title" }, text), ...beside);
}

// The points of the method `mine` and of each other one, and the name at the end of every line.
export function linesOf(methods, mine, pointsOf) {
  const all = Object.entries(methods).map(([name, method]) => ({
    points: pointsOf(method, name),
    text: method.title,
    strong: name === mine,
  }));
  return {
    line: all.find(({ strong }) => strong).points,
    others: all.filter(({ strong }) => !strong).map(({ points }) => points),
    labels: all.map(({ points, text, strong }) => ({ point: points.at(-1), text, strong })),
  };
}
