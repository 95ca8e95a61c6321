// exp and log in whole numbers, rounded once: the other half of book/explorers/softmax_stress/elementary.py.
import { binaryExponent, fromNumber, nearest, over, powerOfTwo, times, toNumber } from "../shared/floats.js";

const POINT = 160;
const ONE = 1n << BigInt(POINT);
const LOG_2 = logFixed(2n * ONE);
const FAR = 800;

export function exp(x, form) {
  if (Number.isNaN(x)) return x;
  if (Math.abs(x) > FAR) return x > 0 ? Infinity : 0;
  const fixed = floor(times(fromNumber(x), { n: ONE, d: 1n }));
  const power = floor({ n: fixed, d: LOG_2 });
  const rest = fixed - power * LOG_2;
  let term = ONE;
  let total = ONE;
  for (let n = 1n; term > 0n; n += 1n) {
    term = (term * rest) / (ONE * n);
    total += term;
  }
  return rounded(times({ n: total, d: 1n }, powerOfTwo(Number(power) - POINT)), form);
}

export function log(x, form) {
  if (x === 0) return -Infinity;
  if (!(x > 0)) return NaN;
  if (x === Infinity) return x;
  const value = fromNumber(x);
  const power = binaryExponent(value);
  const scaled = floor(times(over(value, powerOfTwo(power)), { n: ONE, d: 1n }));
  return rounded({ n: BigInt(power) * LOG_2 + logFixed(scaled), d: ONE }, form);
}

function logFixed(scaled) {
  const ratio = ((scaled - ONE) * ONE) / (scaled + ONE);
  let power = ratio;
  let total = 0n;
  for (let n = 1n; power > 0n; n += 2n) {
    total += power / n;
    power = (((power * ratio) / ONE) * ratio) / ONE;
  }
  return 2n * total;
}

function floor({ n, d }) {
  return n < 0n && n % d !== 0n ? n / d - 1n : n / d;
}

function rounded({ n, d }, form) {
  return toNumber(form, n < 0n, nearest(form, { n: n < 0n ? -n : n, d }));
}
