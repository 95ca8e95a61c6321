// What the comparison says: its numbers, by `numbersOf`, and every string, by `wordsOf`.
import { fromNumber, roundHalfEven, significant, size } from "../shared/floats.js";

export const CHOSEN = "chosen";
export const DEFAULTS = "defaults";
const FALLS =
  "The chosen rate falls to 0 by the last epoch: an early epoch here is not what a shorter run would reach.";

// --- numbers -----------------------------------------------------------------------------------------------

function comb(n, k) {
  let found = k <= n ? 1 : 0;
  for (let i = 1; i <= k && found; i += 1) found = (found * (n - k + i)) / i;
  return found;
}

// The mean best of so many accuracies, drawn without putting back: the k-th smallest is it in C(k − 1, tries − 1) draws.
function expectedBest(accuracies, tries) {
  const ranked = [...accuracies].sort((a, b) => a - b);
  return ranked.reduce((sum, accuracy, i) => sum + comb(i, tries - 1) * accuracy, 0) / comb(accuracies.length, tries);
}

// The methods in the order of what so many of their rates give: [name, expected best accuracy]. To twelve digits, so that
// methods with the same trials are level whatever the order of their sums.
export function ranking(methods, tries) {
  const best = ({ trials }) =>
    Number(
      expectedBest(
        trials.map(([accuracy]) => accuracy),
        tries,
      ).toPrecision(12),
    );
  return Object.entries(methods)
    .map(([name, method]) => [name, best(method)])
    .sort(([, a], [, b]) => b - a);
}

// The row of a setting; none where the setting is a rate.
export function rowOf(mine, setting) {
  return setting === CHOSEN || setting === DEFAULTS ? mine[setting] : undefined;
}

// `trial` is [validation accuracy, whether it diverged] at this rate, `chosen` the same at the rate that won; `row` is
// of the final runs; null where there is none.
export function numbersOf(results, { task, method, setting, tries }) {
  const { methods, best, epochs } = results[task];
  const { title, rates, trials, chosen } = methods[method];
  const row = rowOf(methods[method], setting) ?? null;
  const ranked = ranking(methods, tries);
  const trialAt = (lr) => trials[rates.indexOf(lr)];
  return {
    title,
    setting,
    row,
    tries,
    rates: rates.length,
    epochs: epochs.tuning,
    published: chosen.published,
    lr: row?.lr ?? setting,
    trial: setting === DEFAULTS ? null : trialAt(row?.lr ?? setting),
    chosen: { lr: chosen.lr, trial: trialAt(chosen.lr) },
    leads: best[0] === method && best[1] === setting,
    best: { title: methods[best[0]].title, setting: best[1], lr: methods[best[0]][best[1]].lr },
    place: 1 + ranked.findIndex(([name]) => name === method),
    ranked: ranked.map(([name, accuracy]) => [methods[name].title, accuracy]),
  };
}

// --- words -------------------------------------------------------------------------------------------------

export function wordsOf(numbers) {
  const { title, row, published, tries, rates, ranked } = numbers;
  const [rate, validation, place] = [
    general(numbers.lr),
    validationOf(numbers),
    `${numbers.place} of ${ranked.length}`,
  ];
  const best = ranked.map(([, accuracy]) => `${fixed(accuracy)} %`);
  const tried = `${tries} of ${rates} rates tried`;
  return {
    rate,
    validation,
    place,
    tried,
    best,
    test: row ? testOf(row) : "no final runs",
    to_best: toBest(numbers),
    published: published === null ? "nothing" : `${fixed(published)} %`,
    note: row ? FALLS : tuningOnly(title, rate, validation),
    story: `${row ? rowStory(numbers) : rateStory(numbers)} ${triesStory(numbers)}`,
    handle: `${title}, rate ${rate}: ${validation}`,
    slider: `${tried}: ${title} is ${place}, ${best[numbers.place - 1]}`,
  };
}

function validationOf({ trial }) {
  if (!trial) return "not tried at a constant rate";
  const [accuracy, diverged] = trial;
  return diverged ? "diverged" : `${fixed(accuracy)} %`;
}

function testOf({ mean, half }) {
  return `${fixed(mean)} ± ${fixed(half)} %`;
}

function toBest({ row, leads }) {
  if (!row) return "no final runs";
  if (leads) return "the best row";
  const [difference, half] = row.to_best;
  return `${fixed(difference)} ± ${fixed(half)}${row.tied ? ", tied" : ""}`;
}

function tuningOnly(title, rate, validation) {
  return `${title} at rate ${rate} has only the trial by which rates were chosen (validation: ${validation}). Final runs exist for the chosen rate and for torch's defaults.`;
}

function rowStory(numbers) {
  const { row } = numbers;
  const seeds = row.accuracies.length;
  const told = [
    `${named(numbers)}, gets ${testOf(row)} of the test images right (${seeds} seeds)`,
    againstTheBest(numbers),
  ];
  if (row.published !== null)
    told.push(
      `Published: ${fixed(row.published)} %; ${row.above ? "the whole interval lies above it" : "not all of the interval lies above it"}`,
    );
  if (row.diverged) told.push(`Diverged, and counted as a guess: ${row.diverged} of ${seeds} runs`);
  if (row.edge) told.push(`Its rate is the ${row.edge} that was tried; a better one may lie beyond`);
  return `${told.join(". ")}.`;
}

function named({ title, setting, lr }) {
  return `${title} at ${setting === CHOSEN ? "its chosen rate" : "torch's default rate"}, ${general(lr)}`;
}

function againstTheBest({ row, leads, best }) {
  if (leads) return "No other row has a higher mean";
  const behind = `${row.to_best.map((value) => fixed(Math.abs(value))).join(" ± ")} behind`;
  return row.tied ? `It is tied with the best, ${named(best)}: ${behind}` : `It is ${behind} the best, ${named(best)}`;
}

function rateStory({ title, lr, trial: [accuracy, diverged], chosen, epochs }) {
  if (diverged) return `${title} at rate ${general(lr)} diverged. Its chosen rate is ${general(chosen.lr)}.`;
  const behind = fixed(chosen.trial[0] - accuracy);
  return `${title} at rate ${general(lr)} gets ${fixed(accuracy)} % of the validation images right after ${epochs} epoch${epochs === 1 ? "" : "s"}, ${behind} behind its chosen rate ${general(chosen.lr)}.`;
}

function triesStory({ title, tries, rates, place, ranked }) {
  const tried =
    tries === rates
      ? `all ${rates} rates are tried`
      : `only ${tries} of the ${rates} rates ${tries === 1 ? "is" : "are"} tried, drawn at random`;
  return `If ${tried}, ${title} is number ${place} of ${ranked.length}.`;
}

function general(lr) {
  return significant(lr, 6);
}

// To two places behind the point; a tie such as 68.125 goes to the even digit, as in the book's tables.
function fixed(x) {
  const { n, d } = size(fromNumber(x));
  const hundredths = roundHalfEven({ n: 100n * n, d });
  const digits = String(hundredths).padStart(3, "0");
  return `${x < 0 && hundredths > 0n ? "−" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
