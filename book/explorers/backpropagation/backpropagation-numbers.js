// The run of backpropagation over x² + 2xy + y³ in moments: values forward, then adjoints backward.
import TABLE from "./backpropagation.json" with { type: "json" };

export const { defaults: DEFAULTS, limit: LIMIT, last: LAST } = TABLE;
export const NODES = [..."xyabcdef"];
// In the order in which the adjoints flow: user, what it uses, local derivative from the values.
export const USES = [
  ["f", "e", () => 1],
  ["f", "d", () => 1],
  ["e", "a", () => 1],
  ["e", "c", () => 1],
  ["d", "y", (v) => 3 * (v.y * v.y)],
  ["c", "b", () => 2],
  ["b", "x", (v) => v.y],
  ["b", "y", (v) => v.x],
  ["a", "x", (v) => 2 * v.x],
];

function valuesOf(x, y) {
  const [a, b, d] = [x * x, x * y, y * y * y];
  const e = a + 2 * b;
  return { x, y, a, b, c: 2 * b, d, e, f: e + d };
}

// What has just happened, and what is known after it: `values` and `adjoints` of the nodes that have one.
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
  for (const [user, node, slopeAt] of USES) {
    const [slope, before] = [slopeAt(all), adjoints[node]];
    const amount = adjoints[user] * slope;
    adjoints = { ...adjoints, [node]: (before ?? 0) + amount };
    run.push({ kind: "adjoint", node, user, slope, amount, before, values, adjoints });
  }
  return run;
}

// A moment of the run, and the amounts that have arrived at each input until then.
export function numbersOf({ x, y, moment }) {
  const run = moments(x, y).slice(0, moment + 1);
  const at = (input) =>
    run.filter(({ kind, node }) => kind === "adjoint" && node === input).map(({ amount }) => amount);
  return { moment, ...run.at(-1), arrived: { x: at("x"), y: at("y") } };
}
