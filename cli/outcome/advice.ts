declare const advised: unique symbol;

/**
 * What a person does next. Only {@link advise} makes such a text, so that a test finds every text
 * in the source, and fails for a text that no test follows.
 */
export type Advice = string & { readonly [advised]: true };

/** `test/cli/advice` has a story for each of these templates. */
export function advise(text: TemplateStringsArray, ...values: readonly string[]): Advice {
  return String.raw({ raw: text }, ...values) as Advice;
}
