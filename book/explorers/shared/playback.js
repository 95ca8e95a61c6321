// The steps from 0 to an end, shown one after another while it plays. A subclass makes `element`, the controls, and
// draws them in `show()`: player.js, or the buttons of an explorer. With reduced motion it goes to the end at once.
//
//   this.walk = new Walk((steps) => this.set({ steps }));
//   this.walk.draw(step, end);   // whenever the state changes
//   this.walk.stop();            // when a hand is laid on something else

const PACE = 40; // milliseconds a step

export class Playback {
  constructor(go) {
    Object.assign(this, { go, step: 0, end: 0 });
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
    }, PACE);
    return this.show();
  }

  stop() {
    clearInterval(this.running);
    this.running = null;
    this.show();
  }

  draw(step, end) {
    Object.assign(this, { step, end });
    this.show();
  }
}
