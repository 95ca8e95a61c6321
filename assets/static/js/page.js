// What a page does besides being read: theme, menu, copy buttons, definitions, the mark on the current section.
(() => {
  "use strict";
  const root = document.documentElement;
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];

  function theme() {
    const button = document.getElementById("theme-button");
    const show = () => button.setAttribute("aria-pressed", String(root.dataset.theme === "dark"));
    button.addEventListener("click", () => {
      root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark";
      try {
        localStorage.setItem("theme", root.dataset.theme);
      } catch {
        /* private window: the choice lasts one page */
      }
      show();
    });
    show();
  }

  function menu() {
    const button = document.getElementById("menu-button");
    const nav = document.getElementById("book-nav");
    const open = (yes) => {
      document.body.classList.toggle("menu-open", yes);
      button.setAttribute("aria-expanded", String(yes));
    };
    button.addEventListener("click", () => {
      open(button.getAttribute("aria-expanded") !== "true");
    });
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && document.body.classList.contains("menu-open")) {
        open(false);
        button.focus();
      }
    });
    document.getElementById("main").addEventListener("click", () => open(false));
    nav.addEventListener("focusout", (event) => {
      if (event.relatedTarget && !nav.contains(event.relatedTarget) && event.relatedTarget !== button) open(false);
    });
  }

  function searchKey() {
    document.addEventListener("keydown", (event) => {
      const typing = event.target.closest("input, textarea, select, [contenteditable]");
      if (event.key !== "/" || typing || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      document.getElementById("search-box").focus();
    });
  }

  // Does something with each box once, when it comes near the screen: the sections far from it are not laid out.
  function whenNear(selector, work, margin = "600px") {
    const near = new IntersectionObserver(
      (entries) => {
        for (const { isIntersecting, target } of entries) {
          if (!isIntersecting) continue;
          near.unobserve(target);
          work(target);
        }
      },
      { rootMargin: margin },
    );
    all(selector).forEach((box) => near.observe(box));
  }

  // An explorer's or exercise's script is loaded before the first of them comes into view.
  function elementScripts() {
    for (const { dataset } of all("script[type='text/when-near']")) {
      let asked = false;
      whenNear(
        dataset.tag,
        () => {
          if (asked) return;
          asked = true;
          document.head.append(Object.assign(document.createElement("script"), { src: dataset.src }));
        },
        "1500px",
      );
    }
  }

  function copyButton(block) {
    const button = Object.assign(document.createElement("button"), {
      type: "button",
      className: "copy",
      textContent: "Copy",
    });
    button.setAttribute("aria-label", "Copy this code");
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(block.querySelector("pre").textContent);
      button.textContent = "Copied";
      setTimeout(() => {
        button.textContent = "Copy";
      }, 1500);
    });
    block.append(button);
  }

  // What scrolls sideways must be reachable by keyboard.
  function scrollBoxes() {
    const mark = (box) => {
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    };
    const resized = new ResizeObserver((entries) => entries.forEach((entry) => mark(entry.target)));
    whenNear("div.math, .highlight pre, .table-box, .picture.scrolls", (box) => resized.observe(box));
  }

  function definitions() {
    const box = Object.assign(document.createElement("div"), { id: "definition", hidden: true });
    box.setAttribute("role", "tooltip");
    let leaving;
    const hide = () => {
      box.hidden = true;
      all("[aria-describedby=definition]").forEach((a) => a.removeAttribute("aria-describedby"));
    };
    const show = (link) => {
      clearTimeout(leaving);
      hide();
      box.textContent = link.dataset.definition;
      box.hidden = false;
      link.setAttribute("aria-describedby", "definition");
      const place = link.getClientRects()[0];
      box.style.left = `${Math.max(16, Math.min(place.left, root.clientWidth - box.offsetWidth - 16)) + scrollX}px`;
      const below = place.bottom + box.offsetHeight + 16 < innerHeight;
      box.style.top = `${(below ? place.bottom + 6 : place.top - box.offsetHeight - 6) + scrollY}px`;
    };
    const later = () => {
      leaving = setTimeout(hide, 150);
    };
    const links = all("a[data-definition]");
    if (!links.length) return;
    document.body.append(box);
    for (const link of links) {
      link.addEventListener("mouseenter", () => show(link));
      link.addEventListener("focus", () => show(link));
      link.addEventListener("mouseleave", later);
      link.addEventListener("blur", hide);
    }
    box.addEventListener("mouseenter", () => clearTimeout(leaving));
    box.addEventListener("mouseleave", later);
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape") hide();
    });
  }

  function currentSection() {
    const links = new Map(all("nav.sections a").map((a) => [named(a.hash)?.id, a]));
    if (!links.size) return;
    const heads = [...links.keys()].map((id) => document.getElementById(id)).filter(Boolean);
    const mark = () => {
      const now = heads.filter((head) => head.getBoundingClientRect().top < innerHeight * 0.3).at(-1);
      links.forEach((link, id) => {
        link.classList.toggle("here", id === now?.id);
        if (id === now?.id) link.setAttribute("aria-current", "location");
        else link.removeAttribute("aria-current");
      });
    };
    let waiting = false;
    const later = () => {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(() => {
        waiting = false;
        mark();
      });
    };
    addEventListener("scroll", later, { passive: true });
    if (location.hash) later();
  }

  // The element that an address names; a stray percent sign in it is no code.
  function named(hash) {
    try {
      return document.getElementById(decodeURIComponent(hash.slice(1)));
    } catch {
      return document.getElementById(hash.slice(1));
    }
  }

  // A fold opens for whoever looks for something in it, by link or by search; print opens all for a moment.
  function folds() {
    const toHash = () => {
      const target = named(location.hash);
      if (!target) return;
      const moved = target.closest("details.moved li");
      if (moved) return location.replace(moved.querySelector("a").href);
      target.dispatchEvent(new Event("sought", { bubbles: true })); // a lesson shows what it keeps back
      for (let e = target; e; e = e.parentElement) if (e.localName === "details") e.open = true;
      for (const fold of all(":scope > details.further", target)) fold.open = true;
      target.scrollIntoView();
    };
    addEventListener("hashchange", toHash);
    document.addEventListener("click", (event) => {
      if (event.target.closest("a")?.href === location.href && location.hash) toHash();
    });
    if (location.hash) toHash();
    let closed = [];
    addEventListener("beforeprint", () => {
      root.dataset.printing = "";
      closed = all("details:not([open])");
      for (const fold of closed) fold.open = true;
    });
    addEventListener("afterprint", () => {
      for (const fold of closed) fold.open = false;
      delete root.dataset.printing;
    });
  }

  theme();
  menu();
  folds();
  searchKey();
  elementScripts();
  scrollBoxes();
  definitions();
  // What nobody needs at once waits for a pause, each piece for itself.
  const pause = window.requestIdleCallback ?? ((work) => setTimeout(work, 200));
  pause(() => whenNear(".cell_input .highlight, .text > section .highlight-python > .highlight", copyButton));
  pause(currentSection);
})();
