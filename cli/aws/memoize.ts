/**
 * Returns a function that calls `make` once for each key, and remembers what it returned.
 *
 * @param keyOf for keys that are equal although they are not the same object
 */
export function memoize<Key, Value>(
  make: (key: Key) => Value,
  keyOf: (key: Key) => unknown = (key) => key,
): (key: Key) => Value {
  const made = new Map<unknown, Value>();
  return (given) => {
    const key = keyOf(given);
    const value = made.get(key) ?? make(given);
    made.set(key, value);
    return value;
  };
}
