// The validation error at each rate that was tried, with a handle that takes one of them.

import { h } from "../shared/element.js";
import { legend } from "../shared/legend.js";
import { chartTitle, errorOf, errorPlane, linesOf, wholeTicks } from "./comparison-chart.js";
import { crosses, names, ring } from "./comparison-marks.js";
import { DEFAULTS, rowOf } from "./comparison-numbers.js";

const KEY = 0.35; // of a decade: neighbouring rates are a factor of 2 or 2.5 apart

export class ErrorsByRate {
  // `choose` gets the tried rate that is nearest to the hand; `beside` stands beside the title.
  constructor(choose, beside) {
    this.plane = errorPlane({
      label: "Validation error at each rate that was tried",
      xTicks: ([low, high]) => wholeTicks([low, high], Math.ceil(high - low)), // exponents of the powers of ten
      xText: rateText,
      xLabel: "peak learning rate",
    });
    const { plane } = this;
    this.cursor = plane.line({ hue: "pink", width: 1 });
    this.others = plane.line({ hue: "muted", width: 1, name: "dx-others" });
    this.line = plane.line({ hue: "blue", width: 2.5 });
    this.otherCrosses = crosses(plane, { hue: "muted" });
    this.otherDots = plane.dots({ hue: "muted", radius: 2 });
    this.dots = plane.dots({ hue: "blue", radius: 4 });
    this.crosses = crosses(plane, { hue: "blue" });
    this.winner = ring(plane, { hue: "ink" });
    this.names = names(plane);
    this.handle = plane.handle({
      label: "Rate",
      hue: "pink",
      horizontal: true,
      press: true,
      unit: KEY,
      radius: 6,
      move: ([x]) => choose(this.nearest(x)),
    });
    const keys = legend(
      ["ring", "ink", "the rate that won"],
      ["cross", "blue", "failed: counts as a guess"],
      ["dot", "pink", "rate looked at: drag it"],
    );
    this.element = h(
      "div",
      { class: "dx-panel" },
      chartTitle("Validation error at each rate that was tried, %", beside),
      plane.element,
      keys,
    );
  }

  nearest(x) {
    const far = (rate) => Math.abs(Math.log10(rate) - x);
    return this.rates.reduce((best, rate) => (far(rate) < far(best) ? rate : best));
  }

  draw(methods, { method, setting }, words) {
    const mine = methods[method];
    const { rates, chosen, defaults } = mine;
    this.rates = rates;
    const points = (one) => one.rates.map((rate, i) => [Math.log10(rate), errorOf(one.trials[i][0])]);
    const fate = (one, fell) => points(one).filter((_, i) => one.trials[i][1] === fell);
    const rest = Object.values(methods).filter((one) => one !== mine);
    const { line, others, labels } = linesOf(methods, method, points);
    const all = [...others, line].flat();
    const at = Math.log10(rowOf(mine, setting)?.lr ?? setting);
    const xs = [...all.map(([x]) => x), Math.log10(defaults.lr)];
    const y = [Math.min(...all.map(([, error]) => error)) / 1.4, 100];
    this.plane.view([Math.min(...xs) - 0.15, Math.max(...xs) + 0.15], y);
    this.cursor.set(y.map((end) => [at, end]));
    this.others.set(others);
    this.line.set(line);
    this.otherDots.set(rest.flatMap((one) => fate(one, false)));
    this.otherCrosses.set(rest.flatMap((one) => fate(one, true)));
    this.dots.set(fate(mine, false));
    this.crosses.set(fate(mine, true));
    this.winner.set(line[rates.indexOf(chosen.lr)]);
    this.names.set(labels);
    const trial = setting === DEFAULTS ? -1 : line.findIndex(([x]) => x === at);
    this.handle.set(line[trial] ?? [at, y[0]], words);
  }
}

function rateText(power) {
  return power < -2 ? `10⁻${"⁰¹²³⁴⁵⁶⁷⁸⁹"[-power]}` : String(Number(`1e${power}`));
}
