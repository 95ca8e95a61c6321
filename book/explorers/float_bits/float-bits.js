// <descent-float-bits>: one number in one format, bit by bit.

import { define, Explorer, h, write } from "../shared/element.js";
import { FORMATS, nearest } from "../shared/floats.js";
import { numbersOf } from "./float-numbers.js";
import { wordsOf } from "./float-words.js";
import { drawCloseLook, sliderMarks, sliderPlace, sliderRange, textAtPlace } from "./number-line.js";
import { beside, store, textOfWord, wordOf } from "./stored.js";
import { DEFAULTS, HELP, parse } from "./typed.js";

const CASES = [
  ["0.1", { value: "0.1" }],
  ["1/3", { value: "1/3" }],
  ["2048 + 1", { value: "2049" }],
  ["65504", { value: "65504" }],
  ["65520", { value: "65520" }],
  ["1e-7", { value: "1e-7" }],
  ["5.96e-8", { value: "5.96e-8" }],
  ["1e-8", { value: "1e-8" }],
  ["nan", { value: "nan" }],
];
const FACTS = [
  ["kind", "Kind"],
  ["error", "Rounding error"],
  ["spacing", "Spacing here"],
  ["below", "Next below"],
  ["python", "Python prints"],
  ["above", "Next above"],
  ["largest", "Largest finite"],
  ["smallest_normal", "Smallest normal"],
  ["smallest_subnormal", "Smallest subnormal"],
];

class FloatBits extends Explorer {
  static title = "Float bits";
  static defaults = DEFAULTS;

  accept({ value, dtype }) {
    const typed = parse(value);
    return typed && Object.hasOwn(FORMATS, dtype) ? { value: typed.text, dtype } : null;
  }

  build() {
    this.parts = { exact: h("output", { class: "dx-exact" }), story: h("p", { class: "dx-story" }) };
    this.word = h("div", { class: "dx-word", role: "group", "aria-label": "Bits: arrow keys move, space flips" });
    this.word.addEventListener("keydown", (event) => this.walk(event));
    this.look = h("div", { class: "dx-look", "aria-hidden": "true" });
    return [
      this.head(this.choices("dtype", "Format", Object.keys(FORMATS))),
      this.entry(),
      this.word,
      this.parts.exact,
      this.parts.story,
      this.line(),
      this.facts(FACTS),
    ];
  }

  entry() {
    const id = `dx-number-${this.number}`;
    const typed = () => this.type(this.input.value);
    this.input = h("input", { id, class: "dx-input", autocomplete: "off", spellcheck: "false", oninput: typed });
    this.help = h("p", { class: "dx-help", id: `${id}-help`, role: "alert" });
    this.input.setAttribute("aria-describedby", this.help.id);
    const field = h("div", { class: "dx-field" }, h("label", { for: id }, "Number"), this.input, this.help);
    return h("div", { class: "dx-entry" }, field, this.chips("Telling numbers", CASES));
  }

  type(text) {
    const read = this.set({ value: text });
    this.input.setAttribute("aria-invalid", String(!read));
    this.help.textContent = read ? "" : HELP;
  }

  line() {
    const move = () => this.set({ value: textAtPlace(this.form, Number(this.slider.value)) });
    this.slider = h("input", { type: "range", step: 1, "aria-label": "Place on the number line", oninput: move });
    this.marks = h("div", { class: "dx-marks", "aria-hidden": "true" });
    const button = (step, label, sign) =>
      h("button", { type: "button", class: "dx-step", "aria-label": label, onclick: () => this.step(step) }, sign);
    const row = h(
      "div",
      { class: "dx-line-row" },
      button(-1, "Next float below", "◂"),
      h("div", { class: "dx-line" }, this.slider, this.marks),
      button(1, "Next float above", "▸"),
    );
    const caption = h(
      "p",
      { class: "dx-caption" },
      "All floats of the format in order; the shaded middle holds the subnormals.",
    );
    const close = h(
      "p",
      { class: "dx-caption" },
      "Close up: every number in the coloured band is stored as the same float.",
    );
    return h("div", {}, row, caption, this.look, close);
  }

