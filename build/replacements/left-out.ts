/** Module loaders and `await` read these names of every module. They also read symbols. */
const READ_OF_EVERY_MODULE = ['__esModule', 'then'];

/** Answers every read and every call with itself, for a module that only records something. */
export const nothing: object = new Proxy(function anything() {}, {
  get: (target, name) =>
    typeof name === 'symbol' || READ_OF_EVERY_MODULE.includes(name) || name in target
      ? Reflect.get(target, name)
      : nothing,
  apply: () => nothing,
  construct: () => nothing,
});

/**
 * The exports of a module that is not in the bundle. It is a function, because some modules are
 * called.
 *
 * @param exports What the replacement exports.
 * @returns The exports. A call, and a read of any other export, throws. For {@link nothing}:
 *   nothing.
 */
export function leftOut(module: string, exports: object = {}): object {
  if (exports === nothing) {
    return nothing;
  }
  const refuse = (use: string): never => {
    throw new Error(
      `The bundle of the function does not contain ${module}, but ${use}. Remove the module from build/left-out.ts.`,
    );
  };
  const others = new Proxy(
    {},
    {
      get: (target, name) =>
        typeof name === 'symbol' || READ_OF_EVERY_MODULE.includes(name) || name in target
          ? Reflect.get(target, name)
          : refuse(`something reads ${name} of it`),
    },
  );
  const called = (): never => refuse('something calls it');
  return Object.setPrototypeOf(Object.assign(called, exports), others) as object;
}
