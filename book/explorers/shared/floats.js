// The four formats in whole numbers: every float is exact, rounding is to nearest even. A fraction is {n, d} with d > 0;
// a float without its sign is its rank: 0n is zero, 1n the smallest subnormal, `infinity` the rank of inf.
import BITS_OF_FORMATS from "./formats.json" with { type: "json" };

export const FORMATS = Object.fromEntries(
  Object.entries(BITS_OF_FORMATS).map(([name, bits]) => [name, { name, ...bits, ...limitsOf(bits) }]),
);

function limitsOf({ exponentBits, fractionBits }) {
  const infinity = (2n ** BigInt(exponentBits) - 1n) << BigInt(fractionBits);
  return { infinity, width: 1 + exponentBits + fractionBits, bias: 2 ** (exponentBits - 1) - 1 };
}

export function powerOfTwo(exponent) {
  return exponent < 0 ? { n: 1n, d: 1n << BigInt(-exponent) } : { n: 1n << BigInt(exponent), d: 1n };
}

export function times(a, b) {
  return { n: a.n * b.n, d: a.d * b.d };
}

export function over(a, b) {
  return { n: a.n * b.d, d: a.d * b.n };
}

export function minus(a, b) {
  return { n: a.n * b.d - b.n * a.d, d: a.d * b.d };
}

export function size(a) {
  return { n: a.n < 0n ? -a.n : a.n, d: a.d };
}

export function bitLength(n) {
  return n === 0n ? 0 : n.toString(2).length;
}

// The e with 2**e <= value < 2**(e+1).
export function binaryExponent(value) {
  const guess = bitLength(value.n) - bitLength(value.d);
  const power = powerOfTwo(guess);
  return power.n * value.d <= value.n * power.d ? guess : guess - 1;
}

export function roundHalfEven({ n, d }) {
  const whole = n / d;
  const twice = 2n * (n % d);
  return twice > d || (twice === d && whole % 2n === 1n) ? whole + 1n : whole;
}

function fieldsOf(form, rank) {
  const shift = BigInt(form.fractionBits);
  const exponent = Number(rank >> shift);
  const fraction = rank & ((1n << shift) - 1n);
  const significand = exponent > 0 ? fraction + (1n << shift) : fraction;
  return { exponent, fraction, significand, power: Math.max(exponent, 1) - form.bias };
}

// The exact value of a rank; the rank of inf gives the power of two that would come next.
export function magnitude(form, rank) {
  const { significand, power } = fieldsOf(form, rank);
  return times({ n: significand, d: 1n }, powerOfTwo(power - form.fractionBits));
}

// The rank of the float nearest to a fraction >= 0.
export function nearest(form, value) {
  if (value.n === 0n) return 0n;
  const smallest = 1 - form.bias;
  const exponent = Math.max(binaryExponent(value), smallest);
  const steps = roundHalfEven(over(value, powerOfTwo(exponent - form.fractionBits)));
  const rank = steps + (BigInt(exponent - smallest) << BigInt(form.fractionBits));
  return rank < form.infinity ? rank : form.infinity;
}

export function toNumber(form, negative, rank) {
  if (rank > form.infinity) return NaN;
  const { significand, power } = fieldsOf(form, rank);
  const value = rank === form.infinity ? Infinity : Number(significand) * 2 ** (power - form.fractionBits);
  return negative ? -value : value;
}

// A finite number as an exact fraction.
export function fromNumber(x) {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  const word = view.getBigUint64(0);
  const value = magnitude(FORMATS.float64, word & ((1n << 63n) - 1n));
  return x < 0 ? { n: -value.n, d: value.d } : value;
}

export function roundTo(form, x) {
  if (x === 0 || !Number.isFinite(x)) return x;
  return toNumber(form, x < 0, nearest(form, size(fromNumber(x))));
}

// A fraction or a number with so many significant digits, as Python's format "g" writes it.
export function significant(value, digits) {
  if (typeof value === "number") {
    if (!Number.isFinite(value)) return pythonRepr(value);
    value = fromNumber(value);
  }
  if (value.n === 0n) return "0";
  const whole = size(value);
  const exponent = decimalExponent(whole);
  const kept = roundHalfEven(over(whole, powerOfTen(exponent - digits + 1))).toString();
  const text = layOut(kept.replace(/0+$/, ""), kept.length > digits ? exponent + 1 : exponent, digits);
  return (value.n < 0n ? "-" : "") + text;
}

function powerOfTen(exponent) {
  return exponent < 0 ? { n: 1n, d: 10n ** BigInt(-exponent) } : { n: 10n ** BigInt(exponent), d: 1n };
}

// The e with 10**e <= value < 10**(e+1).
export function decimalExponent(value) {
  const guess = value.n.toString().length - value.d.toString().length;
  const power = powerOfTen(guess);
  return power.n * value.d <= value.n * power.d ? guess : guess - 1;
}

// A fraction >= 0 whose denominator is a power of two, in full up to `most` significant digits.
export function exactText(value, most = 60) {
  if (value.n === 0n) return "0";
  const places = bitLength(value.d) - 1;
  const whole = value.n * 5n ** BigInt(places);
  const exponent = whole.toString().length - 1 - places;
  const digits = whole.toString().replace(/0+$/, "");
  if (digits.length <= most) return layOut(digits, exponent, 40);
  if (exponent >= -4 && exponent < most - 1) {
    return `${layOut(digits.slice(0, most), exponent, most)}… (${digits.length} digits)`;
  }
  return `${digits[0]}.${digits.slice(1, most)}… × 10^${exponent} (${digits.length} digits)`;
}

// Place the point: plain where -4 <= exponent < plainBelow, with an exponent elsewhere.
function layOut(digits, exponent, plainBelow) {
  if (exponent >= -4 && exponent < 0) return `0.${"0".repeat(-exponent - 1)}${digits}`;
  if (exponent >= 0 && exponent < plainBelow) {
    const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, "0");
    const rest = digits.slice(exponent + 1);
    return rest ? `${whole}.${rest}` : whole;
  }
  const mantissa = digits.length > 1 ? `${digits[0]}.${digits.slice(1)}` : digits;
  return `${mantissa}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

// A number as Python prints it.
export function pythonRepr(x) {
  if (Number.isNaN(x)) return "nan";
  const sign = x < 0 || Object.is(x, -0) ? "-" : "";
  if (!Number.isFinite(x)) return `${sign}inf`;
  if (x === 0) return `${sign}0.0`;
  const [mantissa, exponent] = Math.abs(x).toExponential().split("e");
  const text = layOut(mantissa.replace(".", ""), Number(exponent), 16);
  return sign + text + (/[.e]/.test(text) ? "" : ".0");
}
