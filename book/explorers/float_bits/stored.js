// A float of a format, by its sign and its rank: {form, negative, rank}.
import { magnitude, minus, nearest, pythonRepr, toNumber } from "../shared/floats.js";

// What was typed, rounded once; a nan keeps its bits where the format has room.
export function store(typed, form) {
  if (typed.special === "nan") {
    const fits = typed.payload > form.infinity && typed.payload < 1n << BigInt(form.width - 1);
    const quiet = form.infinity + (1n << BigInt(form.fractionBits - 1));
    return { form, negative: typed.negative, rank: fits ? typed.payload : quiet };
  }
  return { form, negative: typed.negative, rank: typed.size ? nearest(form, typed.size) : form.infinity };
}

export function finite({ form, rank }) {
  return rank < form.infinity;
}

export function kindOf({ form, rank }) {
  if (rank >= form.infinity) return rank === form.infinity ? "infinity" : "not a number";
  if (rank >= 1n << BigInt(form.fractionBits)) return "normal";
  return rank ? "subnormal" : "zero";
}

export function numberOf({ form, negative, rank }) {
  return toNumber(form, negative, rank);
}

// The value of a finite float as a fraction; of an infinity, the power of two that would come next.
export function exactly({ form, negative, rank }) {
  return signed(magnitude(form, rank), negative);
}

export function signed({ n, d }, negative) {
  return { n: negative ? -n : n, d };
}

// The next float up (step 1) or down (step -1) the number line; null beyond the infinities.
export function beside(stored, step) {
  const { form, negative, rank } = stored;
  if (rank > form.infinity || (rank === form.infinity && step < 0 === negative)) return null;
  if (rank === 0n) return { form, negative: step < 0, rank: 1n };
  return { form, negative, rank: rank + BigInt(negative ? -step : step) };
}

export function spacingOf({ form, rank }) {
  return minus(magnitude(form, rank + 1n), magnitude(form, rank));
}

// From here on a number rounds to inf: halfway between the largest float and the power of two after it.
export function overflowEdge(form) {
  const last = magnitude(form, form.infinity - 1n);
  const gap = minus(magnitude(form, form.infinity), last);
  return minus(last, { n: -gap.n, d: 2n * gap.d });
}

// The bits as one word, and back: the text that stands for a word in the explorer's state.
export function wordOf({ form, negative, rank }) {
  return (negative ? 1n << BigInt(form.width - 1) : 0n) | rank;
}

export function textOfWord(form, word) {
  const top = 1n << BigInt(form.width - 1);
  const stored = { form, negative: (word & top) !== 0n, rank: word & (top - 1n) };
  if (kindOf(stored) !== "not a number") return pythonRepr(numberOf(stored));
  return `${stored.negative ? "-" : ""}nan 0x${stored.rank.toString(16)}`;
}
