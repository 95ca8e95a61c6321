// The naive and the stable softmax, every operation rounded to the format; and what went wrong.
import { decimalExponent, FORMATS, fromNumber, roundTo, toNumber } from "../shared/floats.js";

export function numbersOf({ logits, offset, dtype }) {
  const form = FORMATS[dtype];
  const wanted = logits.map((x) => x + offset);
  const z = wanted.map((x) => roundTo(form, x));
  const exact = stable(z, FORMATS.float64).probabilities;
  const ways = { naive: judged(naive(z, form), exact, form), stable: judged(stable(z, form), exact, form) };
  return { dtype, wanted, z, largest: toNumber(form, false, form.infinity - 1n), ...ways };
}

function naive(z, form) {
  const exps = z.map((x) => exp(x, form));
  const total = sum(exps, form);
  const probabilities = exps.map((e) => roundTo(form, e / total));
  return { exponents: z, exps, total, probabilities, logs: probabilities.map((p) => log(p, form)) };
}

function stable(z, form) {
  const shifted = z.map((x) => roundTo(form, x - Math.max(...z)));
  const exps = shifted.map((x) => exp(x, form));
  const total = sum(exps, form);
  const logTotal = log(total, form);
  const probabilities = exps.map((e) => roundTo(form, e / total));
  const logs = shifted.map((x) => roundTo(form, x - logTotal));
  return { exponents: shifted, exps, total, probabilities, logs };
}

const exp = (x, form) => roundTo(form, Math.exp(x));
const log = (x, form) => roundTo(form, Math.log(x));

// The 16-bit formats add in float32, as torch does, and round once at the end.
function sum(terms, form) {
  const running = form.width === 16 ? FORMATS.float32 : form;
  return roundTo(
    form,
    terms.reduce((total, term) => roundTo(running, total + term), 0),
  );
}

// A way with a word for each value that is not in order, its first probability that is 0 (-1: none), and how far its
// probabilities are from those of the same logits in float64.
function judged(way, exact, form) {
  const { exps, total, probabilities, logs } = way;
  const notes = { total: noteOf("total", total, form) };
  for (const [name, column] of Object.entries({ exps, probabilities, logs })) {
    notes[name] = column.map((x) => noteOf(name, x, form));
  }
  const error = Math.max(...probabilities.map((p, i) => Math.abs(p - exact[i]) / exact[i]));
  return { ...way, notes, lost: probabilities.indexOf(0), error, digits: digitsOf(error) };
}

function noteOf(column, x, form) {
  if (Number.isNaN(x)) return "undefined";
  if (!Number.isFinite(x)) return column === "logs" ? "log of 0" : "overflow";
  if (column === "logs") return "";
  if (x === 0) return "underflow";
  return x < toNumber(form, false, 1n << BigInt(form.fractionBits)) ? "subnormal" : "";
}

// So many digits are right: from 1 to 12, or 0 where not even one is.
function digitsOf(error) {
  if (error < 1e-12) return 12;
  return error < 0.01 ? -decimalExponent(fromNumber(error)) - 1 : 0;
}
