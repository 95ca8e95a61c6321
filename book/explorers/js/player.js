// Play, pause, step and scrub through something that has steps from 0 to an end.
//
//   this.player = new Player({ label: "Step", pace: 40, go: (step) => this.set({ steps: step }) });
//   box.append(this.player.element);
//   this.player.draw(step, end);   // whenever the state changes
//   this.player.stop();            // when a hand is laid on something else
//
// With reduced motion Play goes to the end at once.
import { h, write } from "./element.js";

export class Player {
  constructor({ label, pace = 40, go }) {
    Object.assign(this, { pace, go, step: 0, end: 0 });
    const button = (text, name, act, look = "") => h("button", { type: "button", class: `dx-button ${look}`, "aria-label": name, onclick: act }, text);
    this.main = button("Play", null, () => (this.running ? this.stop() : this.play()), "dx-main");
    this.back = button("‹", "One step back", () => this.to(this.step - 1));
    this.on = button("›", "One step on", () => this.to(this.step + 1));
    this.track = h("input", { type: "range", min: 0, step: 1, "aria-label": label, oninput: () => this.to(Number(this.track.value)) });
    this.element = h("div", { class: "dx-player" }, this.main, this.back, this.on, this.track);
  }

  to(step) {
    this.stop();
    this.go(Math.max(0, Math.min(this.end, step)));
  }

  play() {
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return this.to(this.end);
    if (this.step >= this.end) this.go(0);
    this.running = setInterval(() => {
      this.go(this.step + 1);
      if (this.step >= this.end || !this.element.isConnected) this.stop();
    }, this.pace);
    return this.draw(this.step, this.end);
  }

  stop() {
    clearInterval(this.running);
    this.running = null;
    this.draw(this.step, this.end);
  }

  draw(step, end) {
    Object.assign(this, { step, end });
    write(this.main, this.running ? "Pause" : step >= end && end > 0 ? "Replay" : "Play");
    this.track.max = end;
    this.track.value = step;
    this.track.setAttribute("aria-valuetext", `${step} of ${end}`);
    this.back.setAttribute("aria-disabled", step <= 0); // not disabled: it would lose the focus
    this.on.setAttribute("aria-disabled", step >= end);
  }
}
