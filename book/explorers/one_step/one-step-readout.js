// One update, line by line: the other half of book/explorers/one_step/widget.py.
import { significant } from "../shared/floats.js";

const DIGITS = 4;
export const ENTRIES = 3;
const SYMBOLS = {
  lr: "η", momentum: "μ", alpha: "α", rho: "ρ", eps: "ε", beta1: "β₁", beta2: "β₂", weight_decay: "λ",
  mhat: "m̂", vhat: "v̂", "beta1^t": "β₁ᵗ", "beta2^t": "β₂ᵗ",
};
const PLACE = /\{([^}]+)\}/g;

// A line: what it gives a new value, the formula with its places, and the arithmetic.
const average = (name, keep, base) => [name, `{${keep}} · {${name}} + (1 − {${keep}}) · {${base}}`, (v) => v[keep] * v[name] + (1 - v[keep]) * v[base]];
const averageSquare = (name, keep, base) => [
  name, `{${keep}} · {${name}} + (1 − {${keep}}) · {${base}}²`, (v) => v[keep] * v[name] + (1 - v[keep]) * v[base] ** 2,
];
const BALL = ["b", "{momentum} · {b} + {g}", (v) => v.momentum * v.b + v.g];
const ADAM = [
  average("m", "beta1", "g"),
  averageSquare("v", "beta2", "g"),
  ["mhat", "{m} / (1 − {beta1^t})", (v) => v.m / (1 - v.beta1 ** v.t)],
  ["vhat", "{v} / (1 − {beta2^t})", (v) => v.v / (1 - v.beta2 ** v.t)],
  ["x", "{x} − {lr} · {mhat} / (√{vhat} + {eps})", (v) => v.x - (v.lr * v.mhat) / (Math.sqrt(v.vhat) + v.eps)],
];

export const METHODS = {
  SGD: { memory: [], hyper: { lr: 0.1 }, lines: [["x", "{x} − {lr} · {g}", (v) => v.x - v.lr * v.g]] },
  Momentum: {
    memory: ["b"], hyper: { lr: 0.1, momentum: 0.9 },
    lines: [BALL, ["x", "{x} − {lr} · {b}", (v) => v.x - v.lr * v.b]],
  },
  Nesterov: {
    memory: ["b"], hyper: { lr: 0.1, momentum: 0.9 },
    lines: [BALL, ["x", "{x} − {lr} · ({g} + {momentum} · {b})", (v) => v.x - v.lr * (v.g + v.momentum * v.b)]],
  },
  AdaGrad: {
    memory: ["s"], hyper: { lr: 0.1, eps: 1e-10 },
    lines: [
      ["s", "{s} + {g}²", (v) => v.s + v.g ** 2],
      ["x", "{x} − {lr} · {g} / (√{s} + {eps})", (v) => v.x - (v.lr * v.g) / (Math.sqrt(v.s) + v.eps)],
    ],
  },
  RMSProp: {
    memory: ["v"], hyper: { lr: 0.01, alpha: 0.99, eps: 1e-8 },
    lines: [
      averageSquare("v", "alpha", "g"),
      ["x", "{x} − {lr} · {g} / (√{v} + {eps})", (v) => v.x - (v.lr * v.g) / (Math.sqrt(v.v) + v.eps)],
    ],
  },
  AdaDelta: {
    memory: ["v", "u"], hyper: { lr: 1, rho: 0.9, eps: 1e-6 },
    lines: [
      averageSquare("v", "rho", "g"),
      ["d", "√({u} + {eps}) / √({v} + {eps}) · {g}", (v) => (Math.sqrt(v.u + v.eps) / Math.sqrt(v.v + v.eps)) * v.g],
      averageSquare("u", "rho", "d"),
      ["x", "{x} − {lr} · {d}", (v) => v.x - v.lr * v.d],
    ],
  },
  Adam: { memory: ["m", "v"], hyper: { lr: 0.1, beta1: 0.9, beta2: 0.999, eps: 1e-8 }, lines: ADAM },
  AdamW: {
    memory: ["m", "v"], hyper: { lr: 0.1, beta1: 0.9, beta2: 0.999, eps: 1e-8, weight_decay: 0.01 },
    lines: [["x", "{x} − {lr} · {weight_decay} · {x}", (v) => v.x - v.lr * v.weight_decay * v.x], ...ADAM],
  },
};

// The next update of every entry: for each, its lines with the numbers in place, and what is known at the end.
export function update({ rule, lr, t, x, g, memory }) {
  const method = METHODS[rule];
  return x.map((entry, i) => {
    const known = { ...method.hyper, lr, t: t + 1, x: entry, g: g[i] };
    method.memory.forEach((name, slot) => (known[name] = memory[i + ENTRIES * slot]));
    const lines = method.lines.map(([name, template, value]) => {
      const filled = template.replace(PLACE, (_, place) => factor(place, known));
      known[name] = value(known);
      return `${filled} = ${number(known[name])}`;
    });
    return { lines, known };
  });
}

// The state after the update.
export function stepped(state) {
  const done = update(state);
  const slots = METHODS[state.rule].memory.flatMap((name) => done.map(({ known }) => known[name]));
  const memory = [...slots, ...Array(2 * ENTRIES - slots.length).fill(0)];
  return { ...state, t: state.t + 1, x: done.map(({ known }) => known.x), memory };
}

export function formulas(rule) {
  const symbol = (name) => SYMBOLS[name] ?? name;
  return METHODS[rule].lines.map(([name, template]) => `${symbol(name)} ← ${template.replace(PLACE, (_, place) => symbol(place))}`);
}

export function readout(rule, lr, t, x, g, memory) {
  const done = update({ rule, lr, t, x, g, memory });
  const lines = formulas(rule).map((formula, row) => [formula, ...done.map((entry) => entry.lines[row])]);
  const moves = done.map(({ known }, i) => known.x - x[i]);
  return { lines, story: storyOf(t + 1, moves, g) };
}

function storyOf(t, moves, g) {
  const [a, b, c] = moves.map(number);
  const story = `Step ${t}. The entries move by ${a}, ${b} and ${c}.`;
  if (!moves.every(Boolean) || !g.every(Boolean)) return story;
  const spread = (some) => significant(Math.max(...some.map(Math.abs)) / Math.min(...some.map(Math.abs)), 5);
  return `${story} The gradients differ by a factor of ${spread(g)}, the moves by a factor of ${spread(moves)}.`;
}

const number = (value) => significant(value, DIGITS).replaceAll("-", "−");

function factor(place, known) {
  const [base, power] = place.split("^");
  const text = known[base] < 0 ? `(${number(known[base])})` : number(known[base]);
  return power ? `${text}^${known[power]}` : text;
}
