// The run of backpropagation over x² + 2xy + y³ in moments: the other half of book/explorers/backpropagation/widget.py.
import { significant } from "../shared/floats.js";

export const LIMIT = 100;
export const NODES = [..."xyabcdef"];
export const FORMULAS = { x: "x", y: "y", a: "a = x²", b: "b = x · y", c: "c = 2 · b", d: "d = y³", e: "e = a + c", f: "f = e + d" };
const DIGITS = 4;
const SUM = "A sum hands its adjoint on to each term";
// In the order in which the adjoints flow: user, what it uses, rule, local derivative from the values.
export const USES = [
  ["f", "e", SUM, () => 1],
  ["f", "d", SUM, () => 1],
  ["e", "a", SUM, () => 1],
  ["e", "c", SUM, () => 1],
  ["d", "y", "The derivative of y³ by y is 3y²", (v) => 3 * (v.y * v.y)],
  ["c", "b", "The derivative of 2b by b is 2", () => 2],
  ["b", "x", "The derivative of x · y by x is y", (v) => v.y],
  ["b", "y", "The derivative of x · y by y is x", (v) => v.x],
  ["a", "x", "The derivative of x² by x is 2x", (v) => 2 * v.x],
];
export const LAST = NODES.length + 1 + USES.length;

function valuesOf(x, y) {
  const [a, b, d] = [x * x, x * y, y * y * y];
  const e = a + 2 * b;
  return { x, y, a, b, c: 2 * b, d, e, f: e + d };
}

export function moments(x, y) {
  const all = valuesOf(x, y);
  const run = [{ kind: "start", values: {}, adjoints: {} }];
  let values = {};
  let adjoints = { f: 1 };
  for (const node of NODES) {
    values = { ...values, [node]: all[node] };
    run.push({ kind: "value", node, values, adjoints: {} });
  }
  run.push({ kind: "seed", node: "f", values, adjoints });
  for (const [user, node, rule, slopeAt] of USES) {
    const [slope, before] = [slopeAt(all), adjoints[node]];
    adjoints = { ...adjoints, [node]: (before ?? 0) + adjoints[user] * slope };
    run.push({ kind: "adjoint", node, user, rule, slope, before, values, adjoints });
  }
  return run;
}

export function readout(x, y, moment) {
  const run = moments(x, y);
  const now = run[moment];
  const shown = { local: now.kind === "adjoint" ? `× ${number(now.slope)}` : "", node: now.node ?? "", user: now.user ?? "" };
  for (const node of NODES) {
    shown[`value_${node}`] = number(now.values[node]);
    shown[`adjoint_${node}`] = number(now.adjoints[node]);
  }
  for (const node of "xy") shown[`sum_${node}`] = sumAt(run.slice(0, moment + 1), node);
  return { ...shown, story: storyOf(now), place: `${moment} of ${LAST}` };
}

const number = (value) => (value === undefined ? "" : significant(value, DIGITS).replaceAll("-", "−"));
const factor = (value) => (value < 0 ? `(${number(value)})` : number(value));

function sumAt(run, node) {
  const here = run.filter((now) => now.kind === "adjoint" && now.node === node);
  if (!here.length) return "nothing yet";
  const [first, ...more] = here.map((now) => now.slope * now.adjoints[now.user]);
  const terms = [number(first), ...more.map(factor)].join(" + ");
  return more.length ? `${terms} = ${number(here.at(-1).adjoints[node])}` : terms;
}

function storyOf(now) {
  if (now.kind === "start") {
    return "Eight nodes compute f = x² + 2xy + y³. Each uses what an arrow brings. Next: the values, from top to bottom.";
  }
  if (now.kind === "value") return storyOfValue(now);
  if (now.kind === "seed") return "Now backward. The adjoint of f is the derivative of f by itself, 1.";
  return storyOfAdjoint(now);
}

function storyOfValue({ node, values }) {
  const v = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, factor(value)]));
  if ("xy".includes(node)) return `Forward. ${node} is an input: ${node} = ${number(values[node])}.`;
  const worked = { a: `${v.x}²`, b: `${v.x} · ${v.y}`, c: `2 · ${v.b}`, d: `${v.y}³`, e: `${v.a} + ${v.c}`, f: `${v.e} + ${v.d}` };
  return `Forward. ${FORMULAS[node]} = ${worked[node]} = ${number(values[node])}.`;
}

function storyOfAdjoint({ node, user, rule, slope, before, adjoints }) {
  const above = adjoints[user];
  const amount = above * slope;
  const here = rule.endsWith("2") || "ef".includes(user) ? "" : `, here ${number(slope)}`;
  const times = `${factor(above)} · ${factor(slope)} = ${number(amount)}`;
  let more = "xy".includes(node) ? ` ${node} is used once more: there is more to come.` : "";
  if (before !== undefined) more = ` ${node} was used before: ${number(before)} + ${factor(amount)} = ${number(adjoints[node])}.`;
  return `${rule}${here}. Adjoint of ${user} times ${number(slope)} is ${times}.${more}`;
}
