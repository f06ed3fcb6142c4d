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
