// Numbers to read beside each other: so many significant digits, powers of ten as "1.234·10^-5".

export function tidy(x, digits = 4) {
  if (Number.isNaN(x)) return "undefined";
  if (!Number.isFinite(x)) return x > 0 ? "∞" : "−∞";
  const [mantissa, power] = x.toExponential(digits - 1).split("e");
  const far = x !== 0 && (power < -3 || power > 5);
  const text = far ? `${mantissa}·10^${Number(power)}` : x.toFixed(Math.max(0, digits - 1 - power));
  return minus(text);
}

// The same without zeros at the end: for a sentence.
export function plain(x, digits = 4) {
  return minus(
    tidy(x, digits)
      .replace(/(\.\d*?)0+(?=$|·)/, "$1")
      .replace(/\.(?=$|·)/, ""),
  );
}

function minus(text) {
  return text.replace(/^-/, "−");
}

// A number as a field shows it: rounded to so many digits, no zeros behind.
export function rounded(x, digits = 4) {
  return Number(x.toPrecision(digits));
}
