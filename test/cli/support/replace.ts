/** Replaces a method by what is made of it. */
export function replace<Target, Name extends keyof Target>(
  target: Target,
  name: Name,
  by: (call: Target[Name]) => Target[Name],
): void {
  const call = target[name];
  target[name] = by(typeof call === 'function' ? call.bind(target) : call);
}
