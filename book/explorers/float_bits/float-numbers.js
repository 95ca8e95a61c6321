// A number in a format, and what rounding made of it: whole numbers and fractions {n, d}, all exact.
import { FORMATS, magnitude, minus, over, size, toNumber } from "../shared/floats.js";
import { beside, exactly, finite, kindOf, numberOf, overflowEdge, signed, spacingOf, store, wordOf } from "./stored.js";
import { parse } from "./typed.js";

export function numbersOf({ value, dtype }) {
  const typed = parse(value);
  const stored = store(typed, FORMATS[dtype]);
  const facts = { typed, stored, word: wordOf(stored), kind: kindOf(stored), value: numberOf(stored) };
  return { ...facts, ...partsOf(stored), ...around(stored), limits: endsOf(stored.form), ...rounding(typed, stored) };
}

// value = ±2^power · significand; null where there are none.
function partsOf(stored) {
  if (!finite(stored)) return { exact: null, power: null, significand: null };
  const { form, rank } = stored;
  const one = 1n << BigInt(form.fractionBits);
  const exponent = Number(rank / one);
  const significand = { n: (rank % one) + (exponent > 0 ? one : 0n), d: one };
  return { exact: exactly(stored), power: Math.max(exponent, 1) - form.bias, significand };
}

function around(stored) {
  const [below, above] = [-1, 1].map((step) => beside(stored, step)).map((next) => next && numberOf(next));
  return { below, above, spacing: finite(stored) ? spacingOf(stored) : null };
}

function endsOf(form) {
  const value = (rank) => toNumber(form, false, rank);
  const normal = 1n << BigInt(form.fractionBits);
  return { largest: value(form.infinity - 1n), smallest_normal: value(normal), smallest_subnormal: value(1n) };
}

// `error` is what is stored less what was typed; `spacings` its size beside the spacing; `other` the loser of a tie.
function rounding(typed, stored) {
  if (!typed.size) return { error: null, story: kindOf(stored) };
  if (!finite(stored))
    return { error: null, story: "overflow", edge: signed(overflowEdge(stored.form), typed.negative) };
  const error = minus(exactly(stored), signed(typed.size, typed.negative));
  const spacings = over(size(error), spacingOf(stored));
  const other = beside(stored, error.n < 0n ? 1 : -1);
  return { error, spacings, other: numberOf(other), story: storyOf(stored, error, other) };
}

function storyOf({ form, rank }, error, other) {
  if (error.n === 0n) return "exact";
  if (rank === 0n) return "underflow";
  const gap = size(minus(magnitude(form, other.rank), magnitude(form, rank)));
  return 2n * size(error).n * gap.d === gap.n * error.d ? "tie" : "near";
}
