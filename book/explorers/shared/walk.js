// The buttons that walk down the path: run or pause, one step, back to the start.
//
//   this.walk = new Walk((steps) => this.set({ steps }));
//   box.append(this.walk.element); // `draw` and `stop` as in playback.js
import { h, write } from "./element.js";
import { Playback } from "./playback.js";

export class Walk extends Playback {
  constructor(go) {
    super(go);
    const button = (name, act, kind = "") =>
      h("button", { type: "button", class: `dx-button ${kind}`, onclick: act }, name);
    this.main = button("Run", () => (this.running ? this.stop() : this.play()), "dx-main");
    this.on = button("Step", () => this.to(this.step + 1));
    this.back = button("Back to start", () => this.to(0));
    this.element = h("div", { class: "dx-walk" }, this.main, this.on, this.back);
  }

  show() {
    write(this.main, this.running ? "Pause" : "Run");
    this.on.setAttribute("aria-disabled", this.step >= this.end); // not disabled: it would lose the focus
    this.back.setAttribute("aria-disabled", this.step <= 0);
  }
}
