// <descent-softmax-stress>: drag the logits until the naive softmax breaks.

import { define, Explorer, h, write } from "../shared/element.js";
import { FORMATS, significant, toNumber } from "../shared/floats.js";
import { fill, numberField } from "../shared/number-field.js";
import { numbersOf } from "./softmax-numbers.js";
import { buildPanelRows, drawPanel, panelOf } from "./softmax-panels.js";
import TABLE from "./softmax-stress.json" with { type: "json" };
import { wordsOf } from "./softmax-words.js";

const { limit: LIMIT, fewest: FEWEST, most: MOST } = TABLE;
const SCALES = [20, 50, 100, 200, 500, 1000, 1200, 2000, 5000, 10000, 20000];
const CASES = [
  ["[1000, 990, 980]", { logits: [1000, 990, 980], offset: 0 }],
  ["the same, 980 lower", { logits: [1000, 990, 980], offset: -980 }],
  ["all underflow", { logits: [-1000, -990, -980], offset: 0 }],
  ["one far behind", { logits: [0, -5, -120], offset: 0 }],
  ["tie", { logits: [11, 11, 11], offset: 0 }],
  ["safe", { logits: [2, 1, 0], offset: 0 }],
];

class SoftmaxStress extends Explorer {
  static title = "Softmax under stress";
  static defaults = TABLE.defaults;

  accept({ logits, offset, dtype }) {
    const fine = (x) => typeof x === "number" && Math.abs(x) <= LIMIT;
    if (!Array.isArray(logits) || logits.length < FEWEST || logits.length > MOST) return null;
    return logits.every(fine) && fine(offset) && Object.hasOwn(FORMATS, dtype)
      ? { logits: [...logits], offset, dtype }
      : null;
  }

  build() {
    this.lanes = h("div", { class: "dx-lanes" });
    this.axis = h("div", { class: "dx-lane-axis", "aria-hidden": "true" });
    this.input_story = h("p", { class: "dx-note" });
    this.panels = [
      panelOf("naive", "Naive", "exp(z) / Σ exp(z)"),
      panelOf("stable", "Stable", "exp(z − max) / Σ exp(z − max)"),
    ];
    return [
      this.head(this.choices("dtype", "Format", Object.keys(FORMATS))),
      this.chips("Telling logits", CASES),
      this.lanes,
      this.axis,
      this.offsetRow(),
      this.input_story,
      h("div", { class: "dx-panels" }, ...this.panels.map(({ box }) => box)),
    ];
  }

  // --- controls --------------------------------------------------------------------------------------

  offsetRow() {
    const id = `dx-offset-${this.number}`;
    const change = (offset) => this.set({ offset });
    this.slider = h("input", {
      type: "range",
      id,
      min: -1200,
      max: 1200,
      step: 1,
      oninput: () => change(Number(this.slider.value)),
    });
    this.offset = numberField({ "aria-label": "Common offset, as a number" }, change);
    const count = (by, label, sign) =>
      h("button", { type: "button", class: "dx-step", "aria-label": label, onclick: () => this.count(by) }, sign);
    this.counts = [count(-1, "One logit fewer", "−"), count(1, "One logit more", "+")];
    return h(
      "div",
      { class: "dx-offset" },
      h("label", { for: id }, "Add to all"),
      this.slider,
      this.offset,
      h("span", { class: "dx-count" }, "Logits", ...this.counts),
    );
  }

  count(by) {
    const { logits } = this.state;
    this.set({ logits: by < 0 ? logits.slice(0, -1) : [...logits, logits.at(-1) - 10] });
  }

  lane(i) {
    const handle = h("span", { class: "dx-handle", role: "slider", tabindex: 0, "aria-label": `Logit ${i + 1}` });
    const track = h("div", { class: "dx-track" }, h("span", { class: "dx-bar" }), handle);
    const input = numberField({ "aria-label": `Logit ${i + 1}, as a number` }, (z) => this.setLogit(i, z));
    handle.addEventListener("keydown", (event) => this.nudge(i, event));
    track.addEventListener("pointerdown", (event) => this.grab(i, track, event));
    track.addEventListener(
      "pointermove",
      (event) => track.hasPointerCapture(event.pointerId) && this.drag(i, track, event),
    );
    track.addEventListener("lostpointercapture", () => this.release());
    return h(
      "div",
      { class: "dx-lane", "data-series": i },
      h("span", { class: "dx-name" }, "z", h("sub", {}, String(i + 1))),
      track,
      input,
    );
  }

  setLogit(i, value) {
    return this.set({ logits: this.state.logits.map((z, j) => (j === i ? value : z)) });
  }

  grab(i, track, event) {
    if (event.button !== 0) return;
    event.preventDefault();
    track.setPointerCapture(event.pointerId);
    track.querySelector(".dx-handle").focus();
    this.held = this.scale; // the axis keeps still under the hand
    this.drag(i, track, event);
  }

