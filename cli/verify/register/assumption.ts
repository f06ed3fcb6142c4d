import type { Observation } from '../observation.ts';
import type { Run } from '../run.ts';
import type { Need } from './needs.ts';

/** A behaviour of a service that the code relies on or imitates. */
export type Assumption = {
  readonly behaviour: string;
  /** In Markdown. See evidence.ts. */
  readonly evidence: string;
  /** What a user notices if the service behaves otherwise. */
  readonly ifFalse: string;
} & (Checked | { readonly unchecked: string });

export interface Checked {
  /** Without one of these, the check does not run. @default none */
  readonly needs?: readonly Need[];
  /** Leaves the secret and its credential usable for the next check. @throws UndecidedError */
  readonly check: (run: Run) => Promise<Observation>;
}

/** By id. The checks run in this order, because each changes what the next one finds. */
export type Assumptions = Readonly<Record<string, Assumption>>;
