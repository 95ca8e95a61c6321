// Every text that the explorer of backpropagation shows, from its numbers.
import { significant } from "../shared/floats.js";
import { LAST, NODES } from "./backpropagation-numbers.js";

const DIGITS = 4;
export const FORMULAS = {
  x: "x",
  y: "y",
  a: "a = x²",
  b: "b = x · y",
  c: "c = 2 · b",
  d: "d = y³",
  e: "e = a + c",
  f: "f = e + d",
};
const SUM = "A sum hands its adjoint on to each term";
// By user and node; `here` where the local derivative is not the same everywhere.
const RULES = {
  fe: { rule: SUM },
  fd: { rule: SUM },
  ea: { rule: SUM },
  ec: { rule: SUM },
  dy: { rule: "The derivative of y³ by y is 3y²", here: true },
  cb: { rule: "The derivative of 2b by b is 2" },
  bx: { rule: "The derivative of x · y by x is y", here: true },
  by: { rule: "The derivative of x · y by y is x", here: true },
  ax: { rule: "The derivative of x² by x is 2x", here: true },
};

export function wordsOf(numbers) {
  const { moment, kind, node = "", user = "", values, adjoints, arrived, slope } = numbers;
  const shown = { node, user, local: kind === "adjoint" ? `× ${number(slope)}` : "" };
  for (const name of NODES) {
    shown[`value_${name}`] = number(values[name]);
    shown[`adjoint_${name}`] = number(adjoints[name]);
  }
  for (const name of "xy") shown[`sum_${name}`] = sumText(arrived[name], adjoints[name]);
  return { ...shown, story: STORIES[kind](numbers), place: `${moment} of ${LAST}` };
}

const number = (value) => (value === undefined ? "" : significant(value, DIGITS).replaceAll("-", "−"));
const factor = (value) => (value < 0 ? `(${number(value)})` : number(value));

function sumText([first, ...more], total) {
  if (first === undefined) return "nothing yet";
  const terms = [number(first), ...more.map(factor)].join(" + ");
  return more.length ? `${terms} = ${number(total)}` : terms;
}

const STORIES = {
  start: () =>
    "Eight nodes compute f = x² + 2xy + y³. Each uses what an arrow brings. Next: the values, from top to bottom.",
  value: storyOfValue,
  seed: () => "Now backward. The adjoint of f is the derivative of f by itself, 1.",
  adjoint: storyOfAdjoint,
};

function storyOfValue({ node, values }) {
  if ("xy".includes(node)) return `Forward. ${node} is an input: ${node} = ${number(values[node])}.`;
  return `Forward. ${FORMULAS[node]} = ${workedOut(node, values)} = ${number(values[node])}.`;
}

// The formula of a node with numbers in the place of its nodes.
function workedOut(node, values) {
  const [, formula] = FORMULAS[node].split(" = ");
  return formula.replace(/[a-y]/g, (name) => factor(values[name]));
}

function storyOfAdjoint(numbers) {
  const { node, user, slope, amount, adjoints } = numbers;
  const { rule, here } = RULES[user + node];
  const times = `${factor(adjoints[user])} · ${factor(slope)} = ${number(amount)}`;
  const start = `${rule}${here ? `, here ${number(slope)}` : ""}.`;
  return `${start} Adjoint of ${user} times ${number(slope)} is ${times}.${storyOfSum(numbers)}`;
}

function storyOfSum({ node, before, amount, adjoints }) {
  if (before !== undefined) {
    return ` ${node} was used before: ${number(before)} + ${factor(amount)} = ${number(adjoints[node])}.`;
  }
  return "xy".includes(node) ? ` ${node} is used once more: there is more to come.` : "";
}
