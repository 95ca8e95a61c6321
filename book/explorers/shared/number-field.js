// A field to type a number in: what is typed is handed on at once, and it keeps its text while that means the same number.
//
//   this.typed = numberField({ min: 0, "aria-label": "Learning rate, as a number" }, (lr) => this.set({ lr }));
//   fill(this.typed, this.state.lr); // whenever the state changes
import { h } from "./element.js";

export function numberField(attributes, change) {
  const field = h("input", {
    type: "number",
    class: "dx-number",
    step: "any",
    ...attributes,
    oninput: () => field.value !== "" && change(Number(field.value)),
  });
  return field;
}

export function fill(field, value) {
  if (field.value === "" || Number(field.value) !== value) field.value = value;
}
