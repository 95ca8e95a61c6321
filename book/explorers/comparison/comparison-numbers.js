// The numbers of the comparison: how a method ends at a setting, and its place when fewer rates are tried.

export const CHOSEN = "chosen";
export const DEFAULTS = "defaults";

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
  const best = ({ first }) => Number(expectedBest(first, tries).toPrecision(12));
  return Object.entries(methods)
    .map(([name, method]) => [name, best(method)])
    .sort(([, a], [, b]) => b - a);
}

// The row of a setting; none where the setting is a rate.
export function rowOf(mine, setting) {
  return setting === CHOSEN || setting === DEFAULTS ? mine[setting] : undefined;
}

// `trial` is [validation accuracy, whether it failed] at this rate, `chosen` the same at the rate that won; `row` is
// of the final runs; null where there is none.
export function numbersOf(results, { task, method, setting, tries }) {
  const { methods, best, epochs } = results[task];
  const { title, rates, trials, first, chosen } = methods[method];
  const row = rowOf(methods[method], setting) ?? null;
  const ranked = ranking(methods, tries);
  const trialAt = (lr) => trials[rates.indexOf(lr)];
  return {
    title,
    setting,
    row,
    tries,
    rates: first.length,
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
