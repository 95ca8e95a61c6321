// Play, pause, step and scrub through something that has steps from 0 to an end.
//
//   this.player = new Player({ label: "Step", go: (step) => this.set({ steps: step }) });
//   box.append(this.player.element); // `draw` and `stop` as in playback.js
import { h, write } from "./element.js";
import { Playback } from "./playback.js";

export class Player extends Playback {
  constructor({ label, go }) {
    super(go);
    const button = (text, name, act, look = "") =>
      h("button", { type: "button", class: `dx-button ${look}`, "aria-label": name, onclick: act }, text);
    this.main = button("Play", null, () => (this.running ? this.stop() : this.play()), "dx-main");
    this.back = button("‹", "One step back", () => this.to(this.step - 1));
    this.on = button("›", "One step on", () => this.to(this.step + 1));
    this.track = h("input", {
      type: "range",
      min: 0,
      step: 1,
      "aria-label": label,
      oninput: () => this.to(Number(this.track.value)),
    });
    this.element = h("div", { class: "dx-player" }, this.main, this.back, this.on, this.track);
  }

  show() {
    const { step, end } = this;
    write(this.main, this.running ? "Pause" : step >= end && end > 0 ? "Replay" : "Play");
    this.track.max = end;
    this.track.value = step;
    this.track.setAttribute("aria-valuetext", `${step} of ${end}`);
    this.back.setAttribute("aria-disabled", step <= 0); // not disabled: it would lose the focus
    this.on.setAttribute("aria-disabled", step >= end);
  }
}
