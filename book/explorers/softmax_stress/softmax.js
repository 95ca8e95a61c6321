// The naive and the stable softmax, every operation rounded: the other half of softmax_stress.py.
import { FORMATS, decimalExponent, fromNumber, magnitude, roundTo, significant, toNumber } from "../shared/floats.js";
import { exp, log } from "./elementary.js";

const DIGITS = { float16: 4, bfloat16: 3, float32: 4, float64: 4 };

export function naive(z, form) {
  const exps = z.map((x) => exp(x, form));
  const total = sum(exps, form);
  const probabilities = exps.map((e) => roundTo(form, e / total));
  return { exponents: z, exps, total, probabilities, logs: probabilities.map((p) => log(p, form)) };
}

export function stable(z, form) {
  const shifted = z.map((x) => roundTo(form, x - Math.max(...z)));
  const exps = shifted.map((x) => exp(x, form));
  const total = sum(exps, form);
  const logTotal = log(total, form);
  const probabilities = exps.map((e) => roundTo(form, e / total));
  const logs = shifted.map((x) => roundTo(form, x - logTotal));
  return { exponents: shifted, exps, total, probabilities, logs };
}

// The 16-bit formats add in float32, as torch does, and round once at the end.
function sum(terms, form) {
  const running = form.width === 16 ? FORMATS.float32 : form;
  return roundTo(form, terms.reduce((total, term) => roundTo(running, total + term), 0));
}

export function readout(logits, offset, dtype) {
  const form = FORMATS[dtype];
  const wanted = logits.map((x) => x + offset);
  const z = wanted.map((x) => roundTo(form, x));
  const ways = { naive: naive(z, form), stable: stable(z, form) };
  const exact = stable(z, FORMATS.float64);
  const kept = ways.stable.logs.map((x) => significant(x, DIGITS[dtype]));
  const shown = Object.fromEntries(z.map((x, i) => [`z_${i}`, significant(x, 6)]));
  for (const [name, way] of Object.entries(ways)) Object.assign(shown, columns(name, way, form));
  shown.input_story = storyOfInput(wanted, z, form);
  shown.naive_story = storyOfNaive(ways.naive, exact, kept, form);
  shown.stable_story = storyOfStable(ways.stable, exact, kept);
  return shown;
}

function columns(way, { exponents, exps, total, probabilities, logs }, form) {
  const digits = DIGITS[form.name];
  const shown = { [`${way}_sum`]: significant(total, digits), [`${way}_sum_note`]: note("sum", total, form) };
  for (const [name, column] of Object.entries({ exp: exps, probability: probabilities, log: logs })) {
    column.forEach((x, i) => {
      shown[`${way}_${name}_${i}`] = significant(x, digits);
      shown[`${way}_${name}_${i}_note`] = note(name, x, form);
    });
  }
  exponents.forEach((x, i) => (shown[`${way}_exponent_${i}`] = significant(x, 6)));
  return shown;
}

// A word for what is wrong with a value, so that colour is not the only sign of it.
function note(column, x, form) {
  if (Number.isNaN(x)) return "undefined";
  if (!Number.isFinite(x)) return column === "log" ? "log of 0" : "overflow";
  if (column === "log") return "";
  if (x === 0) return "underflow";
  return x < toNumber(form, false, 1n << BigInt(form.fractionBits)) ? "subnormal" : "";
}

function storyOfInput(wanted, z, form) {
  const pairs = wanted.map((x, i) => [significant(x, 6), significant(z[i], 6)]);
  const changed = pairs.filter(([a, b]) => a !== b).map(([a, b]) => `${a} becomes ${b}`);
  return changed.length ? `Stored in ${form.name}, ${changed.join(", ")}.` : "";
}

function storyOfNaive(way, exact, kept, form) {
  if (way.exps.includes(Infinity)) return storyOfOverflow(way, form);
  if (way.total === Infinity) {
    return "Each exp is finite, but their sum overflows to inf: every probability becomes 0.";
  }
  if (way.total === 0) return "Every exp underflows to 0, and 0 / 0 is nan.";
  const lost = way.probabilities.indexOf(0);
  if (lost >= 0) {
    return `The probability of logit ${lost + 1} rounds to 0, which does no harm. Its log does: `
      + `-inf, where log-softmax keeps ${kept[lost]}.`;
  }
  const start = way.exps.some((e) => note("exp", e, form))
    ? "Some exp is subnormal and keeps few bits" : "Every exp is a normal number";
  return `${start}: the probabilities are ${closeness(way, exact)}.`;
}

function storyOfOverflow(way, form) {
  const largest = significant(magnitude(form, form.infinity - 1n), 4);
  const x = significant(way.exponents[way.exps.indexOf(Infinity)], 6);
  const rest = way.exps.every((e) => e === Infinity) ? "" : " The others are divided by inf and become 0.";
  return `exp(${x}) is larger than ${largest}, the largest ${form.name}, so it becomes inf, `
    + `and inf / inf is nan.${rest}`;
}

function storyOfStable(way, exact, kept) {
  const start = `The largest exponent is 0, so the sum lies between 1 and ${way.exps.length}: nothing overflows.`;
  const lost = way.probabilities.indexOf(0);
  if (lost < 0) return `${start} The probabilities are ${closeness(way, exact)}.`;
  return `${start} Probability ${lost + 1} rounds to 0, yet its log is ${kept[lost]}.`;
}

function closeness(way, exact) {
  const errors = way.probabilities.map((p, i) => Math.abs(p - exact.probabilities[i]) / exact.probabilities[i]);
  const error = Math.max(...errors);
  if (error < 1e-12) return "right to 12 digits or more";
  if (error >= 0.01) return `wrong by up to ${significant(100 * error, 2)} %`;
  return `right to ${-decimalExponent(fromNumber(error)) - 1} digits`;
}
