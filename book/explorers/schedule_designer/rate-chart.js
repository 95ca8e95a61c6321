// The learning rate at each step, with a handle on one of them; on a plain axis or over powers of ten.
import { h } from "../shared/element.js";
import { legend } from "../shared/legend.js";
import { Plane } from "../shared/plane.js";

export class RateChart {
  // `look` gets the step under the hand, `scale` whether the axis shall run over powers of ten.
  constructor(look, scale) {
    this.plane = new Plane({
      label: "The learning rate at each step",
      x: [0, 400],
      y: [0, 1],
      aspect: (width) => (width < 420 ? 0.55 : 0.28),
      ticks: [6, 4],
      margin: { left: 46 },
    });
    const { plane } = this;
    this.cursor = plane.line({ hue: "pink", width: 1 });
    this.area = plane.line({ hue: "blue", width: 0, fill: true, name: "dx-under" });
    this.steady = plane.line({ hue: "muted", width: 1.75, dash: "6 4" });
    this.line = plane.line({ hue: "blue", width: 2.5, name: "dx-rate" });
    this.handle = plane.handle({
      label: "Step t",
      hue: "pink",
      horizontal: true,
      press: true,
      unit: 1,
      radius: 7,
      move: ([t]) => look(Math.max(0, Math.min(this.last, Math.round(t)))),
    });
    this.log = h("input", { type: "checkbox", onchange: () => scale(this.log.checked) });
    const keys = legend(
      ["line", "blue", "this schedule"],
      ["dash", "muted", "constant rate"],
      ["dot", "pink", "step t: drag it"],
    );
    const over = h(
      "div",
      { class: "dx-over" },
      h("p", { class: "dx-over-title" }, "Learning rate at each step t"),
      h("label", { class: "dx-log" }, this.log, "powers of ten"),
    );
    this.element = h("div", {}, over, plane.element, keys);
  }

  draw(rates, { total_steps, lr, t, log_axis }, texts) {
    const { plane } = this;
    this.last = total_steps - 1;
    this.log.checked = log_axis;
    const lowest = Math.min(lr / 10, ...rates.filter((rate) => rate > lr * 1e-6));
    const bottom = log_axis ? lowest / 1.5 : 0;
    plane.options.logY = log_axis;
    plane.x = []; // both axes anew, even if only their kind has changed
    plane.view([0, total_steps], [bottom, log_axis ? lr * 1.6 : lr * 1.12]);
    const points = rates.map((rate, i) => [i, Math.max(bottom, rate)]);
    this.cursor.set([
      [t, bottom],
      [t, lr * 2],
    ]);
    this.area.set([[0, bottom], ...points, [this.last, bottom]]);
    this.steady.set([
      [0, lr],
      [total_steps, lr],
    ]);
    this.line.set(points);
    this.handle.set(points[t], `step ${t}: rate ${texts.rate}, expected loss ${texts.loss_at}`);
  }
}
