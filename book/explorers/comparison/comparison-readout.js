// Every string of the comparison: the other half of book/explorers/comparison/readout.py.
import { fromNumber, roundHalfEven, significant, size } from "../shared/floats.js";

export const CHOSEN = "chosen";
export const DEFAULTS = "defaults";
const FALLS = "The chosen rate falls to 0 by the last epoch: an early epoch here is not what a shorter run would reach.";

function comb(n, k) {
  let found = k <= n ? 1 : 0;
  for (let i = 1; i <= k && found; i += 1) found = (found * (n - k + i)) / i;
  return found;
}

// The mean best of so many accuracies, drawn without putting back: the k-th smallest is it in C(k − 1, tries − 1) draws.
export function expectedBest(accuracies, tries) {
  const ranked = [...accuracies].sort((a, b) => a - b);
  const total = ranked.reduce((sum, accuracy, i) => sum + comb(i, tries - 1) * accuracy, 0);
  return Number((total / comb(accuracies.length, tries)).toPrecision(12));
}

// The methods in the order of what so many of their rates give: [name, expected best accuracy].
export function ranking(methods, tries) {
  const found = Object.entries(methods).map(([name, { trials }]) => [name, expectedBest(trials.map(([accuracy]) => accuracy), tries)]);
  return found.sort(([, a], [, b]) => b - a);
}

export function readout(results, task, method, setting, tries) {
  const found = results[task];
  const mine = found.methods[method];
  const ranked = ranking(found.methods, tries);
  const row = rowOf(mine, setting);
  const lr = row?.lr ?? setting;
  const place = 1 + ranked.findIndex(([name]) => name === method);
  const texts = {
    rate: general(lr),
    validation: validationOf(mine, setting, lr),
    test: row ? `${fixed(row.mean)} ± ${fixed(row.half)} %` : "no final runs",
    to_best: toBest(found, method, setting),
    published: mine.chosen.published === null ? "nothing" : `${fixed(mine.chosen.published)} %`,
    place: `${place} of ${ranked.length}`,
    tries: `${tries} of ${mine.rates.length} rates tried`,
  };
  ranked.forEach(([name, accuracy], i) => Object.assign(texts, { [`name_${i + 1}`]: found.methods[name].title, [`best_${i + 1}`]: `${fixed(accuracy)} %` }));
  texts.note = row ? FALLS : tuningOnly(mine.title, texts);
  const told = row ? rowStory(found, method, setting, texts) : rateStory(found, method, setting, texts);
  texts.story = `${told} ${triesStory(mine, tries, texts)}`;
  texts.handle = `${mine.title}, rate ${texts.rate}: ${texts.validation}`;
  return { ...texts, slider: `${texts.tries}: ${mine.title} is ${texts.place}, ${texts[`best_${place}`]}` };
}

// The row of a setting; none where the setting is a rate.
export function rowOf(mine, setting) {
  return setting === CHOSEN || setting === DEFAULTS ? mine[setting] : undefined;
}

function validationOf(mine, setting, lr) {
  if (setting === DEFAULTS) return "not tried at a constant rate";
  const [accuracy, diverged] = mine.trials[mine.rates.indexOf(lr)];
  return diverged ? "diverged" : `${fixed(accuracy)} %`;
}

function toBest(found, method, setting) {
  const row = rowOf(found.methods[method], setting);
  if (!row) return "no final runs";
  if (isBest(found, method, setting)) return "the best row";
  const [difference, half] = row.to_best;
  return `${fixed(difference)} ± ${fixed(half)}${row.tied ? ", tied" : ""}`;
}

function isBest({ best }, method, setting) {
  return best[0] === method && best[1] === setting;
}

function tuningOnly(title, texts) {
  return `${title} at rate ${texts.rate} has only the trial by which rates were chosen (validation: ${texts.validation}). Final runs exist for the chosen rate and for torch's defaults.`;
}

function rowStory(found, method, setting, texts) {
  const row = found.methods[method][setting];
  const seeds = row.accuracies.length;
  const told = [`${named(found, method, setting)}, gets ${texts.test} of the test images right (${seeds} seeds)`, againstTheBest(found, row, isBest(found, method, setting))];
  if (row.published !== null) told.push(`Published: ${texts.published}; ${row.above ? "the whole interval lies above it" : "not all of the interval lies above it"}`);
  if (row.diverged) told.push(`Diverged, and counted as a guess: ${row.diverged} of ${seeds} runs`);
  if (row.edge) told.push(`Its rate is the ${row.edge} that was tried; a better one may lie beyond`);
  return `${told.join(". ")}.`;
}

function named({ methods }, method, setting) {
  return `${methods[method].title} at ${setting === CHOSEN ? "its chosen rate" : "torch's default rate"}, ${general(methods[method][setting].lr)}`;
}

function againstTheBest(found, row, best) {
  if (best) return "No other row has a higher mean";
  const behind = `${row.to_best.map((value) => fixed(Math.abs(value))).join(" ± ")} behind`;
  const other = named(found, ...found.best);
  return row.tied ? `It is tied with the best, ${other}: ${behind}` : `It is ${behind} the best, ${other}`;
}

function rateStory(found, method, lr, texts) {
  const { title, rates, trials, chosen } = found.methods[method];
  const epochs = found.epochs.tuning;
  const [accuracy, diverged] = trials[rates.indexOf(lr)];
  if (diverged) return `${title} at rate ${texts.rate} diverged. Its chosen rate is ${general(chosen.lr)}.`;
  const behind = fixed(trials[rates.indexOf(chosen.lr)][0] - accuracy);
  return `${title} at rate ${texts.rate} gets ${texts.validation} of the validation images right after ${epochs} epoch${epochs === 1 ? "" : "s"}, ${behind} behind its chosen rate ${general(chosen.lr)}.`;
}

function triesStory(mine, tries, texts) {
  const rates = mine.rates.length;
  const tried = tries === rates ? `all ${rates} rates are tried` : `only ${tries} of the ${rates} rates ${tries === 1 ? "is" : "are"} tried, drawn at random`;
  return `If ${tried}, ${mine.title} is number ${texts.place}.`;
}

// A rate as Python's format "g" writes it.
function general(lr) {
  return significant(lr, 6);
}

// To two digits behind the point, ties to even, by way of twelve in all: the order of a sum leaves no trace.
function fixed(x) {
  const { n, d } = size(fromNumber(Number(x.toPrecision(12))));
  const hundredths = roundHalfEven({ n: 100n * n, d });
  const digits = String(hundredths).padStart(3, "0");
  return `${x < 0 && hundredths > 0n ? "−" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
