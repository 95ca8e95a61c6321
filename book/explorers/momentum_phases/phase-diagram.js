// The plane of ηλ and μ: how fast a step is, the regimes, the best pair, and a handle on rate and momentum.
import { contours } from "../shared/contours.js";
import { h } from "../shared/element.js";
import { bestPair, criticalMomentum, factorOf } from "../shared/heavy-ball.js";
import { legend } from "../shared/legend.js";
import { Plane } from "../shared/plane.js";
import { LIMITS } from "./momentum-numbers.js";
import { number } from "./momentum-words.js";

const [[, MOST_RATE], [, MOST_MOMENTUM]] = [LIMITS.lr, LIMITS.momentum];
const LEVELS = [0.2, 0.4, 0.6, 0.8, 0.9, 1]; // of the factor |r|
const NAMES = [
  [[0.46, -0.065], "monotone"],
  [[1.48, -0.065], "alternating"],
  [[2.15, 0.5], "oscillating"],
  [[3.65, 0.4], "diverging"],
];
const BOTTOM = -0.11; // below μ = 0 is room for names

export class PhaseDiagram {
  // `move` gets the rate and the momentum under the hand.
  constructor(move) {
    this.plane = new Plane({
      label: "The plane of ηλ and μ, its colour the deeper the faster a step is, with the curve of critical damping",
      x: [0, MOST_RATE],
      y: [BOTTOM, MOST_MOMENTUM],
      aspect: 0.85,
      xLabel: "ηλ",
      yLabel: "μ",
      margin: { left: 30 },
    });
    const { plane } = this;
    drawRegimes(plane);
    this.valley = plane.line({ hue: "purple", width: 2, dash: "3 4" });
    this.stars = [
      plane.text({ anchor: "middle", dy: 6, name: "dx-star" }),
      plane.text({ anchor: "middle", dy: 6, name: "dx-star" }),
    ];
    this.flat = plane.dot({ hue: "purple", radius: 6, name: "dx-hollow" });
    const near = (value) => Math.max(0, Number(value.toFixed(3)));
    this.handle = plane.handle({
      label: "Rate and momentum",
      hue: "pink",
      press: true,
      unit: 0.01,
      move: ([lr, momentum]) => move({ lr: near(lr), momentum: near(momentum) }),
    });
    this.element = h("div", { class: "dx-ground" }, plane.element, this.keys());
  }

  keys() {
    const keys = legend(
      ["dot", "pink", "steepest direction: drag it"],
      ["dot", "purple", "flattest direction, ηλ/κ"],
      ["line", "ink", "critical damping"],
    );
    this.flatKey = keys.children[1];
    this.flatKey.classList.add("dx-key-hollow");
    keys.append(
      h("span", { class: "dx-key dx-key-star" }, "best for this κ"),
      h("span", {}, "on the lines: the factor |r| of a step"),
    );
    return keys;
  }

  // `steep` and `flat` are the ηλ of both directions; with κ = 1 there is one.
  draw({ steep, flat }, { momentum, kappa }, texts) {
    const single = flat === undefined;
    this.flatKey.hidden = single;
    this.handle.set(
      [steep, momentum],
      `ηλ ${number(steep)}, μ ${number(momentum)}: ${texts.steep_regime}, factor ${texts.steep_factor}`,
    );
    this.flat.set(single ? null : [flat, momentum]);
    this.valley.set(single ? null : [flat, steep].map((product) => [product, momentum]));
    const best = bestPair(1 / kappa, 1);
    this.stars[0].set([best.lr, best.momentum], "★");
    this.stars[1].set(single ? null : [best.lr / kappa, best.momentum], "★");
  }
}

// What does not change: the levels of the factor, where it diverges, the curve of critical damping, and the names.
function drawRegimes(plane) {
  plane.levels().set(levelsOfFactor());
  const beyond = [
    [2, 0],
    [4, 1],
    [0, 1],
    [0, 2],
    [9, 2],
    [9, 0],
  ];
  plane.line({ hue: "orange", fill: true, width: 2 }).set(beyond);
  plane.line({ hue: "muted", width: 1 }).set([
    [0, 0],
    [9, 0],
  ]);
  const curve = Array.from({ length: 201 }, (_, i) => 4 * (i / 200) ** 2); // closer where it is steep
  plane.line({ hue: "ink", width: 2 }).set(curve.map((p) => [p, criticalMomentum(p)]));
  for (const level of LEVELS.slice(0, -1))
    plane
      .text({ hue: "muted", anchor: "middle", dy: 4, name: "dx-level" })
      .set([1.25 + level * level - level / 4, level * level], String(level));
  for (const [place, name] of NAMES)
    plane
      .text({ hue: name === "diverging" ? "orange" : "ink", anchor: "middle", name: place[1] < 0 ? "dx-below" : "" })
      .set(place, name);
}

let found;
function levelsOfFactor() {
  found ??= contours((p, momentum) => factorOf(p, Math.max(0, momentum)), [0, MOST_RATE], [0, MOST_MOMENTUM], LEVELS);
  return found;
}
