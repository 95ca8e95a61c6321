// A small plot in SVG for explorers, with things to drag. Everything is given in data coordinates, and every
// mark remembers what it was set to: the plot follows the width of its container without being asked.
//
//   this.plane = new Plane({ label: "Level lines of f", x: [-2, 2], y: [-1, 3], aspect: 1 });
//   const { plane } = this; // aspect: height / width of the plotted area, or a function of its width; or `height` in pixels
//   this.path = plane.line({ hue: "blue" }); // options: hue (a palette name), dash, width, fill, name
//   this.here = plane.dot({ hue: "blue", radius: 5 });   // `dots` takes many points
//   this.word = plane.text({ hue: "blue", anchor: "start", dx: 8, dy: -8 });
//   this.start = plane.handle({ label: "Start", hue: "pink", move: ([x, y]) => this.set({ start: [x, y] }) }); // handle.js
//   box.append(plane.element);               // then, whenever the state changes:
//   this.path.set([[x, y], ...]);            // also [[[x, y], ...], ...] for several lines; null hides any mark
//   this.here.set([x, y]);  this.word.set([x, y], "text");
//   plane.view([-3, 3], [0, 9]);             // other ranges: the axes and every mark follow
//   plane.levels({ hue: "accent" }).set(contours(f, plane.x, plane.y)) // with contours.js: level lines and shades
//
// Marks of other kinds are functions of a plane, as in arrow.js; what marks mean, legend.js writes beside the plot.
// Marks lie above those made before them, handles above all; what leaves the plotted area is cut off.
// Options of a plane: `logY` (powers of ten; give it heights above 0), `margin` (pixels: left, right, top, bottom),
// `xLabel`, `yLabel`, `ticks: [5, 5]` (about so many; 0 for none), `grid: true` (lines at the ticks), `namesOutside: true`
// (the labels beside the plotted area, in margins of 22 above and 38 below), `xTicks`, `yTicks` ((range, count) => where the
// ticks are), `xText` (x => what stands at a tick). The label says what is drawn; write
// results as text beside the plot, since a screen reader sees of the picture only the label and the handles.
import { drawAxes } from "./axes.js";
import { h } from "./element.js";
import { handleOn } from "./handle.js";
import { svg } from "./ticks.js";

const MARGIN = { left: 38, right: 10, top: 8, bottom: 26 };
const FAR = 1e5; // pixels: what lies further out is drawn here

export class Plane {
  constructor({ label, x, y, aspect = 1, height, margin = {}, ticks = [5, 5], ...options }) {
    Object.assign(this, {
      x,
      y,
      aspect,
      height,
      ticks,
      options,
      margin: { ...MARGIN, ...margin },
      marks: [],
      grips: [],
    });
    this.axes = svg("g", { class: "dx-axes", "aria-hidden": "true" });
    this.area = svg("svg", { class: "dx-area", overflow: "hidden", "aria-hidden": "true" }); // a nested svg clips
    this.frame = svg("rect", { class: "dx-frame" });
    this.names = svg("g", { "aria-hidden": "true" });
    this.front = svg("g");
    this.svg = svg(
      "svg",
      { class: "dx-plane", role: "group", "aria-label": label },
      this.axes,
      this.area,
      this.names,
      this.frame,
      this.front,
    );
    this.element = h("div", { class: "dx-plane-box" }, this.svg);
    new ResizeObserver(([{ contentRect }]) => this.layout(contentRect.width)).observe(this.element);
    this.layout(480);
  }

  // --- from data to pixels and back ------------------------------------------------------------------

  layout(width) {
    if (width < 1 || width === this.width) return;
    const { left, right, top, bottom } = this.margin;
    this.width = width;
    this.w = Math.max(1, width - left - right);
    const { aspect } = this;
    this.h = this.height
      ? this.height - top - bottom
      : this.w * (typeof aspect === "function" ? aspect(this.w) : aspect);
    this.svg.setAttribute("viewBox", `0 0 ${width} ${this.h + top + bottom}`);
    for (const element of [this.area, this.frame]) {
      for (const [name, value] of Object.entries({ x: left, y: top, width: this.w, height: this.h }))
        element.setAttribute(name, value);
    }
    this.front.setAttribute("transform", `translate(${left} ${top})`);
    this.redraw();
  }

  view(x, y) {
    if (`${x},${y}` === `${this.x},${this.y}`) return;
    Object.assign(this, { x, y });
    this.redraw();
  }

