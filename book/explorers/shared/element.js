// The base of every explorer: one state, drawn at once when it changes; shared by URL; reset.

let count = 0;

// h("button", {class: "dx-chip", onclick: f}, "text"): an element with attributes, listeners and children.
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== false && value != null) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children);
  return element;
}

// Write "2^-4" as a power. Everything shown is set as text, never as HTML.
export function write(element, text) {
  if (element.dataset.text === text) return;
  element.dataset.text = text;
  const parts = text.split(/\^(-?\d+)/);
  element.replaceChildren(...parts.map((part, i) => (i % 2 ? h("sup", {}, part.replace("-", "−")) : part)));
}

export class Explorer extends HTMLElement {
  // A subclass has: static title, static defaults; accept(state) -> state or null; build(), which also makes `this.story`,
  // the result in words, unless it has a summary() of its own; draw().
  // In a closed fold an explorer starts when the fold opens, or a link or the printer asks for it.
  connectedCallback() {
    const fold = this.closest("details:not([open])");
    if (!fold || this.inNotebook || this.isLinked()) return this.begin();
    fold.addEventListener("toggle", () => this.begin(), { once: true });
    window.addEventListener("beforeprint", () => this.begin(), { once: true });
    window.addEventListener("hashchange", () => this.isLinked() && this.begin());
  }

  begin() {
    if (this.state) return;
    installStyles();
    this.number = `${this.localName}-${++count}`; // each bundle counts for itself
    this.initial = this.accept({ ...this.constructor.defaults, ...this.settings() }) ?? this.constructor.defaults;
    const linked = this.fromLink();
    this.state = linked ?? this.initial;
    this.classList.add("dx");
    this.setAttribute("role", "group");
    this.setAttribute("aria-label", this.constructor.title);
    this.status = h("p", { class: "dx-hidden", role: "status" });
    this.replaceChildren(...this.build(), this.foot());
    this.draw();
    if (linked) requestAnimationFrame(() => this.seek());
    if (!this.inNotebook) window.addEventListener("hashchange", () => this.set(this.fromLink() ?? {}));
  }

  // Into sight, out of every fold.
  seek() {
    for (let fold; (fold = this.closest("details:not([open])")); ) fold.open = true;
    this.scrollIntoView();
  }

  get inNotebook() {
    return this.dataset.host === "notebook";
  }

  settings() {
    try {
      return JSON.parse(this.dataset.settings ?? "{}");
    } catch {
      return {};
    }
  }

  // Change the state and draw it in the same turn; a state that cannot be drawn is refused.
  set(patch) {
    const next = this.accept({ ...this.state, ...patch });
    if (!next || JSON.stringify(next) === JSON.stringify(this.state)) return Boolean(next);
    this.state = next;
    this.draw();
    this.announce(this.summary());
    this.dispatchEvent(new CustomEvent("dx-change", { detail: { ...next }, bubbles: true }));
    return true;
  }

  // Tell a screen reader the result once the hand rests.
  announce(text) {
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => (this.status.textContent = text), 500);
  }

  summary() {
    return this.story.textContent;
  }

  // One of a few values of a part of the state, as a row of radio buttons: [value, text] or the value alone. What
  // else of the state a value brings with it, `withIt(value)` says.
  choices(key, legend, options, withIt = () => ({})) {
    const choose = ({ target: { value } }) => this.set({ [key]: value, ...withIt(value) });
    const one = ([value, text = value]) =>
      h(
        "label",
        { class: "dx-choice" },
        h("input", { type: "radio", name: `dx-${key}-${this.number}`, value, onchange: choose }),
        h("span", {}, text),
      );
    const group = options.map((option) => one([option].flat()));
    const look = options.length > 4 ? "dx-choices dx-many" : "dx-choices";
    return h("fieldset", { class: look, "data-key": key }, h("legend", { class: "dx-hidden" }, legend), ...group);
  }

  drawChoices() {
    for (const { dataset, elements } of this.querySelectorAll(".dx-choices")) {
      for (const input of elements) input.checked = input.value === this.state[dataset.key];
    }
  }

  head(...beside) {
    return h("div", { class: "dx-head" }, h("p", { class: "dx-title" }, this.constructor.title), ...beside);
  }

  chips(label, choices) {
    const one = ([text, patch]) =>
      h("button", { type: "button", class: "dx-chip", onclick: () => this.set(patch) }, text);
    return h("div", { class: "dx-chips", role: "group", "aria-label": label }, ...choices.map(one));
  }

  // Names with values beneath, in a column beside: a row is [key, name], what `parts[key]` holds is written there.
  facts(rows, { column = false } = {}) {
    const one = ([key, name]) => h("div", { class: "dx-fact" }, h("dt", {}, name), (this.parts[key] = h("dd", {})));
    return h("dl", { class: column ? "dx-facts dx-column" : "dx-facts" }, ...rows.map(one));
  }

  foot() {
    const reset = h("button", { type: "button", class: "dx-quiet", onclick: () => this.set(this.initial) }, "Reset");
    const share = h("button", { type: "button", class: "dx-quiet", onclick: () => this.share() }, "Copy link");
    this.shared = h("span", { class: "dx-shared" });
    const buttons = this.inNotebook ? [reset] : [reset, share, this.shared];
    return h("div", { class: "dx-foot" }, ...buttons, this.status);
  }

  // --- sharing: #dx-float-bits=value:0.1;dtype:float16 ------------------------------------------------

  linkName() {
    const alike = [...document.querySelectorAll(this.localName)];
    const place = alike.indexOf(this);
    return this.localName.replace("descent-", "dx-") + (place > 0 ? `-${place + 1}` : "");
  }

  toLink() {
    const pairs = Object.entries(this.state).map(
      ([key, value]) => `${key}:${encodeURIComponent(this.toText(key, value)).replaceAll("%2C", ",")}`,
    );
    return `#${this.linkName()}=${pairs.join(";")}`;
  }

  isLinked() {
    return !this.inNotebook && location.hash.startsWith(`#${this.linkName()}=`);
  }

  fromLink() {
    const start = `#${this.linkName()}=`;
    if (!this.isLinked()) return null;
    try {
      const pairs = location.hash
        .slice(start.length)
        .split(";")
        .map((pair) => pair.split(":"));
      return this.accept({ ...this.initial, ...Object.fromEntries(pairs.map((pair) => this.fromPair(pair))) });
    } catch {
      return null;
    }
  }

  // How a link writes a part of the state; a subclass that has parts of other kinds overrides both ways.
  toText(key, value) {
    return value;
  }

  fromPair([key, text]) {
    const like = this.constructor.defaults[key];
    const value = decodeURIComponent(text);
    if (Array.isArray(like)) return [key, value.split(",").map(Number)];
    return [key, typeof like === "number" ? Number(value) : value];
  }

  async share() {
    const link = this.toLink();
    try {
      history.replaceState(history.state, "", link);
      await navigator.clipboard.writeText(location.href);
      this.shared.textContent = "Link copied.";
    } catch {
      this.shared.textContent = "The link is in the address bar.";
    }
    this.announce(this.shared.textContent);
  }
}

// STYLES comes before this file in a bundle: the sheets of its files by name. Each is installed once a page.
function installStyles() {
  for (const [name, sheet] of Object.entries(STYLES)) {
    const id = `dx-style-${name}`;
    if (!document.getElementById(id)) document.head.append(h("style", { id }, sheet));
  }
}

export function define(tag, element) {
  if (!customElements.get(tag)) customElements.define(tag, element);
}