  drag(i, track, event) {
    const { left, width } = track.getBoundingClientRect();
    const place = Math.max(0, Math.min(1, (event.clientX - left) / width));
    const step = this.scale / 200;
    const z = Math.round(((2 * place - 1) * this.scale) / step) * step;
    this.setLogit(i, Number((z - this.state.offset).toFixed(2)));
  }

  release() {
    this.held = null;
    this.draw();
  }

  nudge(i, event) {
    const big = event.shiftKey ? 10 : 1;
    const by = { ArrowLeft: -big, ArrowDown: -big, ArrowRight: big, ArrowUp: big, PageUp: 10, PageDown: -10 }[
      event.key
    ];
    if (by === undefined) return;
    event.preventDefault();
    this.setLogit(i, Math.max(-LIMIT, Math.min(LIMIT, this.state.logits[i] + by)));
  }

  // --- results ---------------------------------------------------------------------------------------

  buildRows() {
    const { logits } = this.state;
    this.lanes.replaceChildren(...logits.map((_, i) => this.lane(i)));
    for (const panel of this.panels) buildPanelRows(panel, logits.length);
  }

  summary() {
    return this.panels.map(({ name, story }) => `${name}: ${story.textContent}`).join(" ");
  }

  draw() {
    const { logits } = this.state;
    const numbers = numbersOf(this.state);
    const shown = wordsOf(numbers);
    this.drawChoices();
    if (this.lanes.children.length !== logits.length) this.buildRows();
    this.drawLanes(shown);
    this.drawOffset();
    write(this.input_story, shown.input_story);
    for (const panel of this.panels) drawPanel(panel, numbers[panel.way], shown);
  }

  get scale() {
    const reach = Math.max(...this.state.logits.map((z) => Math.abs(z + this.state.offset)));
    return this.held ?? SCALES.find((scale) => scale >= reach * 1.04 && scale >= 1.3 * bandOf(this.state.dtype)[1]);
  }

  drawLanes(shown) {
    const { scale } = this;
    const percent = (z) => 50 + 50 * Math.max(-1, Math.min(1, z / scale));
    const [low, high] = bandOf(this.state.dtype).map(percent);
    this.style.setProperty("--low", `${low}%`);
    this.style.setProperty("--high", `${high}%`);
    [...this.lanes.children].forEach((lane, i) => {
      const at = percent(this.state.logits[i] + this.state.offset);
      const [bar, handle] = lane.querySelectorAll(".dx-bar, .dx-handle");
      bar.style.cssText = `left:${Math.min(50, at)}%;right:${Math.min(50, 100 - at)}%`;
      handle.style.left = `${at}%`;
      setRange(handle, this.state.logits[i], `${this.state.logits[i]}, into softmax ${shown[`z_${i}`]}`);
      fill(lane.querySelector("input"), this.state.logits[i]);
    });
    this.drawAxis(scale, low, high);
  }

  drawAxis(scale, low, high) {
    const [from, to] = bandOf(this.state.dtype).map((z) => significant(z, 4).replace("-", "−"));
    const mark = (at, text, kind) => h("span", { class: `dx-mark ${kind}`, style: `left:${at}%` }, text);
    const zone = (text, left, right) =>
      left + right > 72
        ? [] // too narrow for its name
        : [h("span", { class: "dx-zone-name", style: `left:${left}%;right:${right}%` }, text)];
    this.axis.replaceChildren(
      mark(0, `−${scale}`, "dx-start"),
      mark(100, `${scale}`, "dx-end"),
      mark(low, from, "dx-edge dx-edge-low"),
      mark(high, to, "dx-edge dx-edge-high"),
      ...zone("exp → 0", 0, 100 - low),
      ...zone("exp → inf", high, 0),
    );
  }

  drawOffset() {
    const { offset, logits } = this.state;
    this.slider.value = offset;
    fill(this.offset, offset);
    this.counts[0].disabled = logits.length === FEWEST;
    this.counts[1].disabled = logits.length === MOST || logits.at(-1) - 10 < -LIMIT;
  }
}

// Where exp is neither 0 nor inf: between the logs of half the smallest subnormal and of the largest float.
function bandOf(dtype) {
  const form = FORMATS[dtype];
  return [Math.log(toNumber(form, false, 1n)) - Math.LN2, Math.log(toNumber(form, false, form.infinity - 1n))];
}

function setRange(handle, value, text) {
  const attributes = {
    "aria-valuemin": -LIMIT,
    "aria-valuemax": LIMIT,
    "aria-valuenow": value,
    "aria-valuetext": text,
  };
  for (const [name, it] of Object.entries(attributes)) handle.setAttribute(name, it);
}

define("descent-softmax-stress", SoftmaxStress);
