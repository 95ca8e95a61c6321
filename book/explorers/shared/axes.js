// The axes of a plane: ticks with their numbers, lines at them, and the names of both.
import { decadesOf, powerText, svg, textAt, ticksOf, tickText } from "./ticks.js";

export function drawAxes(plane) {
  const { left, top } = plane.margin;
  const [right, bottom] = [left + plane.w, top + plane.h];
  const {
    logY,
    grid,
    xLabel,
    yLabel,
    namesOutside,
    xText = tickText,
    xTicks = ticksOf,
    yTicks = logY ? decadesOf : ticksOf,
  } = plane.options;
  const rule = (x1, y1, x2, y2, name) => svg("line", { x1, y1, x2, y2, class: name });
  const across = xTicks(plane.x, plane.ticks[0]).flatMap((x) => {
    const at = left + plane.toPixels([x, plane.y[1]])[0];
    return [
      grid ? rule(at, top, at, bottom, "dx-grid") : "",
      rule(at, bottom, at, bottom + 4, "dx-tick-mark"),
      textAt(at, bottom + 17, "middle", xText(x)),
    ];
  });
  const up = yTicks(plane.y, plane.ticks[1]).flatMap((y) => {
    const at = top + plane.toPixels([plane.x[0], y])[1];
    const power = logY && (y < 0.001 || y > 1000);
    return [
      grid ? rule(left, at, right, at, "dx-grid") : "",
      rule(left - 4, at, left, at, "dx-tick-mark"),
      power ? powerText(left - 7, at + 4, Math.round(Math.log10(y))) : textAt(left - 7, at + 4, "end", tickText(y)),
    ];
  });
  plane.axes.replaceChildren(...across, ...up);
  const [below, above] = namesOutside ? [33, [-left + 2, -9]] : [-7, [7, 16]];
  plane.names.replaceChildren(
    xLabel ? textAt(right - (namesOutside ? 0 : 6), bottom + below, "end", xLabel, "dx-axis-text") : "",
    yLabel ? textAt(left + above[0], top + above[1], "start", yLabel, "dx-axis-text") : "",
  );
}
