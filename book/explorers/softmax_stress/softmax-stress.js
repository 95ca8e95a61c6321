// <descent-softmax-stress>: drag the logits until the naive softmax breaks.
import { FORMATS, significant, toNumber } from "../shared/floats.js";
import { log } from "./elementary.js";
import { readout } from "./softmax.js";
import { Explorer, define, h, write } from "../shared/element.js";
import { fill, numberField } from "../shared/number-field.js";

const LIMIT = 10000;
const SCALES = [20, 50, 100, 200, 500, 1000, 1200, 2000, 5000, 10000, 20000];
const CASES = [
  ["[1000, 990, 980]", { logits: [1000, 990, 980], offset: 0 }],
  ["the same, 980 lower", { logits: [1000, 990, 980], offset: -980 }],
  ["all underflow", { logits: [-1000, -990, -980], offset: 0 }],
  ["one far behind", { logits: [0, -5, -120], offset: 0 }],
  ["tie", { logits: [11, 11, 11], offset: 0 }],
  ["safe", { logits: [2, 1, 0], offset: 0 }],
];
const COLUMNS = [["exponent", "exponent"], ["exp", "exp"], ["probability", "prob."], ["log", "log"]];
const WAYS = [["naive", "Naive", "exp(z) / Σ exp(z)"],
  ["stable", "Stable", "exp(z − max) / Σ exp(z − max)"]];

class SoftmaxStress extends Explorer {
  static title = "Softmax under stress";
  static defaults = { logits: [1000, 990, 980], offset: 0, dtype: "float32" };

  accept({ logits, offset, dtype }) {
    const fine = (x) => typeof x === "number" && Math.abs(x) <= LIMIT;
    if (!Array.isArray(logits) || logits.length < 2 || logits.length > 5) return null;
    return logits.every(fine) && fine(offset) && Object.hasOwn(FORMATS, dtype)
      ? { logits: [...logits], offset, dtype } : null;
  }

  build() {
    this.lanes = h("div", { class: "dx-lanes" });
    this.axis = h("div", { class: "dx-lane-axis", "aria-hidden": "true" });
    this.input_story = h("p", { class: "dx-note" });
    this.panels = Object.fromEntries(WAYS.map(([way, name, formula]) => [way, this.panel(way, name, formula)]));
    const panels = Object.values(this.panels).map(({ box }) => box);
    return [this.head(this.formats()), this.chips("Telling logits", CASES), this.lanes, this.axis, this.offsetRow(),
      this.input_story, h("div", { class: "dx-panels" }, ...panels)];
  }

  // --- controls --------------------------------------------------------------------------------------

