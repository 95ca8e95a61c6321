// The expected validation error of the best of so many rates, with a handle on their number and the ranking there.

import { h, write } from "../shared/element.js";
import { chartTitle, errorOf, errorPlane, linesOf, wholeTicks } from "./comparison-chart.js";
import { names } from "./comparison-marks.js";
import { ranking } from "./comparison-numbers.js";

export class ErrorsByTries {
  constructor(choose) {
    this.plane = errorPlane({
      label: "Expected validation error of the best of so many rates, drawn at random",
      aspect: (width) => (width < 320 ? 1 : 0.75),
      xTicks: wholeTicks,
      ticks: [8, 4],
      xLabel: "rates tried",
    });
    const { plane } = this;
    this.cursor = plane.line({ hue: "pink", width: 1 });
    this.others = plane.line({ hue: "muted", width: 1, name: "dx-others" });
    this.line = plane.line({ hue: "blue", width: 2.5 });
    this.names = names(plane);
    this.handle = plane.handle({
      label: "Tries",
      hue: "pink",
      horizontal: true,
      press: true,
      unit: 1,
      radius: 6,
      move: ([x]) => choose(Math.max(1, Math.min(this.most, Math.round(x)))),
    });
    this.ranks = h("tbody");
    this.tried = h("caption");
    const heads = ["Method", "expected best accuracy"].map((text) => h("th", { scope: "col" }, text));
    const table = h("table", { class: "dx-numbers" }, this.tried, h("thead", {}, h("tr", {}, ...heads)), this.ranks);
    this.element = h(
      "div",
      { class: "dx-panel" },
      chartTitle("Who wins at which budget: expected validation error of the best rate, %"),
      h("div", { class: "dx-lower" }, plane.element, table),
    );
  }

  draw(methods, { method, tries }, ranked, texts) {
    const most = methods[method].first.length;
    this.most = most;
    const rankings = Array.from({ length: most }, (_, i) => Object.fromEntries(ranking(methods, i + 1)));
    const { line, others, labels } = linesOf(methods, method, (_, name) =>
      rankings.map((best, i) => [i + 1, errorOf(best[name])]),
    );
    const errors = [...others, line].flat().map(([, error]) => error);
    const y = [Math.min(...errors) / 1.15, Math.min(100, Math.max(...errors) * 1.15)];
    this.plane.view(most > 1 ? [1, most] : [0.5, 1.5], y);
    this.cursor.set(y.map((end) => [tries, end]));
    this.others.set(others);
    this.line.set(line);
    this.names.set(labels);
    this.handle.set(line[tries - 1], texts.slider);
    write(this.tried, texts.tried);
    const one = ([name], i) =>
      h(
        "tr",
        { class: name === methods[method].title ? "dx-truth" : "" },
        h("th", { scope: "row" }, `${i + 1}. ${name}`),
        h("td", {}, texts.best[i]),
      );
    this.ranks.replaceChildren(...ranked.map(one));
  }
}
