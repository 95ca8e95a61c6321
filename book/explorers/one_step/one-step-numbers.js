// One update of three entries, in numbers.
import { after, before, flat, RULES } from "../shared/rules.js";
import ONE_STEP from "./one-step.json" with { type: "json" };

export const { entries: ENTRIES, limit: LIMIT, most: MOST } = ONE_STEP;

// The rate with which a method begins.
export function rateOf(rule) {
  return ONE_STEP.rates[rule] ?? ONE_STEP.rate;
}

// What is known of an entry before the next update, and of all of them after it.
export function entry({ rule, lr, t, x, g, memory }, i) {
  const method = RULES[rule];
  const slots = method.memory.map((_, slot) => memory[i + ENTRIES * slot]);
  return before(method, flat({ ...method.defaults, lr }), t + 1, x[i], g[i], slots);
}

export function numbersOf(state) {
  return state.x.map((_, i) => after(RULES[state.rule], entry(state, i)));
}

// The state after the next update.
export function stepped(state) {
  const done = numbersOf(state);
  const slots = RULES[state.rule].memory.flatMap((name) => done.map((known) => known[name]));
  const memory = [...slots, ...Array(2 * ENTRIES - slots.length).fill(0)];
  return { ...state, t: state.t + 1, x: done.map((known) => known.x), memory };
}
