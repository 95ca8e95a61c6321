// A slider with a field beside it, whose values run evenly, in whole numbers, over powers of ten or over nines.
//
//   this.rate = new ScaledSlider({ name: "lr", id, low: 0.001, high: 2, scale: "decades" }, (lr) => this.set({ lr }));
//   box.append(...this.rate.row);   // label, slider, field
//   this.rate.draw(lr);             // whenever the state changes
import { h } from "./element.js";
import { fill, numberField } from "./number-field.js";

const SCALES = {
  // step of the slider, from value to slider and back
  whole: [1, (x) => x, (x) => x],
  even: [0.01, (x) => x, (x) => x],
  nines: [0.01, (x) => -Math.log10(1 - x), (x) => 1 - 10 ** -x],
  decades: [0.01, Math.log10, (x) => 10 ** x],
};
const MOST_NINES = 0.9999; // where a slider of nines ends; the field beside it goes to 1

export class ScaledSlider {
  constructor({ name, id, low, high, scale }, change) {
    const [step, onto, back] = SCALES[scale];
    const top = scale === "nines" ? MOST_NINES : high;
    this.place = (value) => onto(Math.min(top, value));
    this.range = h("input", {
      type: "range",
      id,
      min: onto(low),
      max: onto(top),
      step,
      oninput: () => change(Math.min(high, Math.max(low, Number(back(Number(this.range.value)).toPrecision(4))))),
    });
    this.typed = numberField(
      { step: scale === "whole" ? 1 : "any", min: low, max: high, "aria-label": `${name}, as a number` },
      change,
    );
    this.row = [h("label", { for: id }, name), this.range, this.typed];
  }

  draw(value) {
    this.range.value = this.place(value);
    this.range.setAttribute("aria-valuetext", String(value));
    fill(this.typed, value);
  }
}