  step(by) {
    const next = beside(this.stored, by);
    if (next) this.set({ value: textOfWord(this.form, wordOf(next)) });
  }

  get form() {
    return FORMATS[this.state.dtype];
  }

  get stored() {
    return store(parse(this.state.value), this.form);
  }

  summary() {
    return `${this.parts.story.textContent} Stored: ${this.parts.exact.dataset.text}`;
  }

  draw() {
    const numbers = numbersOf(this.state);
    const shown = wordsOf(numbers);
    this.drawChoices();
    if (parse(this.input.value)?.text !== this.state.value) this.input.value = this.state.value;
    this.input.setAttribute("aria-invalid", "false");
    this.help.textContent = "";
    if (this.word.dataset.dtype !== this.state.dtype) this.buildFormat();
    this.drawBits(shown);
    for (const [key, part] of Object.entries(this.parts)) write(part, shown[key]);
    this.slider.value = sliderPlace(numbers.stored);
    this.slider.setAttribute("aria-valuetext", shown.python);
    drawCloseLook(this.look, numbers.stored, numbers.typed);
    this.dataset.kind = numbers.kind;
    this.parts.exact.classList.toggle("dx-long", shown.exact.length > 24);
  }

  // --- bits ------------------------------------------------------------------------------------------

  buildFormat() {
    const { form } = this;
    this.word.dataset.dtype = form.name;
    this.bits = Array.from({ length: form.width }, (_, i) => this.bit(i));
    const split = 1 + form.exponentBits;
    this.word.replaceChildren(
      this.group("sign", "Sign", this.bits.slice(0, 1)),
      this.group("power", `Exponent, ${form.exponentBits} bits`, this.bits.slice(1, split)),
      this.group("significand", `Fraction, ${form.fractionBits} bits`, this.bits.slice(split)),
    );
    this.bits[1].tabIndex = 0;
    [this.slider.min, this.slider.max] = [-sliderRange(form), sliderRange(form)];
    const rankOf = (power) =>
      nearest(form, power < 0 ? { n: 1n, d: 10n ** BigInt(-power) } : { n: 10n ** BigInt(power), d: 1n });
    this.marks.replaceChildren(...sliderMarks(form, rankOf));
  }

  group(key, label, bits) {
    this.parts[key] = h("span", { class: "dx-meaning" });
    return h(
      "div",
      { class: `dx-group dx-${key}` },
      h("span", { class: "dx-group-label" }, label),
      h("div", { class: "dx-bits" }, ...bits),
      this.parts[key],
    );
  }

  bit(i) {
    const { exponentBits } = this.form;
    const name = i === 0 ? "Sign bit" : i <= exponentBits ? `Exponent bit ${i}` : `Fraction bit ${i - exponentBits}`;
    return h("button", {
      type: "button",
      class: "dx-bit",
      tabindex: -1,
      "aria-label": name,
      onclick: () => this.flip(i),
    });
  }

  flip(i) {
    this.hold(i);
    const word = wordOf(this.stored) ^ (1n << BigInt(this.form.width - 1 - i));
    this.set({ value: textOfWord(this.form, word) });
  }

  // One bit at a time is in the tab order; the arrow keys move it.
  hold(i) {
    this.bits.forEach((bit, j) => (bit.tabIndex = i === j ? 0 : -1));
    this.bits[i].focus();
  }

  walk(event) {
    const i = this.bits.indexOf(document.activeElement);
    const last = this.bits.length - 1;
    const to = { ArrowLeft: i - 1, ArrowRight: i + 1, Home: 0, End: last }[event.key];
    if (i < 0 || to === undefined) return;
    event.preventDefault();
    this.hold(Math.max(0, Math.min(last, to)));
  }

  drawBits(shown) {
    const digits = shown.bits.replaceAll(" ", "");
    this.bits.forEach((bit, i) => {
      bit.textContent = digits[i];
      bit.setAttribute("aria-pressed", String(digits[i] === "1"));
    });
  }
}

define("descent-float-bits", FloatBits);
