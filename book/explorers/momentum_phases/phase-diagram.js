// The plane of √(ηλ) and √μ, where critical damping is two straight lines: how fast a step is, the regimes, the best pair,
// and a handle on rate and momentum.
import { contours } from "../shared/contours.js";
import { h } from "../shared/element.js";
import { bestPair, factorOf } from "../shared/heavy-ball.js";
import { legend } from "../shared/legend.js";
import { Plane } from "../shared/plane.js";
import { LIMITS } from "./momentum-numbers.js";
import { number } from "./momentum-words.js";

const [[, MOST_RATE], [, MOST_MOMENTUM]] = [LIMITS.lr, LIMITS.momentum];
const [RIGHT, TOP] = [Math.sqrt(MOST_RATE), Math.sqrt(MOST_MOMENTUM)];
const LEVELS = [0.2, 0.4, 0.6, 0.8, 0.9, 1]; // of the factor |r|
// Places and names, in roots as all that is drawn.
const NAMES = [
  [[0.5, -0.065], "monotone"],
  [[1.21, -0.065], "alternating"],
  [[1, 0.7], "oscillating"],
  [[1.86, 0.5], "diverging"],
];
const BOTTOM = -0.11; // below μ = 0 is room for names
const rooted = (product, momentum) => [Math.sqrt(product), Math.sqrt(momentum)];

export class PhaseDiagram {
  // `move` gets the rate and the momentum under the hand.
  constructor(move) {
    this.plane = new Plane({
      label:
        "The plane of √(ηλ) and √μ, its colour the deeper the faster a step is, with the two straight lines of critical damping",
      x: [0, RIGHT],
      y: [BOTTOM, TOP],
      aspect: 0.85,
      xLabel: "√(ηλ)",
      yLabel: "√μ",
      namesOutside: true,
      margin: { left: 30, top: 22, bottom: 38 },
    });
    const { plane } = this;
    drawRegimes(plane);
    this.valley = plane.line({ hue: "purple", width: 2, dash: "3 4" });
    this.stars = [
      plane.text({ anchor: "middle", dy: 6, name: "dx-star" }),
      plane.text({ anchor: "middle", dy: 6, name: "dx-star" }),
    ];
    this.flat = plane.dot({ hue: "purple", radius: 6, name: "dx-hollow" });
    const squared = (root) => Number((Math.max(0, root) ** 2).toFixed(4));
    this.handle = plane.handle({
      label: "Rate and momentum",
      hue: "pink",
      press: true,
      unit: 0.01,
      move: ([across, up]) => move({ lr: squared(across), momentum: squared(up) }),
    });
    this.element = h("div", { class: "dx-ground" }, plane.element, this.keys());
  }

  keys() {
    const keys = legend(
      ["dot", "pink", "steepest direction: drag it"],
      ["dot", "purple", "flattest direction, √κ times nearer 0"],
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
      rooted(steep, momentum),
      `ηλ ${number(steep)}, μ ${number(momentum)}: ${texts.steep_regime}, factor ${texts.steep_factor}`,
    );
    this.flat.set(single ? null : rooted(flat, momentum));
    this.valley.set(single ? null : [flat, steep].map((product) => rooted(product, momentum)));
    const best = bestPair(1 / kappa, 1);
    this.stars[0].set(rooted(best.lr, best.momentum), "★");
    this.stars[1].set(single ? null : rooted(best.lr / kappa, best.momentum), "★");
  }
}

// What does not change: the levels of the factor, where it diverges, the curve of critical damping, and the names.
function drawRegimes(plane) {
  plane.levels().set(levelsOfFactor());
  const edge = Array.from({ length: 41 }, (_, i) => rooted(2 * (1 + i / 40), i / 40)); // ηλ = 2(1 + μ)
  const beyond = [...edge, [0, 1], [0, 2], [9, 2], [9, 0]];
  plane.line({ hue: "orange", fill: true, width: 2 }).set(beyond);
  plane.line({ hue: "muted", width: 1 }).set([
    [0, 0],
    [9, 0],
  ]);
  const edges = [
    [0, 1],
    [1, 0],
    [RIGHT, RIGHT - 1],
  ];
  plane.line({ hue: "ink", width: 2 }).set(edges);
  for (const level of LEVELS.slice(0, -1))
    plane.text({ hue: "muted", anchor: "middle", dy: 4, name: "dx-level" }).set([1, level], String(level));
  for (const [place, name] of NAMES)
    plane
      .text({ hue: name === "diverging" ? "orange" : "ink", anchor: "middle", name: place[1] < 0 ? "dx-below" : "" })
      .set(place, name);
}

let found;
function levelsOfFactor() {
  found ??= contours((across, up) => factorOf(across ** 2, Math.max(0, up) ** 2), [0, RIGHT], [0, TOP], LEVELS);
  return found;
}
