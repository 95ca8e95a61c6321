// What the explorer writes of an update: each line with the numbers in its places, and how far the entries moved.
import { significant } from "../shared/floats.js";
import { RULES, SYMBOLS } from "../shared/rules.js";
import { entry, numbersOf } from "./one-step-numbers.js";

const DIGITS = 4;
const PLACE = /\{([^}]+)\}/g;

export function formulas(rule) {
  const symbol = (name) => SYMBOLS[name] ?? name;
  return RULES[rule].lines.map(
    ([name, template]) => `${symbol(name)} ← ${template.replace(PLACE, (_, place) => symbol(place))}`,
  );
}

// For each line its numbers for every entry, and one sentence.
export function wordsOf(state) {
  const columns = state.x.map((_, i) => columnOf(state, i));
  const lines = formulas(state.rule).map((_, row) => columns.map((column) => column[row]));
  const moves = numbersOf(state).map((known, i) => known.x - state.x[i]);
  return { lines, story: storyOf(state.t + 1, moves, state.g) };
}

// The lines of one entry, worked out one after the other: a name may have an old value in one and a new one in the next.
function columnOf(state, i) {
  const known = entry(state, i);
  return RULES[state.rule].lines.map(([name, template, value]) => {
    const filled = template.replace(PLACE, (_, place) => factor(place, known));
    known[name] = value(known);
    return `${filled} = ${number(known[name])}`;
  });
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
