// What a reader types into the float-bits explorer, read exactly: the other half of book/explorers/float_bits/typed.py.
import { powerOfTwo } from "../shared/floats.js";

const LARGEST_EXPONENT = 2000;

// Returns {text, negative, size, special, payload}; `size` is null for inf and nan. Null where unreadable.
export function parse(input) {
  const text = String(input).trim().split(/\s+/).join(" ");
  const sign = text.match(/^[+-]*/)[0];
  if (sign.length > 1) return null;
  const body = text.slice(sign.length).toLowerCase();
  const negative = sign === "-";
  const special = body.match(/^(nan|inf|infinity)(?: 0x([0-9a-f]{1,16}))?$/);
  if (special) {
    const payload = special[2] ? BigInt("0x" + special[2]) : 0n;
    return { text, negative, size: null, special: special[1] === "nan" ? "nan" : "inf", payload };
  }
  const size = readSize(body);
  return size && { text, negative, size, special: "", payload: 0n };
}

function readSize(body) {
  const power = body.match(/^2(?:\*\*|\^)([+-]?[0-9]{1,4})$/);
  if (power) return Math.abs(power[1]) <= LARGEST_EXPONENT ? powerOfTwo(Number(power[1])) : null;
  const parts = body.split("/").map((part) => readDecimal(part.trim()));
  if (parts.includes(null) || parts.length > 2) return null;
  if (parts.length === 1) return parts[0];
  const [a, b] = parts;
  return b.n === 0n ? null : { n: a.n * b.d, d: a.d * b.n };
}

function readDecimal(text) {
  const match = text.match(/^(?:([0-9]+)\.?([0-9]*)|\.([0-9]+))(?:e([+-]?[0-9]{1,5}))?$/);
  if (!match || text.length > 400 || Math.abs(match[4] ?? 0) > LARGEST_EXPONENT) return null;
  const rest = match[2] ?? match[3];
  const places = Number(match[4] ?? 0) - rest.length;
  const n = BigInt((match[1] ?? "") + rest);
  return places < 0 ? { n, d: 10n ** BigInt(-places) } : { n: n * 10n ** BigInt(places), d: 1n };
}
