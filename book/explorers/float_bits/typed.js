// What a reader types into the float-bits explorer, read exactly.

import { over, powerOfTwo } from "../shared/floats.js";
import GRAMMAR from "./float-bits.json" with { type: "json" };

export const DEFAULTS = GRAMMAR.defaults;
export const HELP = `Not a number this explorer reads. ${GRAMMAR.help}`;

// Returns {text, negative, size, special, payload}; `size` is null for inf and nan. Null where unreadable.
export function parse(input) {
  const text = String(input).trim().split(/\s+/).join(" ");
  const special = matched("special", text);
  if (special) return { text, negative: text.startsWith("-"), size: null, ...specialOf(special) };
  const size = readPower(text) ?? readQuotient(text);
  return size && { text, negative: text.startsWith("-"), size, special: "", payload: 0n };
}

function matched(kind, text) {
  return text.toLowerCase().match(new RegExp(`^(?:${GRAMMAR[kind]})$`));
}

function specialOf([, name, payload]) {
  return { special: name === "nan" ? "nan" : "inf", payload: payload ? BigInt(`0x${payload}`) : 0n };
}

function readPower(text) {
  const power = matched("power", text);
  return power && Math.abs(power[1]) <= GRAMMAR.largestExponent ? powerOfTwo(Number(power[1])) : null;
}

function readQuotient(text) {
  const [, above, below] = matched("quotient", text) ?? [];
  const [a, b] = [readDecimal(above ?? ""), readDecimal(below ?? "1")];
  return a && b && over(a, b);
}

function readDecimal(text) {
  const match = matched("decimal", text);
  const [, whole = "", behind, alone, exponent = 0] = match ?? [];
  if (!match || text.length > GRAMMAR.longestDecimal || Math.abs(exponent) > GRAMMAR.largestExponent) return null;
  const rest = behind ?? alone;
  const places = Number(exponent) - rest.length;
  const n = BigInt(whole + rest);
  return places < 0 ? { n, d: 10n ** BigInt(-places) } : { n: n * 10n ** BigInt(places), d: 1n };
}
