import { DEFAULT_CONTROL_PLANE } from '../../../protocol/keys/control-plane.ts';
import type { Observation } from '../observation.ts';
import type { Run } from '../run.ts';

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

/** What a check may need, and what the result says without it. */
const LACKS = {
  user: 'Needs a cluster user: --admin-secret or --users.',
  admin: 'Needs --admin-secret.',
  rest: 'Needs REST v2 at the endpoint, and a run without --transport grpc.',
  keys: 'Needs an API key: --manager --like KEY-ID.',
  defaultAddress: 'The configuration of the function names another address.',
  slow: 'Needs --slow.',
} as const;

export type Need = keyof typeof LACKS;

/** Why a check does not run. `undefined`: it runs. */
export function lackOf(needs: readonly Need[], run: Run): Observation | undefined {
  const { url, path } = run.deployed.config.controlPlane;
  const has = {
    ...run,
    user: !run.keys,
    rest: run.clusters.has('rest'),
    defaultAddress: url === DEFAULT_CONTROL_PLANE.url && path === DEFAULT_CONTROL_PLANE.path,
    slow: run.options.slow,
  };
  const lacking = needs.find((need) => !has[need]);
  return lacking && { verdict: 'not checked', seen: LACKS[lacking] };
}
