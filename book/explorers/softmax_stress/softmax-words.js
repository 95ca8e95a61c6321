// Every text that the explorer of softmax shows, from its numbers.
import { significant } from "../shared/floats.js";

const DIGITS = { float16: 4, bfloat16: 3, float32: 4, float64: 4 };
const COLUMN_NAMES = { exps: "exp", probabilities: "probability", logs: "log" };

export function wordsOf(numbers) {
  const digits = DIGITS[numbers.dtype];
  const kept = numbers.stable.logs.map((x) => significant(x, digits));
  const shown = Object.fromEntries(numbers.z.map((x, i) => [`z_${i}`, significant(x, 6)]));
  for (const name of ["naive", "stable"]) Object.assign(shown, columns(name, numbers[name], digits));
  shown.input_story = storyOfInput(numbers);
  shown.naive_story = storyOfNaive(numbers, kept);
  shown.stable_story = storyOfStable(numbers.stable, kept);
  return shown;
}

function columns(way, numbers, digits) {
  const { exponents, total, notes } = numbers;
  const shown = { [`${way}_sum`]: significant(total, digits), [`${way}_sum_note`]: notes.total };
  for (const [key, name] of Object.entries(COLUMN_NAMES)) {
    numbers[key].forEach((x, i) => {
      shown[`${way}_${name}_${i}`] = significant(x, digits);
      shown[`${way}_${name}_${i}_note`] = notes[key][i];
    });
  }
  for (const [i, x] of exponents.entries()) shown[`${way}_exponent_${i}`] = significant(x, 6);
  return shown;
}

function storyOfInput({ dtype, wanted, z }) {
  const pairs = wanted.map((x, i) => [significant(x, 6), significant(z[i], 6)]);
  const changed = pairs.filter(([a, b]) => a !== b).map(([a, b]) => `${a} becomes ${b}`);
  return changed.length ? `Stored in ${dtype}, ${changed.join(", ")}.` : "";
}

function storyOfNaive(numbers, kept) {
  const way = numbers.naive;
  if (way.exps.includes(Infinity)) return storyOfOverflow(numbers);
  if (way.total === Infinity) return "Each exp is finite, but their sum overflows to inf: every probability becomes 0.";
  if (way.total === 0) return "Every exp underflows to 0, and 0 / 0 is nan.";
  if (way.lost >= 0) {
    return `The probability of logit ${way.lost + 1} rounds to 0, which does no harm. Its log does: -inf, where log-softmax keeps ${kept[way.lost]}.`;
  }
  const flagged = way.notes.exps.some((note) => note);
  const start = flagged ? "Some exp is subnormal and keeps few bits" : "Every exp is a normal number";
  return `${start}: the probabilities are ${closeness(way)}.`;
}

function storyOfOverflow({ dtype, largest, naive }) {
  const x = significant(naive.exponents[naive.exps.indexOf(Infinity)], 6);
  const rest = naive.exps.every((e) => e === Infinity) ? "" : " The others are divided by inf and become 0.";
  return `exp(${x}) is larger than ${significant(largest, 4)}, the largest ${dtype}, so it becomes inf, and inf / inf is nan.${rest}`;
}

function storyOfStable(way, kept) {
  const start = `The largest exponent is 0, so the sum lies between 1 and ${way.exps.length}: nothing overflows.`;
  if (way.lost < 0) return `${start} The probabilities are ${closeness(way)}.`;
  return `${start} Probability ${way.lost + 1} rounds to 0, yet its log is ${kept[way.lost]}.`;
}

function closeness({ error, digits }) {
  if (!digits) return `wrong by up to ${significant(100 * error, 2)} %`;
  return digits === 12 ? "right to 12 digits or more" : `right to ${digits} digits`;
}
