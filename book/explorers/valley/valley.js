// <descent-valley>: a ball with momentum beside plain descent, in one valley; both drawn anew while a slider moves.
import { define, Explorer, h, write } from "../shared/element.js";
import { Plane } from "../shared/plane.js";
import { holds, hundredths } from "../shared/points.js";
import { DEFAULTS, KAPPA, LIMITS, MOST, numbersOf, outward, PICTURE, STEP } from "./valley-numbers.js";
import { recordOf, wordsOf } from "./valley-words.js";

const RINGS = [0.12, 0.28, 0.46, 0.66, 0.88, 1.12, 1.38, 1.66, 1.96, 2.28, 2.62, 3, 3.4, 3.85, 4.35, 4.9, 5.5, 6.2];
const CORNERS = 120;
const NAMES = { lr: ["Rate", "η"], momentum: ["Momentum", "μ"] };
const LONGEST = 150; // steps of a full bar: one scale for all settings, so that a hand sees what it gains
const HUES = { descent: "orange", ball: "blue" };

class Valley extends Explorer {
  static title = "A ball in a valley";
  static defaults = DEFAULTS;

  accept({ lr, momentum, start }) {
    const within = ([low, high], value) => value >= low && value <= high;
    const fine = within(LIMITS.lr, lr) && within(LIMITS.momentum, momentum) && holds(PICTURE, start);
    return fine ? { lr, momentum, start: [...start] } : null;
  }

  build() {
    this.story = h("p", { class: "dx-story" });
    this.record = h("p", { class: "dx-record" });
    this.classList.add("dx-unmoved");
    const sliders = h("div", { class: "dx-sliders" }, ...Object.keys(NAMES).map((key) => this.slider(key)));
    return [this.picture(), h("div", { class: "dx-below" }, sliders, this.race(), this.story, this.record)];
  }

  // What is drawn first draws itself; from then on each picture is there at once. A new start is a new question.
  set(patch) {
    this.classList.toggle("dx-unmoved", patch === this.initial);
    if (patch.start) this.fewest = null;
    return super.set(patch);
  }

  // --- picture ---------------------------------------------------------------------------------------

  picture() {
    this.plane = new Plane({
      label: "A narrow valley seen from above, darker where it is lower, with the path of descent and that of the ball",
      x: PICTURE[0],
      y: PICTURE[1],
      aspect: (width) => (width < 480 ? 0.7 : 0.39),
      ticks: [0, 0],
      margin: { left: 0, right: 0, top: 0, bottom: 0 },
    });
    const { plane } = this;
    plane.levels().set(RINGS.map((size) => [ringOf(size)]));
    this.lines = { descent: drawn(plane, "orange", 1.25), ball: drawn(plane, "blue", 2.25) };
    this.dots = { descent: plane.dots({ hue: "orange", radius: 2 }), ball: plane.dots({ hue: "blue", radius: 3 }) };
    plane.text({ anchor: "middle", dy: 7, name: "dx-star" }).set([0, 0], "★");
    this.handle = plane.handle({
      label: "Start",
      hue: "pink",
      radius: 8,
      press: true,
      unit: 0.05,
      move: (point) => this.set({ start: point.map(hundredths) }),
    });
    return plane.element;
  }

  slider(key) {
    const [name, letter] = NAMES[key];
    const [min, max] = LIMITS[key];
    const id = `dx-${key}-${this.number}`;
    const input = h("input", {
      type: "range",
      id,
      min,
      max,
      step: STEP[key],
      oninput: () => this.set({ [key]: Number(input.value) }),
    });
    const value = h("output", { for: id, class: "dx-value" });
    this.sliders = { ...this.sliders, [key]: { input, value } };
    const label = h("label", { for: id }, `${name} `, h("i", {}, letter));
    return h("div", { class: "dx-slider" }, label, value, input);
  }

  // A bar for each method, as long as it takes.
  race() {
    this.bars = {};
    const row = ([name, text]) => {
      const bar = h("dd", { class: "dx-bar", "aria-hidden": "true" });
      const steps = h("dd", { class: "dx-steps" });
      this.bars[name] = { bar, steps };
      return h("div", { class: `dx-lane dx-mark-${HUES[name]}` }, h("dt", {}, text), bar, steps);
    };
    const caption = h("p", { class: "dx-caption" }, "Steps to a hundredth of the distance");
    const lanes = h(
      "dl",
      { class: "dx-lanes" },
      ...[
        ["descent", "descent"],
        ["ball", "momentum"],
      ].map(row),
    );
    return h("div", { class: "dx-race" }, caption, lanes);
  }

  // --- drawing ---------------------------------------------------------------------------------------

  draw() {
    const numbers = numbersOf(this.state);
    const texts = wordsOf(numbers);
    for (const name of Object.keys(HUES)) {
      const { path, needed } = numbers[name];
      const seen = path.filter((point) => point.every((entry) => Math.abs(entry) < 1e3));
      this.lines[name].set(seen);
      this.dots[name].set(seen);
      const { bar, steps } = this.bars[name];
      bar.style.setProperty("--dx-share", Math.min(1, (needed ?? MOST) / LONGEST));
      bar.classList.toggle("dx-endless", needed === null);
      write(steps, texts[name]);
    }
    this.drawControls();
    write(this.story, texts.story);
    this.drawRecord(numbers.ball);
  }

  drawControls() {
    for (const [key, { input, value }] of Object.entries(this.sliders)) {
      input.value = this.state[key];
      write(value, String(this.state[key]));
    }
    const [x, y] = this.state.start;
    this.handle.set(this.state.start, `x ${x}, y ${y}`);
  }

  // Only what a hand has found counts, and only from this start.
  drawRecord({ needed }) {
    const { lr, momentum } = this.state;
    const moved = !this.classList.contains("dx-unmoved");
    if (moved && needed !== null && needed < (this.fewest?.needed ?? Infinity)) this.fewest = { needed, lr, momentum };
    write(this.record, this.fewest ? recordOf(this.fewest) : "");
  }
}

// A level line, `size` times as far out along the valley as 1.
function ringOf(size) {
  const angles = Array.from({ length: CORNERS }, (_, i) => (2 * Math.PI * i) / CORNERS);
  return angles.map((angle) => outward([size * Math.cos(angle), (size * Math.sin(angle)) / Math.sqrt(KAPPA)]));
}

function drawn(plane, hue, width) {
  const line = plane.line({ hue, width, name: "dx-drawn" });
  line.element.setAttribute("pathLength", 1);
  return line;
}

define("descent-valley", Valley);
