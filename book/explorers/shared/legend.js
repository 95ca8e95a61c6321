// What the marks of a plot mean: [shape, hue, text] each, a shape being "dot", "line" or "dash".
//
//   box.append(legend(["dot", "pink", "start: drag it"], ["line", "blue", "path"]));
import { h } from "./element.js";

export function legend(...keys) {
  return h(
    "div",
    { class: "dx-legend" },
    ...keys.map(([shape, hue, text]) => h("span", { class: `dx-key dx-key-${shape} dx-mark-${hue}` }, text)),
  );
}
