/** @param keyOf for keys that are equal although they are not the same object */
export function memoize<Key, Value>(
  make: (key: Key) => Value,
  keyOf: (key: Key) => unknown = (key) => key,
): (key: Key) => Value {
  const made = new Map<unknown, Value>();
  return (key) => {
    const value = made.get(keyOf(key)) ?? make(key);
    made.set(keyOf(key), value);
    return value;
  };
}
