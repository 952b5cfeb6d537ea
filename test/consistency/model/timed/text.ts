const NONE = 0;
const NEVER = 1;
const ZERO = 16;

/** Small numbers as text, one character each; `-Infinity` and undefined have one of their own. */
export function textOf(numbers: readonly (number | undefined)[]): string {
  return String.fromCharCode(
    ...numbers.map((each) => (each === undefined ? NONE : each === -Infinity ? NEVER : ZERO + each)),
  );
}
