// Every text that the float-bits explorer shows, from its numbers.
import { bitLength, exactText, pythonRepr, significant, size } from "../shared/floats.js";

export function wordsOf(numbers) {
  const { stored, kind, value, below, above, limits } = numbers;
  const printed = Object.fromEntries(Object.entries(limits).map(([name, limit]) => [name, pythonRepr(limit)]));
  return {
    bits: bitsText(stored.form, numbers.word),
    kind,
    ...meaning(numbers),
    exact: numbers.exact ? inFull(numbers) : pythonRepr(value),
    python: pythonRepr(value),
    spacing: numbers.spacing ? spacingText(numbers.spacing) : "none",
    below: below === null ? "none" : pythonRepr(below),
    above: above === null ? "none" : pythonRepr(above),
    ...printed,
    error: errorText(numbers),
    story: STORIES[numbers.story](numbers) + storyOfSubnormal(numbers),
  };
}

function bitsText(form, word) {
  const bits = word.toString(2).padStart(form.width, "0");
  const split = 1 + form.exponentBits;
  return `${bits[0]} ${bits.slice(1, split)} ${bits.slice(split)}`;
}

function meaning({ stored, kind, power, significand }) {
  const sign = stored.negative ? "-" : "+";
  if (!significand) return { sign, power: "all ones", significand: kind };
  return { sign, power: `2^${power}`, significand: exactText(significand, 20) };
}

// The sign of a zero shows too.
const inFull = ({ stored, exact }) => (stored.negative ? "-" : "") + exactText(size(exact));

function spacingText(spacing) {
  const power = bitLength(spacing.n) - bitLength(spacing.d);
  return `2^${power} = ${significant(spacing, 6)}`;
}

function errorText({ error, spacings, story }) {
  if (!error) return story === "overflow" ? "inf" : "none";
  return error.n === 0n ? "0" : `${significant(error, 4)} (${significant(spacings, 2)} of a spacing)`;
}

const STORIES = {
  infinity: () => "Infinity: the exponent is all ones and the fraction is zero.",
  "not a number": () =>
    "Not a number: the exponent is all ones and the fraction is not zero. It differs even from itself.",
  overflow: ({ typed, stored, limits, edge }) => {
    const sign = typed.negative ? "-" : "";
    return `${typed.text} overflows. ${stored.form.name} ends at ${sign}${pythonRepr(limits.largest)}; from ${significant(edge, 17)} on, everything rounds to ${sign}inf.`;
  },
  exact: ({ typed, stored }) => `${typed.text} is a ${stored.form.name}: it is stored without error.`,
  underflow: ({ typed, stored }) =>
    `${typed.text} underflows. It is nearer to 0 than to any other ${stored.form.name}, so 0 is what is stored.`,
  tie: ({ typed, other, value }) =>
    `${typed.text} lies exactly halfway between ${pythonRepr(other)} and ${pythonRepr(value)}. The tie goes to the one whose last bit is 0.`,
  near: ({ typed, stored, exact, spacings }) =>
    `${typed.text} is not a ${stored.form.name}. The nearest one is ${significant(exact, 20)}, ${significant(spacings, 2)} of a spacing away.`,
};

function storyOfSubnormal({ stored, kind }) {
  if (kind !== "subnormal") return "";
  return ` It is subnormal: ${bitLength(stored.rank)} of ${stored.form.fractionBits + 1} significant bits are left.`;
}
