// Every text that the explorer of Hutchinson's estimates shows, from its numbers.
import { plain, tidy } from "../shared/number-text.js";

export function wordsOf(numbers, state) {
  const { trace, error, distance, predicted, random, stays } = numbers;
  return {
    trace: tidy(trace),
    error: tidy(error),
    distance: tidy(distance),
    predicted: tidy(predicted),
    random: tidy(random),
    stays: tidy(stays),
    story: `${traceStory(numbers, state)} ${diagonalStory(numbers, state)}`,
  };
}

function traceStory({ trace, true_trace, off }, { probes }) {
  const after = probes === 1 ? "After 1 probe" : `After ${probes} probes`;
  if (off === null)
    return `${after} the trace is ${plain(trace)}, which is exact: for a diagonal matrix z ⊙ Az is the diagonal, whatever the signs are.`;
  return `${after} the estimate of the trace is ${plain(trace)}, of ${true_trace}: ${plain(Math.abs(off), 2)} predicted standard errors off. Half the error takes ${4 * probes} probes.`;
}

function diagonalStory({ random, stays }, { block }) {
  if (block === 1) return random > 0 ? `An entry of the diagonal is off by about ${plain(random, 2)} by chance.` : "";
  const chance = random > 0 ? `by about ${plain(random, 2)} by chance and ` : "";
  return `Averaged over blocks of ${block}, an entry is off ${chance}by ${plain(stays, 2)} for good, however many probes there are.`;
}
