// What a lesson does besides being read: a switch for all folds, and a Predict that keeps its answer back.
(() => {
  "use strict";
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const made = (tag, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };
  const stored = {
    get(key) {
      try {
        return localStorage.getItem(key);
      } catch {
        return null; // private window: what is chosen lasts one page
      }
    },
    set(key, value) {
      try {
        localStorage.setItem(key, value);
      } catch {
        /* as above */
      }
    },
  };

  const folds = (from = document) =>
    all(".cell > details, details.further, details.sd-dropdown, .cell_output details.more", from);
  const opened = () => stored.get("folds") === "open";

  // Code that serves, skipped algebra and what goes further: one switch opens or folds them all. The code of an
  // answer that waits stays folded, for the answer stands in it.
  function switchOfFolds() {
    const button = document.getElementById("folds-button");
    if (!button) return;
    const [icon, label] = [button.querySelector("svg") ?? "", document.createElement("span")];
    button.replaceChildren(icon, label);
    button.hidden = !folds().length;
    const show = () => {
      for (const fold of folds()) fold.open = opened() && !fold.closest(".waits");
      label.textContent = opened() ? "Close every fold" : "Open every fold";
    };
    button.addEventListener("click", () => {
      stored.set("folds", opened() ? "closed" : "open");
      show();
    });
    show();
  }

  // A short, steady name for a question: a prediction belongs to its words.
  function nameOf(text) {
    let hash = 5381;
    for (const letter of text.replace(/\s+/g, " ").trim()) hash = (hash * 33 + letter.codePointAt(0)) % 4294967296;
    return `predict-${hash.toString(36)}`;
  }

  // Each Predict with its Answer and the outputs between them, in the order of the page; an explorer is no output,
  // for with it the reader finds out. A claim that is settled after the Answer, in the same section, tells it too.
  function pairs() {
    const found = [];
    let last;
    for (const box of all("h2, h3, .predict, details.answer, .cell_output")) {
      if (box.matches(".predict")) found.push((last = { box, outputs: [], answer: null }));
      else if (!last) continue;
      else if (box.matches("h2, h3")) last = last.answer ? null : last;
      else if (last.answer) last.outputs.push(...[box].filter((part) => part.querySelector("[id^='claim-']")));
      else if (box.matches("details")) last.answer = box;
      else if (box.querySelector(":scope details.answer")) last.answer = box.querySelector("details.answer");
      else if (!all("*", box).some((part) => part.localName.startsWith("descent-"))) last.outputs.push(box);
    }
    return found.filter((pair) => pair.answer);
  }

  function choices(box) {
    const list = box.querySelector(":scope > ul");
    const name = nameOf(box.textContent);
    all(":scope > li", list).forEach((item, i) => {
      const key = item.querySelector("code")?.textContent ?? String.fromCharCode(97 + i);
      const input = made("input", { type: "radio", name, value: key });
      const label = made("label", {}, input, made("span", {}, ...item.childNodes));
      item.replaceChildren(label);
    });
    list.className = "options";
    return {
      missing: "Choose one first.",
      read: () => list.querySelector("input:checked")?.value ?? "",
      write: (value) => {
        for (const input of all("input", list)) input.checked = input.value === value;
      },
      lock: () => {
        for (const input of all("input", list)) input.disabled = true;
      },
    };
  }

  // "2,048", "−5", "5 %", "10 steps" are numbers; "0,5" and "2/9" are not, and nan.
  function numberIn(text) {
    const plain = text.trim().replace(/^[−–]/, "-");
    const found = plain.match(/^-?([1-9]\d{0,2}(,\d{3})+|\d+)?(\.\d*)?(e[-+]?\d+)?(?=\D*$)/i)?.[0].replaceAll(",", "");
    return /\d/.test(found) ? Number(found) : Number.NaN;
  }

  function number(box, commit) {
    const input = made("input", { type: "text", inputMode: "decimal", autocomplete: "off", size: 10 });
    box.append(made("p", {}, made("label", {}, "Your number: ", input)));
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter") commit.click();
    });
    return {
      missing: "Write a number with a point, such as 0.25 or 2,000.",
      read: () => (Number.isNaN(numberIn(input.value)) ? "" : input.value.trim()),
      write: (value) => {
        input.value = value;
      },
      lock: () => {
        input.readOnly = true;
      },
    };
  }

  const open = () => ({ missing: "", read: () => "yes", write: () => {}, lock: () => {} });
  const KINDS = { choice: choices, number, open };

  function said(kind, value, right) {
    if (!value) return "Here is what came out.";
    if (kind === "open" || !right) return "Compare it with what came out.";
    const same = kind === "choice" ? value === right : numberIn(value) === numberIn(right);
    return same ? `You predicted ${value}, and so it is.` : `You predicted ${value}; it is ${right}.`;
  }

  const SKIPPED = "skipped: ";

  // Keeps the outputs and the answer back until the reader commits, or follows a link into them.
  function guard({ box, outputs, answer }) {
    const { kind } = box.dataset;
    const key = nameOf(box.textContent);
    const commit = made("button", { type: "button", textContent: kind === "open" ? "I have one: show me" : "Commit" });
    const field = KINDS[kind](box, commit);
    const skip = made("button", { type: "button", className: "quiet", textContent: "Show it without predicting" });
    const told = made("p", { className: "predicted", role: "status" });
    const note = made("span", { className: "kept-note", textContent: ", with what came out, once you have predicted" });
    box.append(made("p", { className: "predict-buttons" }, commit, skip), told);
    const cells = new Set([...outputs, answer].map((part) => part.closest(".cell")).filter(Boolean));
    const keep = (yes) => {
      for (const output of outputs) output.classList.toggle("kept-back", yes);
      for (const part of [...cells, answer]) part.classList.toggle("waits", yes);
    };
    const reveal = (value) => {
      keep(false);
      note.remove();
      field.lock();
      commit.remove();
      skip.remove();
      told.textContent = said(kind, value, answer.dataset.right);
      answer.open = true;
      for (const cell of cells) for (const fold of folds(cell)) fold.open = opened();
    };
    const decide = (value) => {
      stored.set(key, value || SKIPPED);
      reveal(value);
      answer.querySelector("summary").focus();
    };
    commit.addEventListener("click", () => {
      if (field.read()) decide(field.read());
      else told.textContent = field.missing;
    });
    skip.addEventListener("click", () => decide(""));
    // Whoever finds the answer by the browser's own search has it; print opens it for a moment.
    answer.addEventListener("toggle", () => {
      if (answer.open && answer.classList.contains("waits") && !document.documentElement.dataset.printing) reveal("");
    });
    answer.querySelector("summary").addEventListener("click", (event) => {
      if (!answer.classList.contains("waits")) return;
      event.preventDefault();
      told.textContent = "Predict first, or show it without predicting.";
      (box.querySelector("input") ?? commit).focus();
    });
    const before = stored.get(key);
    if (before) {
      if (before !== SKIPPED) field.write(before);
      reveal(before === SKIPPED ? "" : before);
    } else {
      keep(true);
      const first = outputs[0];
      if (first?.compareDocumentPosition(answer) & Node.DOCUMENT_POSITION_FOLLOWING)
        answer.querySelector("summary").append(note);
    }
    for (const part of [...outputs, answer])
      part.addEventListener("sought", () => {
        if (answer.classList.contains("waits")) reveal("");
      });
  }

  pairs().forEach(guard);
  switchOfFolds();
})();
