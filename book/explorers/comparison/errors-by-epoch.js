// The error after each epoch of the final runs: of the method in full, of the others by their means.

import { h, write } from "../shared/element.js";
import { legend } from "../shared/legend.js";
import { chartTitle, errorOf, errorPlane, linesOf, wholeTicks } from "./comparison-chart.js";
import { names } from "./comparison-marks.js";
import { CHOSEN, DEFAULTS, rowOf } from "./comparison-numbers.js";

const KINDS = { [CHOSEN]: "chosen rate", [DEFAULTS]: "torch's defaults" };

export class ErrorsByEpoch {
  constructor() {
    this.plane = errorPlane({
      label: "Error after each epoch of the final runs",
      xTicks: wholeTicks,
      xLabel: "epoch",
    });
    const { plane } = this;
    this.others = plane.line({ hue: "muted", width: 1, name: "dx-others" });
    this.band = plane.line({ hue: "blue", width: 0, fill: true, name: "dx-band" });
    this.seeds = plane.line({ hue: "blue", width: 0.75, name: "dx-seeds" });
    this.less = plane.line({ hue: "blue", width: 1.75, dash: "6 4" });
    this.line = plane.line({ hue: "blue", width: 2.5 });
    this.reported = plane.dot({ hue: "blue", radius: 4.5 });
    this.names = names(plane);
    this.keys = h("div", { class: "dx-epoch-keys" });
    this.watched = h("span");
    this.note = h("p", { class: "dx-note" });
    this.element = h(
      "div",
      { class: "dx-panel" },
      chartTitle("Error after each epoch of the final runs, %", this.watched),
      plane.element,
      this.keys,
      this.note,
    );
  }

  draw({ methods, level, watched }, { method, setting }, note) {
    write(this.watched, `on the ${watched} images`);
    const mine = methods[method];
    const row = rowOf(mine, setting);
    const means = (one, which) => one[which].epochs.map(([mean], i) => [i + 1, errorOf(mean)]);
    const [shown, less] = setting === DEFAULTS ? [DEFAULTS, CHOSEN] : [CHOSEN, DEFAULTS];
    const { others, labels } = linesOf(methods, method, (one) => means(one, one === mine ? shown : CHOSEN));
    const seeds = row ? row.accuracies.map((after) => after.map((accuracy, i) => [i + 1, errorOf(accuracy)])) : [];
    const edge = (sign) => row.epochs.map(([mean, half], i) => [i + 1, errorOf(Math.max(0, mean + sign * half))]);
    const errors = [...others, ...seeds, means(mine, CHOSEN), means(mine, DEFAULTS)].flat().map(([, error]) => error);
    const last = mine.chosen.epochs.length;
    this.plane.view(last > 1 ? [1, last] : [0.5, 1.5], [
      Math.min(...errors) / 1.15,
      Math.min(100, Math.max(...errors) * 1.15),
    ]);
    this.others.set(others);
    this.band.set(row ? [...edge(1), ...edge(-1).reverse()] : null);
    this.seeds.set(seeds.length ? seeds : null);
    this.line.set(row ? means(mine, shown) : null);
    this.reported.set(row ? means(mine, shown).at(-1) : null);
    this.less.set(row ? means(mine, less) : [means(mine, CHOSEN), means(mine, DEFAULTS)]);
    this.names.set([...labels, { point: means(mine, less).at(-1), text: less }]);
    this.drawKeys(row && shown, level);
    write(this.note, note);
  }

  drawKeys(shown, level) {
    const bold = [["line", "blue", `${KINDS[shown]}: mean, ${Math.round(100 * level)} % interval, each seed`]];
    const dashed = Object.keys(KINDS)
      .filter((kind) => kind !== shown)
      .map((kind) => KINDS[kind])
      .join("; ");
    this.keys.replaceChildren(
      legend(...(shown ? bold : []), ["dash", "blue", dashed], ["line", "muted", "others at their chosen rate"]),
    );
  }
}
