// Points that a hand sets: to the hundredth, and in a box.

export function hundredths(x) {
  return Number(x.toFixed(2));
}

export function holds(box, point) {
  return (
    Array.isArray(point) &&
    point.length === box.length &&
    box.every(([low, high], i) => point[i] >= low && point[i] <= high)
  );
}
