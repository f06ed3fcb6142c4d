import { DEFAULT_CONTROL_PLANE } from '../../../protocol/keys/control-plane.ts';
import type { Observation } from '../observation.ts';
import type { Run } from '../run.ts';

/** What a check may need. */
export type Need = 'user' | 'admin' | 'rest' | 'keys' | 'defaultAddress' | 'slow';

const LACKS: Readonly<Record<Need, string>> = {
  user: 'Needs a cluster user: --admin-secret or --users.',
  admin: 'Needs --admin-secret.',
  rest: 'Needs REST v2 at the endpoint, and a run without --transport grpc.',
  keys: 'Needs an API key: --manager --like KEY-ID.',
  defaultAddress: 'The configuration of the function names another address.',
  slow: 'Needs --slow.',
};

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
