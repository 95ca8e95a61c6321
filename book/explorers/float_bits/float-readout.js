// Every string that the float-bits explorer shows: the other half of book/explorers/float_bits/widget.py.
import { FORMATS, bitLength, exactText, magnitude, minus, nearest, over, pythonRepr } from "../shared/floats.js";
import { significant, size, toNumber } from "../shared/floats.js";
import { parse } from "./typed.js";

// A float of a format by its sign and rank; what was typed is rounded to it once.
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

export function valueOf({ form, negative, rank }) {
  return toNumber(form, negative, rank);
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

// The bits as one word, and back: the text that stands for a word in the explorer's state.
export function wordOf({ form, negative, rank }) {
  return (negative ? 1n << BigInt(form.width - 1) : 0n) | rank;
}

export function textOfWord(form, word) {
  const top = 1n << BigInt(form.width - 1);
  const stored = { form, negative: (word & top) !== 0n, rank: word & (top - 1n) };
  if (kindOf(stored) !== "not a number") return pythonRepr(valueOf(stored));
  return `${stored.negative ? "-" : ""}nan 0x${stored.rank.toString(16)}`;
}

export function readout(text, dtype) {
  const typed = parse(text);
  const stored = store(typed, FORMATS[dtype]);
  return { ...storedAs(stored), ...around(stored), ...limits(stored.form), ...rounding(typed, stored) };
}

function storedAs(stored) {
  const { form, negative, rank } = stored;
  const bits = wordOf(stored).toString(2).padStart(form.width, "0");
  const split = 1 + form.exponentBits;
  const python = pythonRepr(valueOf(stored));
  return {
    bits: `${bits[0]} ${bits.slice(1, split)} ${bits.slice(split)}`,
    kind: kindOf(stored),
    ...meaning(stored),
    exact: finite(stored) ? (negative ? "-" : "") + exactText(magnitude(form, rank)) : python,
    python,
  };
}

function meaning(stored) {
  const { form, negative, rank } = stored;
  const sign = negative ? "-" : "+";
  if (!finite(stored)) return { sign, power: "all ones", significand: kindOf(stored) };
  const one = 1n << BigInt(form.fractionBits);
  const exponent = Number(rank / one);
  const significand = exactText({ n: (rank % one) + (exponent > 0 ? one : 0n), d: one }, 20);
  return { sign, power: `2^${Math.max(exponent, 1) - form.bias}`, significand };
}

function around(stored) {
  const [below, above] = [beside(stored, -1), beside(stored, 1)];
  return {
    spacing: finite(stored) ? spacingText(spacingOf(stored)) : "none",
    below: below ? pythonRepr(valueOf(below)) : "none",
    above: above ? pythonRepr(valueOf(above)) : "none",
  };
}

function spacingText(spacing) {
  const power = bitLength(spacing.n) - bitLength(spacing.d);
  return `2^${power} = ${significant(spacing, 6)}`;
}

function limits(form) {
  const print = (rank) => pythonRepr(toNumber(form, false, rank));
  const normal = 1n << BigInt(form.fractionBits);
  return { largest: print(form.infinity - 1n), smallest_normal: print(normal), smallest_subnormal: print(1n) };
}

function rounding(typed, stored) {
  if (!typed.size) return { error: "none", story: storyOfSpecial(stored) };
  if (!finite(stored)) return { error: "inf", story: storyOfOverflow(typed, stored) };
  const error = minus(magnitude(stored.form, stored.rank), typed.size);
  const spacings = significant(over(size(error), spacingOf(stored)), 2);
  const signed = significant(typed.negative ? { n: -error.n, d: error.d } : error, 4);
  return {
    error: error.n === 0n ? "0" : `${signed} (${spacings} of a spacing)`,
    story: storyOf(typed, stored, error, spacings) + storyOfSubnormal(stored),
  };
}

function storyOfSpecial(stored) {
  if (kindOf(stored) === "infinity") return "Infinity: the exponent is all ones and the fraction is zero.";
  return "Not a number: the exponent is all ones and the fraction is not zero. It differs even from itself.";
}

// From here on a number rounds to inf: halfway between the largest float and the power of two after it.
export function overflowEdge(form) {
  const [a, b] = [magnitude(form, form.infinity - 1n), magnitude(form, form.infinity)];
  return half({ n: a.n * b.d + b.n * a.d, d: a.d * b.d });
}

function half({ n, d }) {
  return { n, d: 2n * d };
}

function storyOfOverflow(typed, { form }) {
  const sign = typed.negative ? "-" : "";
  const largest = pythonRepr(toNumber(form, false, form.infinity - 1n));
  const edge = significant(overflowEdge(form), 17);
  return `${typed.text} overflows. ${form.name} ends at ${sign}${largest}; `
    + `from ${sign}${edge} on, everything rounds to ${sign}inf.`;
}

function storyOf(typed, stored, error, spacings) {
  const { form, rank } = stored;
  if (error.n === 0n) return `${typed.text} is a ${form.name}: it is stored without error.`;
  if (rank === 0n) {
    return `${typed.text} underflows. It is nearer to 0 than to any other ${form.name}, so 0 is what is stored.`;
  }
  const other = beside(stored, error.n < 0n !== typed.negative ? 1 : -1);
  const gap = size(minus(magnitude(form, other.rank), magnitude(form, rank)));
  if (2n * size(error).n * gap.d === gap.n * error.d) {
    return `${typed.text} lies exactly halfway between ${pythonRepr(valueOf(other))} and `
      + `${pythonRepr(valueOf(stored))}. The tie goes to the one whose last bit is 0.`;
  }
  const near = (stored.negative ? "-" : "") + significant(magnitude(form, rank), 20);
  return `${typed.text} is not a ${form.name}. The nearest one is ${near}, ${spacings} of a spacing away.`;
}

function storyOfSubnormal(stored) {
  if (kindOf(stored) !== "subnormal") return "";
  return ` It is subnormal: ${bitLength(stored.rank)} of ${stored.form.fractionBits + 1} significant bits are left.`;
}
