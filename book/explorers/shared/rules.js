// The update rules of book/optim, line by line: what a rule remembers of each entry, by the symbols of its formula, and
// the lines of its update. A line has the name that it gives a new value, the formula with its places, and the arithmetic.
import TAUGHT from "methods.json" with { type: "json" };

export const SYMBOLS = {
  lr: "η",
  radius: "Δ",
  momentum: "μ",
  alpha: "α",
  rho: "ρ",
  eps: "ε",
  beta1: "β₁",
  beta2: "β₂",
  weight_decay: "λ",
  mhat: "m̂",
  vhat: "v̂",
  "beta1^t": "β₁ᵗ",
  "beta2^t": "β₂ᵗ",
};
const { sqrt } = Math;
const average = (name, keep, base) => [
  name,
  `{${keep}} · {${name}} + (1 − {${keep}}) · {${base}}`,
  (v) => v[keep] * v[name] + (1 - v[keep]) * v[base],
];
const averageSquare = (name, keep, base) => [
  name,
  `{${keep}} · {${name}} + (1 − {${keep}}) · {${base}}²`,
  (v) => v[keep] * v[name] + (1 - v[keep]) * v[base] ** 2,
];
const BALL = ["b", "{momentum} · {b} + {g}", (v) => v.momentum * v.b + v.g];
// In the order in which the library works it out, as a path that bounces enlarges each rounding error.
const scaled = (name, value) => ["x", `{x} − {lr} · {g} / (√{${name}} + {eps})`, value];
const DECAY = ["x", "{x} − {lr} · {weight_decay} · {x}", (v) => v.x - v.lr * v.weight_decay * v.x];
const ADAM = [
  average("m", "beta1", "g"),
  averageSquare("v", "beta2", "g"),
  ["mhat", "{m} / (1 − {beta1^t})", (v) => v.m / (1 - v.beta1 ** v.t)],
  ["vhat", "{v} / (1 − {beta2^t})", (v) => v.v / (1 - v.beta2 ** v.t)],
  ["x", "{x} − {lr} · {mhat} / (√{vhat} + {eps})", (v) => v.x - (v.lr * v.mhat) / (sqrt(v.vhat) + v.eps)],
];
const FORMULAS = {
  SGD: { memory: [], lines: [["x", "{x} − {lr} · {g}", (v) => v.x - v.lr * v.g]] },
  Momentum: { memory: ["b"], lines: [BALL, ["x", "{x} − {lr} · {b}", (v) => v.x - v.lr * v.b]] },
  Nesterov: {
    memory: ["b"],
    lines: [BALL, ["x", "{x} − {lr} · ({g} + {momentum} · {b})", (v) => v.x - v.lr * (v.g + v.momentum * v.b)]],
  },
  AdaGrad: {
    memory: ["s"],
    lines: [["s", "{s} + {g}²", (v) => v.s + v.g ** 2], scaled("s", (v) => v.x - (v.lr * v.g) / (sqrt(v.s) + v.eps))],
  },
  RMSProp: {
    memory: ["v"],
    lines: [averageSquare("v", "alpha", "g"), scaled("v", (v) => v.x - v.lr * (v.g / (sqrt(v.v) + v.eps)))],
  },
  AdaDelta: {
    memory: ["v", "u"],
    lines: [
      averageSquare("v", "rho", "g"),
      ["d", "√({u} + {eps}) / √({v} + {eps}) · {g}", (v) => (sqrt(v.u + v.eps) / sqrt(v.v + v.eps)) * v.g],
      averageSquare("u", "rho", "d"),
      ["x", "{x} − {lr} · {d}", (v) => v.x - v.lr * v.d],
    ],
  },
  Adam: { memory: ["m", "v"], lines: ADAM },
  AdamW: { memory: ["m", "v"], lines: [DECAY, ...ADAM] },
  Lion: {
    memory: ["m"],
    lines: [
      ["c", "{beta1} · {m} + (1 − {beta1}) · {g}", (v) => v.beta1 * v.m + (1 - v.beta1) * v.g],
      [
        "x",
        "{x} − {lr} · (sign({c}) + {weight_decay} · {x})",
        (v) => v.x - v.lr * (Math.sign(v.c) + v.weight_decay * v.x),
      ],
      average("m", "beta2", "g"),
    ],
  },
};

// Each rule of the table of methods: its hyperparameters beside the rate, their defaults, its memory and its lines.
export const RULES = Object.fromEntries(
  Object.entries(TAUGHT).map(([name, known]) => [name, { ...known, ...FORMULAS[name] }]),
);

// The two betas as settings of their own, as the formulas name them.
export function flat({ betas, ...others }) {
  if (betas === undefined) return others;
  const [beta1, beta2] = Array.isArray(betas) && betas.length === 2 ? betas : [NaN, NaN];
  const { weight_decay, ...rest } = others;
  return { ...rest, beta1, beta2, ...(weight_decay === undefined ? {} : { weight_decay }) };
}

// What is known of an entry before its update: the settings, x, g, the number t of the step, and the memory.
export function before(rule, settings, t, x, g, memory) {
  const remembered = rule.memory.map((name, slot) => [name, memory[slot]]);
  return { ...settings, t, x, g, ...Object.fromEntries(remembered) };
}

// The same after it: each line gives its name a new value.
export function after(rule, known) {
  for (const [name, , value] of rule.lines) known[name] = value(known);
  return known;
}
