/** A behaviour of a service that the code relies on or imitates. */
export interface Assumption {
  readonly behaviour: string;
  readonly evidence: Evidence;
  /** What a user notices if the service behaves otherwise. */
  readonly ifFalse: string;
  /** Why no check of `zilliz-rotation verify` can see it from outside. */
  readonly unchecked?: string;
}

/**
 * - `documented`: the documentation of the service says so.
 * - `read`: read in the source code of the service, or of another program that uses it.
 * - `seen`: tests of this project see it on a real server.
 * - `assumed`: none of these.
 */
export type Evidence =
  | { readonly kind: 'documented' | 'read'; readonly sources: readonly Source[] }
  | { readonly kind: 'seen'; readonly on: string }
  | { readonly kind: 'assumed' };

export interface Source {
  readonly name: string;
  readonly url: string;
}

export const ASSUMED: Evidence = { kind: 'assumed' };

/** Named after the last part of the address. */
export function documented(...urls: readonly string[]): Evidence {
  const sources = urls.map((url) => ({ name: url.slice(url.lastIndexOf('/') + 1).replace('.html', ''), url }));
  return { kind: 'documented', sources };
}

export function readIn(...sources: readonly Source[]): Evidence {
  return { kind: 'read', sources };
}
