// Normal and uniform noise from whole numbers alone, by mulberry32 of Tommy Ettinger: a counter whose 32 bits are mixed by
// multiplications. Each uniform number is a multiple of 2^-32 and their sums are exact.

export const SEEDS = 2 ** 32;

export function isSeed(value) {
  return Number.isInteger(value) && value >= 0 && value < SEEDS;
}

export function normals(seed) {
  const word = mulberry(seed);
  return () => {
    let sum = 0;
    for (let i = 0; i < 12; i += 1) sum += word();
    return sum / 2 ** 32 - 6;
  };
}

// From 0 on and below 1.
export function uniforms(seed) {
  const word = mulberry(seed);
  return () => word() / 2 ** 32;
}

function mulberry(seed) {
  let counter = seed;
  return () => {
    counter = (counter + 0x6d2b79f5) >>> 0;
    let word = Math.imul(counter ^ (counter >>> 15), counter | 1);
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
    return (word ^ (word >>> 14)) >>> 0;
  };
}
