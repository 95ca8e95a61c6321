// Every text that the comparison shows, from its numbers.
import { fromNumber, roundHalfEven, significant, size } from "../shared/floats.js";
import { CHOSEN } from "./comparison-numbers.js";

const FALLS =
  "The chosen rate falls to 0 by the last epoch: an early epoch here is not what a shorter run would reach.";

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
  const [accuracy, failed] = trial;
  return failed ? "failed" : `${fixed(accuracy)} %`;
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
  if (row.failed) told.push(`Failed, and counted as a guess: ${row.failed} of ${seeds} runs`);
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

function rateStory({ title, lr, trial: [accuracy, failed], chosen, epochs }) {
  if (failed) return `${title} at rate ${general(lr)} failed. Its chosen rate is ${general(chosen.lr)}.`;
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