  redraw() {
    drawAxes(this);
    for (const mark of this.marks) mark.draw();
  }

  toPixels([x, y]) {
    const [x0, x1] = this.x;
    const [y0, y1] = this.y.map((end) => this.height01(end));
    const near = (value) => Math.max(-FAR, Math.min(FAR, value));
    return [near((this.w * (x - x0)) / (x1 - x0)), near(this.h * (1 - (this.height01(y) - y0) / (y1 - y0)))];
  }

  height01(y) {
    return this.options.logY ? Math.log10(y) : y;
  }

  // Where the pointer is, in data, kept inside the ranges.
  toData({ clientX, clientY }) {
    const { left, top, width } = this.svg.getBoundingClientRect();
    const unit = this.width / width; // a zoomed page
    const part = (value, size) => Math.max(0, Math.min(1, value / size));
    const across = part((clientX - left) * unit - this.margin.left, this.w);
    const up = 1 - part((clientY - top) * unit - this.margin.top, this.h);
    const between = ([low, high], share) => low + share * (high - low);
    return [between(this.x, across), between(this.y, up)];
  }

  // --- marks -----------------------------------------------------------------------------------------

  // A mark: an element, drawn from what it was set to last. `draw` gets (element, ...values).
  mark(element, { hue = "ink", name = "" }, draw, layer = this.area) {
    element.setAttribute("class", `dx-mark-${hue} ${name}`);
    layer.append(element);
    const mark = { element };
    mark.set = (...values) => {
      mark.values = values;
      mark.draw();
    };
    mark.draw = () => {
      const hidden = mark.values?.[0] == null;
      element.style.display = hidden ? "none" : "";
      if (!hidden) draw(element, ...mark.values);
    };
    mark.draw();
    this.marks.push(mark);
    return mark;
  }

  line({ dash, width = 2, fill, ...look } = {}) {
    const path = svg("path", { "stroke-width": width, "stroke-dasharray": dash === true ? "5 4" : dash });
    return this.mark(
      path,
      { ...look, name: `dx-line ${fill ? "dx-filled" : ""} ${look.name ?? ""}` },
      (element, points) => {
        const several = Array.isArray(points[0]?.[0]) ? points : [points];
        element.setAttribute("d", several.map((line) => this.d(line)).join(""));
      },
    );
  }

  d(points, closed = false) {
    const text = points.map((point) =>
      this.toPixels(point)
        .map((value) => value.toFixed(1))
        .join(" "),
    );
    return text.length ? `M${text.join("L")}${closed ? "Z" : ""}` : "";
  }

  // Many dots as one path.
  dots({ radius = 3, ...look } = {}) {
    const one = ([x, y]) =>
      `M${(x - radius).toFixed(1)} ${y.toFixed(1)}a${radius} ${radius} 0 1 0 ${2 * radius} 0a${radius} ${radius} 0 1 0 ${-2 * radius} 0`;
    return this.mark(svg("path"), { ...look, name: `dx-dots ${look.name ?? ""}` }, (element, points) => {
      element.setAttribute("d", points.map((point) => one(this.toPixels(point))).join(""));
    });
  }

  dot({ radius = 5, ...look } = {}) {
    return this.mark(svg("circle", { r: radius }), { ...look, name: `dx-dot ${look.name ?? ""}` }, (circle, point) =>
      place(circle, this.toPixels(point), "cx", "cy"),
    );
  }

  text({ anchor = "start", dx = 0, dy = 0, ...look } = {}) {
    const text = svg("text", { "text-anchor": anchor, dx, dy });
    return this.mark(text, { ...look, name: `dx-plane-text ${look.name ?? ""}` }, (element, point, words) => {
      place(element, this.toPixels(point), "x", "y");
      element.textContent = words;
    });
  }

  // Level lines with the ground the darker the lower: takes what `contours` of contours.js returns.
  levels(look = {}) {
    return this.mark(svg("g", {}), { hue: "accent", ...look, name: "dx-levels" }, (group, sets) => {
      group.replaceChildren(
        ...sets.map((rings) => svg("path", { d: rings.map((ring) => this.d(ring, true)).join("") })),
      );
    });
  }

  // --- handles ---------------------------------------------------------------------------------------

  handle(options) {
    return handleOn(this, options);
  }
}

function place(element, [x, y], nameX, nameY) {
  element.setAttribute(nameX, x.toFixed(1));
  element.setAttribute(nameY, y.toFixed(1));
}
