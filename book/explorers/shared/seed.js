// The seed of some noise, with a button that takes the next one.
//
//   this.seed = new SeedButton("New noise", (seed) => this.set({ seed }));
//   box.append(this.seed.element);
//   this.seed.draw(seed); // whenever the state changes
import { h, write } from "./element.js";
import { SEEDS } from "./noise.js";

export class SeedButton {
  constructor(text, change) {
    const next = () => change((this.seed + 1) % SEEDS);
    this.place = h("span", { class: "dx-note" });
    this.element = h(
      "div",
      { class: "dx-seed" },
      this.place,
      h("button", { type: "button", class: "dx-button", onclick: next }, text),
    );
  }

  draw(seed) {
    this.seed = seed;
    write(this.place, `seed ${seed}`);
  }
}
