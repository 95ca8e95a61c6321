// The schedules of book/optim/schedules.py, number by number: from its parameters, in Python's order and without the
// length of the run, and that length, a function of the step that gives the factor of the rate.

export const SCHEDULES = {
  constant: () => () => 1,
  step:
    ([step_size, gamma]) =>
    (t) =>
      gamma ** Math.floor(t / step_size),
  exponential:
    ([gamma]) =>
    (t) =>
      gamma ** t,
  inverse_sqrt:
    ([warmup]) =>
    (t) =>
      Math.min((t + 1) / warmup, Math.sqrt(warmup / (t + 1))),
  cosine:
    ([T_max, eta_min]) =>
    (t) =>
      eta_min + (1 - eta_min) * halfCosine(Math.min(t / T_max, 1)),
  warmup_cosine([warmup, start_factor, eta_min], total_steps) {
    const fall = SCHEDULES.cosine([total_steps - warmup, eta_min]);
    return (t) => (t < warmup ? start_factor + ((1 - start_factor) * t) / warmup : fall(t - warmup));
  },
  one_cycle([pct_start, div_factor, final_div_factor], total_steps) {
    const [top, last] = [pct_start * total_steps - 1, total_steps - 1];
    const [low, end] = [1 / div_factor, 1 / (div_factor * final_div_factor)];
    return (t) =>
      t < top
        ? 1 + (low - 1) * halfCosine(t / top)
        : end + (1 - end) * halfCosine(Math.min((t - top) / (last - top), 1));
  },
};

// From 1 at share 0 to 0 at share 1.
function halfCosine(share) {
  return (1 + Math.cos(Math.PI * share)) / 2;
}