  offsetRow() {
    const id = `dx-offset-${this.number}`;
    const change = (offset) => this.set({ offset });
    this.slider = h("input", { type: "range", id, min: -1200, max: 1200, step: 1, oninput: () => change(Number(this.slider.value)) });
    this.offset = numberField({ "aria-label": "Common offset, as a number" }, change);
    const count = (by, label, sign) => h("button", { type: "button", class: "dx-step", "aria-label": label, onclick: () => this.count(by) }, sign);
    this.counts = [count(-1, "One logit fewer", "−"), count(1, "One logit more", "+")];
    return h("div", { class: "dx-offset" }, h("label", { for: id }, "Add to all"), this.slider, this.offset,
      h("span", { class: "dx-count" }, "Logits", ...this.counts));
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
    track.addEventListener("pointermove", (event) => track.hasPointerCapture(event.pointerId) && this.drag(i, track, event));
    track.addEventListener("lostpointercapture", () => this.release());
    return h("div", { class: "dx-lane", "data-series": i }, h("span", { class: "dx-name" }, "z", h("sub", {}, String(i + 1))), track, input);
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
    const by = { ArrowLeft: -big, ArrowDown: -big, ArrowRight: big, ArrowUp: big, PageUp: 10, PageDown: -10 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    this.setLogit(i, Math.max(-LIMIT, Math.min(LIMIT, this.state.logits[i] + by)));
  }

  // --- results ---------------------------------------------------------------------------------------

  panel(way, name, formula) {
    const body = h("tbody", {});
    const story = h("p", { class: "dx-verdict" });
    const head = h("tr", {}, ...[["", "z"], ...COLUMNS].map(([, label]) => h("th", { scope: "col" }, label)));
    const table = h("table", { class: "dx-table" }, h("caption", { class: "dx-hidden" }, `${name}: ${formula}`), h("thead", {}, head), body);
    const scroll = h("div", { class: "dx-scroll" }, table);
    const title = h("p", { class: "dx-panel-title" }, h("strong", {}, name), " ", h("span", {}, formula));
    return { box: h("div", { class: `dx-panel dx-${way}`, role: "group", "aria-label": name }, title, scroll, story), body, story, cells: {} };
  }

  buildRows() {
    const { length } = this.state.logits;
    this.lanes.replaceChildren(...this.state.logits.map((_, i) => this.lane(i)));
    for (const panel of Object.values(this.panels)) {
      panel.cells = {};
      const cell = (key, width = 1) => h("td", { colspan: width }, (panel.cells[key] = h("span", { class: "dx-value" })), (panel.cells[`${key}_note`] = h("span", { class: "dx-flag" })));
      const row = (_, i) => h("tr", { "data-series": i }, h("th", { scope: "row" }, "z", h("sub", {}, String(i + 1))), ...COLUMNS.map(([key]) => cell(`${key}_${i}`)));
      const sum = h("tr", { class: "dx-sum" }, h("th", { scope: "row", colspan: 2 }, "sum of exp"), cell("sum"), h("td", { colspan: 2 }));
      panel.body.replaceChildren(...Array.from({ length }, row), sum);
    }
  }

  summary() {
    return `Naive: ${this.panels.naive.story.textContent} Stable: ${this.panels.stable.story.textContent}`;
  }

  draw() {
    const { logits, offset, dtype } = this.state;
    const shown = readout(logits, offset, dtype);
    this.drawChoices();
    if (this.lanes.children.length !== logits.length) this.buildRows();
    this.drawLanes(shown);
    this.drawOffset();
    write(this.input_story, shown.input_story);
    for (const [way, panel] of Object.entries(this.panels)) this.drawPanel(way, panel, shown);
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
    const zone = (text, left, right) => left + right > 72 ? [] // too narrow for its name
      : [h("span", { class: "dx-zone-name", style: `left:${left}%;right:${right}%` }, text)];
    this.axis.replaceChildren(
      mark(0, `−${scale}`, "dx-start"), mark(100, `${scale}`, "dx-end"),
      mark(low, from, "dx-edge dx-edge-low"), mark(high, to, "dx-edge dx-edge-high"),
      ...zone("exp → 0", 0, 100 - low), ...zone("exp → inf", high, 0));
  }

  drawOffset() {
    const { offset, logits } = this.state;
    this.slider.value = offset;
    fill(this.offset, offset);
    this.counts[0].disabled = logits.length === 2;
    this.counts[1].disabled = logits.length === 5 || logits.at(-1) - 10 < -LIMIT;
  }

  drawPanel(way, { box, cells, story, body }, shown) {
    for (const [key, cell] of Object.entries(cells)) write(cell, shown[`${way}_${key}`] ?? "");
    for (const cell of body.querySelectorAll("td")) {
      cell.dataset.note = cell.querySelector(".dx-flag")?.textContent ?? "";
    }
    this.state.logits.forEach((_, i) => {
      const share = Number(shown[`${way}_probability_${i}`]);
      cells[`probability_${i}`].parentElement.style.setProperty("--share", Number.isFinite(share) ? share : 0);
    });
    write(story, shown[`${way}_story`]);
    const notes = Object.keys(cells).map((key) => shown[`${way}_${key}`]);
    const broken = notes.includes("undefined") || notes.includes("log of 0");
    box.dataset.state = broken ? "breaks" : notes.includes("subnormal") ? "loses" : "holds";
  }
}

// Where exp is neither 0 nor inf: between the logs of half the smallest subnormal and of the largest float.
function bandOf(dtype) {
  const form = FORMATS[dtype];
  const wide = FORMATS.float64;
  const low = log(toNumber(form, false, 1n), wide) - log(2, wide);
  return [low, log(toNumber(form, false, form.infinity - 1n), wide)];
}

function setRange(handle, value, text) {
  const attributes = { "aria-valuemin": -LIMIT, "aria-valuemax": LIMIT, "aria-valuenow": value, "aria-valuetext": text };
  for (const [name, it] of Object.entries(attributes)) handle.setAttribute(name, it);
}

define("descent-softmax-stress", SoftmaxStress);
