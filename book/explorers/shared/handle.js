// A handle on a plane: it is moved by mouse, finger and arrow keys (with shift ten times as far).
//
//   this.start = plane.handle({ label: "Start", hue: "pink", move: ([x, y]) => this.set({ start: [x, y] }) });
//   this.start.set([x, y], "x = 1, y = 2");  // the words that a screen reader hears
//
// `move` gets where the hand is, inside the ranges, and decides: it sets the state, whose drawing sets the handle. With
// `horizontal: true` only x counts, with `press: true` a press anywhere in the plot moves this handle there; `unit` is
// how far a key moves it.
import { svg } from "./ticks.js";

export function handleOn(plane, { label, move, horizontal = false, unit, press = false, radius = 8, ...look }) {
  const circles = [
    ["dx-reach", 22],
    ["dx-ring", radius + 5],
    ["dx-grip", radius],
  ].map(([name, r]) => svg("circle", { class: name, r }));
  const grip = svg("g", { role: "slider", tabindex: 0, "aria-label": label }, ...circles);
  const mark = plane.mark(
    grip,
    { hue: "accent", ...look, name: `dx-handle-mark ${look.name ?? ""}` },
    (element, point, words) => {
      const [x, y] = plane.toPixels(point);
      element.setAttribute("transform", `translate(${x} ${y})`);
      const range = {
        "aria-valuemin": plane.x[0],
        "aria-valuemax": plane.x[1],
        "aria-valuenow": point[0],
        "aria-valuetext": words,
      };
      for (const [name, value] of Object.entries(range)) element.setAttribute(name, value);
    },
    plane.front,
  );
  const follow = (event) => move(plane.toData(event));
  drag(plane, grip, grip, follow);
  if (press) {
    drag(plane, plane.frame, grip, follow);
    plane.frame.classList.add("dx-pressable");
    plane.frame.addEventListener("click", (event) => event.pointerType === "touch" && follow(event)); // a tap
  }
  // A finger on the grip drags and does not scroll; Chromium heeds touch-action on the whole drawing alone.
  grip.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false });
  grip.addEventListener("keydown", (event) => nudge(plane, event, mark.values[0], horizontal, move, unit));
  return mark;
}

// A hand that is laid on the target, which is the grip or the frame behind it, takes the grip along.
function drag(plane, target, grip, follow) {
  target.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || (target !== grip && event.pointerType === "touch")) return; // a finger may scroll
    event.preventDefault();
    target.setPointerCapture(event.pointerId);
    grip.focus({ preventScroll: true, focusVisible: false });
    plane.svg.classList.add("dx-dragging");
    if (target !== grip) follow(event);
  });
  target.addEventListener("pointermove", (event) => target.hasPointerCapture(event.pointerId) && follow(event));
  target.addEventListener("lostpointercapture", () => plane.svg.classList.remove("dx-dragging"));
}

function nudge(plane, event, [x, y], horizontal, move, unit) {
  const right = { ArrowLeft: -1, ArrowRight: 1 }[event.key] ?? 0;
  const up = { ArrowUp: 1, ArrowDown: -1 }[event.key] ?? 0;
  if ((!right && !up) || event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  const far = event.shiftKey ? 10 : 1;
  const moved = (value, [low, high], by) =>
    Math.max(low, Math.min(high, value + by * far * (unit ?? (high - low) / 100)));
  move([moved(x, plane.x, horizontal ? right + up : right), moved(y, plane.y, horizontal ? 0 : up)]);
}
