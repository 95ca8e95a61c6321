// <descent-exercise exercise="1-numbers/…">: asks and judges an exercise on the page, without Python.
// The judging mirrors book/exercises/reading.py and model.py; tests/browser/test_exercises.py compares them.
(() => {
  "use strict";
  const BOOK = "DEFINITIONS";
  const DECIMAL = "((?:[0-9]+\\.?[0-9]*|\\.[0-9]+)(?:e[+-]?[0-9]+)?)";
  const FACTOR = new RegExp(`^([+-]?)(?:${DECIMAL}(?:\\^([+-]?)${DECIMAL})?|(inf|infinity|∞|nan))$`);

  function readFactor(piece) {
    const match = FACTOR.exec(piece);
    if (!match) return null;
    const [, sign, base, exponentSign, exponent, name] = match;
    const named = name === "nan" ? NaN : Infinity;
    const size = base ? Number(base) ** Number(`${exponentSign ?? ""}${exponent ?? 1}`) : named;
    return sign === "-" ? -size : size;
  }

  function readNumber(text) {
    const plain = text.toLowerCase().replace(/\s/g, "").replaceAll("−", "-").replaceAll("**", "^");
    const [first, ...rest] = plain.replace(/[×·]/g, "*").split(/([*/])/);
    let value = readFactor(first);
    for (let i = 0; i < rest.length; i += 2) {
      const factor = readFactor(rest[i + 1]);
      if (value === null || factor === null) return null;
      value = rest[i] === "*" ? value * factor : factor ? value / factor : NaN;
    }
    return value;
  }

  function same(value, target, rtol) {
    if (!Number.isFinite(value) || !Number.isFinite(target)) return Object.is(value, target);
    return Math.abs(value - target) <= rtol * Math.abs(target);
  }

  function slip(value, { answer, rtol }) {
    if (answer === 0 || !Number.isFinite(answer)) return undefined;
    return BOOK.slips.find(([factors]) => factors.some((f) => same(value, answer * f, rtol)))?.[1];
  }

  const hintFor = {
    Number(exercise, given) {
      const value = readNumber(given);
      if (value === null) return BOOK.sentences["not a number"];
      if (same(value, exercise.answer, exercise.rtol)) return null;
      const listed = exercise.mistakes.find(([wrong]) => same(value, wrong, exercise.rtol))?.[1];
      return listed ?? slip(value, exercise) ?? exercise.hint;
    },
    Choice(exercise, given) {
      const wanted = given.trim().toLowerCase();
      const reads = (text) => text.toLowerCase() === wanted;
      const option = Object.entries(exercise.options).find((pair) => pair.some(reads));
      if (option) return exercise.hints[option[0]] ?? null;
      return BOOK.sentences["not an option"].replace("{keys}", () => Object.keys(exercise.options).join(", "));
    },
  };

  function judge(exercise, given) {
    const { unanswered, right, wrong } = BOOK.sentences;
    if (!given.trim()) return { state: "unanswered", message: unanswered };
    const hint = hintFor[exercise.kind](exercise, given);
    if (hint === null) return { state: "right", message: right.replace("{reason}", () => exercise.right) };
    return { state: "wrong", message: wrong.replace("{hint}", () => hint) };
  }

  // A reader's answers stay in the reader's browser; where it refuses to keep them, nothing is lost but that.
  const memory = {
    key: (id) => `descent:exercise:${id}`,
    read(id) {
      try {
        return localStorage.getItem(this.key(id)) ?? "";
      } catch {
        return "";
      }
    },
    write(id, given) {
      try {
        if (given) localStorage.setItem(this.key(id), given);
        else localStorage.removeItem(this.key(id));
      } catch {
        /* the answer is simply not remembered */
      }
    },
  };

  function make(tag, properties = {}, ...children) {
    const node = Object.assign(document.createElement(tag), properties);
    node.append(...children);
    return node;
  }

  function withCode(text) {
    return text.split("`").map((part, i) => (i % 2 ? make("code", { textContent: part }) : part));
  }

  const plain = { type: "text", autocomplete: "off", autocapitalize: "off", spellcheck: false };
  const controls = {
    Number() {
      const input = make("input", { name: "answer", ...plain });
      return [make("label", { className: "dx-answer" }, make("span", { textContent: "Your answer" }), input)];
    },
    // The chapter's text lists the options; here they are letters, each named by its text for those who listen.
    Choice({ options }) {
      return Object.entries(options).map(([key, text]) => {
        const input = make("input", { name: "answer", type: "radio", value: key });
        const name = make("span", { className: "dx-unseen" }, ": ", ...withCode(text));
        return make("label", { className: "dx-option" }, input, make("code", { textContent: key }), name);
      });
    },
  };

  const STYLE = `
    descent-exercise { display: block; margin: 1rem 0; }
    .dx-exercise { position: relative; margin: 0; padding: 0.9rem 1rem; border: 1px solid var(--rule);
      border-radius: 6px; background: var(--wash); color: var(--ink);
      font: 400 1rem/1.5 var(--sans, sans-serif); }
    .dx-row { display: flex; flex-wrap: wrap; gap: 0.7rem 1rem; align-items: center; }
    .dx-exercise fieldset { margin: 0; padding: 0; border: 0; min-width: 0; }
    .dx-exercise legend, .dx-unseen { position: absolute; padding: 0; width: 1px; height: 1px; overflow: hidden;
      clip-path: inset(50%); white-space: nowrap; }
    .dx-answer { display: flex; gap: 0.7rem; align-items: baseline; margin: 0; }
    .dx-answer input { width: 11rem; min-width: 0; padding: 0.4rem 0.6rem; font: inherit;
      font-variant-numeric: tabular-nums; color: var(--ink); background: var(--paper);
      border: 1px solid var(--muted); border-radius: 4px; }
    .dx-option { display: inline-flex; gap: 0.5rem; align-items: center; position: relative; min-height: 2rem;
      margin: 0 1.5rem 0 0; cursor: pointer; }
    .dx-option input { flex: none; width: 1.2rem; height: 1.2rem; margin: 0; accent-color: var(--accent); }
    .dx-button { padding: 0.4rem 1rem; font: inherit; color: var(--paper); background: var(--accent);
      border: 1px solid var(--accent); border-radius: 4px; cursor: pointer; }
    .dx-button[type=reset] { color: var(--accent); background: transparent; }
    .dx-button[hidden] { display: none; }
    .dx-exercise :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
    .dx-verdict { margin: 0.7rem 0 0; padding-left: 0.75rem; border-left: 3px solid var(--muted); }
    .dx-verdict[data-state=right] { border-color: var(--green); }
    .dx-verdict[data-state=wrong] { border-color: var(--orange); }
    .dx-verdict:empty { margin: 0; border: 0; }
    @media print { .dx-button { display: none; } }`;

  class DescentExercise extends HTMLElement {
    static verdict(id, given) {
      return judge(BOOK.exercises[id], given);
    }

    get exercise() {
      return BOOK.exercises[this.getAttribute("exercise")];
    }

    connectedCallback() {
      if (this.form || !this.exercise) return;
      if (!document.getElementById("dx-exercise-style"))
        document.head.append(make("style", { id: "dx-exercise-style", textContent: STYLE }));
      if (this.exercise.kind === "Code") this.pointToNotebook();
      else this.ask();
    }

    ask() {
      const legend = make("legend", {}, ...withCode(this.exercise.prompt));
      const group = make("fieldset", {}, legend, ...controls[this.exercise.kind](this.exercise));
      const check = make("button", { type: "submit", className: "dx-button", textContent: "Check" });
      this.again = make("button", { type: "reset", className: "dx-button", textContent: "Try again" });
      this.again.hidden = true;
      const row = make("div", { className: "dx-row" }, group, check, this.again);
      this.line = make("p", { className: "dx-verdict" });
      this.line.setAttribute("role", "status");
      this.line.setAttribute("aria-live", "polite");
      this.form = make("form", { className: "dx-exercise" }, row, this.line);
      this.listen();
      this.recall();
      this.replaceChildren(this.form);
    }

    get given() {
      return this.form.elements.answer.value;
    }

    listen() {
      this.form.addEventListener("submit", (event) => {
        event.preventDefault();
        memory.write(this.getAttribute("exercise"), this.given);
        this.show();
      });
      this.form.addEventListener("reset", () => {
        memory.write(this.getAttribute("exercise"), "");
        this.clear();
        this.form.querySelector("input").focus();
      });
      this.form.addEventListener("input", () => this.clear());
    }

    recall() {
      this.form.elements.answer.value = memory.read(this.getAttribute("exercise"));
      if (this.given) this.show();
    }

    show() {
      const { state, message } = judge(this.exercise, this.given);
      this.line.dataset.state = state;
      this.line.replaceChildren(...withCode(message));
      this.again.hidden = state === "unanswered";
    }

    clear() {
      delete this.line.dataset.state;
      this.line.replaceChildren();
      this.again.hidden = true;
    }

    pointToNotebook() {
      const colab = document.querySelector('a[href*="colab.research.google.com"]');
      const target = colab ?? document.querySelector('a[href$=".ipynb"]');
      const place = target ? make("a", { href: target.href, textContent: "the notebook" }) : "the notebook";
      if (target && !colab) place.download = "";
      this.replaceChildren(make("p", { className: "dx-verdict" }, "Write this one in ", place, "."));
    }
  }

  customElements.define("descent-exercise", DescentExercise);
})();
