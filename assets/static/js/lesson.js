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

  // Code that serves, skipped algebra and what goes further: one switch opens or folds them all.
  function switchOfFolds() {
    const folds = all(".cell > details, details.further, details.sd-dropdown, .cell_output details.more");
    const button = document.getElementById("folds-button");
    if (!button) return;
    button.hidden = !folds.length;
    const show = (open) => {
      folds.forEach((fold) => {
        fold.open = open;
      });
      button.setAttribute("aria-pressed", String(open));
    };
    button.addEventListener("click", () => {
      const open = button.getAttribute("aria-pressed") !== "true";
      stored.set("folds", open ? "open" : "closed");
      show(open);
    });
    if (stored.get("folds") === "open") show(true);
  }

  // A short, steady name for a question: a prediction belongs to its words.
  function nameOf(text) {
    let hash = 5381;
    for (const letter of text.replace(/\s+/g, " ").trim()) hash = (hash * 33 + letter.codePointAt(0)) % 4294967296;
    return `predict-${hash.toString(36)}`;
  }

  // Each Predict with its Answer and the outputs between them, in the order of the page; an explorer is no output,
  // for with it the reader finds out.
  function pairs() {
    const found = [];
    for (const box of all(".predict, details.answer, .cell_output")) {
      const last = found.at(-1);
      if (box.matches(".predict")) found.push({ box, outputs: [], answer: null });
      else if (!last || last.answer) continue;
      else if (box.matches("details")) last.answer = box;
      else if (box.querySelector(":scope details.answer")) last.answer = box.querySelector("details.answer");
      else if (![...box.children].some((child) => child.localName.includes("-"))) last.outputs.push(box);
    }
    return found.filter((pair) => pair.answer);
  }

  function choices(box) {
    const list = box.querySelector(":scope > ul");
    const name = nameOf(box.textContent);
    for (const item of all(":scope > li", list)) {
      const input = made("input", { type: "radio", name, value: item.querySelector("code").textContent });
      const label = made("label", {}, input, made("span", {}, ...item.childNodes));
      item.replaceChildren(label);
    }
    list.className = "options";
    return {
      read: () => list.querySelector("input:checked")?.value ?? "",
      write: (value) => {
        for (const input of all("input", list)) input.checked = input.value === value;
      },
      lock: () => {
        for (const input of all("input", list)) input.disabled = true;
      },
    };
  }

  function number(box) {
    const input = made("input", { type: "text", inputMode: "decimal", autocomplete: "off", size: 10 });
    box.append(made("p", {}, made("label", {}, "Your number: ", input)));
    return {
      read: () => (input.value.trim() && Number.isFinite(numberIn(input.value)) ? input.value.trim() : ""),
      write: (value) => {
        input.value = value;
      },
      lock: () => {
        input.readOnly = true;
      },
    };
  }

  const open = () => ({ read: () => "yes", write: () => {}, lock: () => {} });
  const KINDS = { choice: choices, number, open };

  const numberIn = (text) => Number(text.replaceAll(",", "").replace("−", "-"));

  function said(kind, value, right) {
    if (kind === "open" || !right) return "";
    const same = kind === "choice" ? value === right : numberIn(value) === numberIn(right);
    return same ? `You predicted ${value}, and so it is.` : `You predicted ${value}; it is ${right}.`;
  }

  function guard({ box, outputs, answer }) {
    const { kind } = box.dataset;
    const key = nameOf(box.textContent);
    const field = KINDS[kind](box);
    const commit = made("button", { type: "button", textContent: kind === "open" ? "I have one: show me" : "Commit" });
    const skip = made("button", { type: "button", className: "quiet", textContent: "Show it without predicting" });
    const told = made("p", { className: "predicted", role: "status" });
    const note = made("p", { className: "kept-note", textContent: "What came out is shown once you have predicted." });
    box.append(made("p", { className: "predict-buttons" }, commit, ...(kind === "open" ? [] : [skip])), told);
    const keep = (yes) => {
      for (const output of outputs) output.classList.toggle("kept-back", yes);
      answer.classList.toggle("waits", yes);
    };
    const reveal = (value) => {
      keep(false);
      note.remove();
      field.lock();
      commit.remove();
      skip.remove();
      told.textContent = value ? said(kind, value, answer.dataset.right) : "";
      answer.open = true;
    };
    commit.addEventListener("click", () => {
      const value = field.read();
      if (!value) {
        told.textContent = kind === "number" ? "Type a number first." : "Choose one first.";
        return;
      }
      stored.set(key, value);
      reveal(value);
    });
    skip.addEventListener("click", () => reveal(""));
    // Whoever finds the answer by the browser's own search, or by a link, has it.
    answer.addEventListener("toggle", () => {
      if (answer.open && answer.classList.contains("waits")) reveal("");
    });
    answer.querySelector("summary").addEventListener("click", (event) => {
      if (!answer.classList.contains("waits")) return;
      event.preventDefault();
      told.textContent = "Predict first, or show it without predicting.";
      (box.querySelector("input") ?? commit).focus();
    });
    const before = stored.get(key);
    if (before) {
      field.write(before);
      reveal(before);
      return;
    }
    keep(true);
    if (outputs.length) outputs[0].before(note);
  }

  switchOfFolds();
  pairs().forEach(guard);
})();
