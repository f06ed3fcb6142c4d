import { DEFAULT_CONTROL_PLANE } from '../../protocol/keys/control-plane.ts';
import type { Failure } from '../outcome/failure.ts';
import { FailureError } from '../outcome/failure-error.ts';
import { type Check, type Need, type Observation, type TemporaryRotation, UndecidedError } from './check.ts';
import { CLUSTER_CHECKS, LAST_CLUSTER_CHECKS } from './cluster-checks.ts';
import { explain } from './explain.ts';
import { FAILURE_CHECKS } from './failure-checks.ts';
import { KEY_CHECKS } from './key-checks.ts';
import { PASSWORD_CHECKS } from './password-checks.ts';
import { ROTATION_CHECKS } from './rotation-checks.ts';
import { LAST_SECRET_CHECKS, SECRET_CHECKS } from './secret-checks.ts';
import { TRAIL_CHECKS } from './trail-checks.ts';

/** In the order in which they run, because each changes the state that the next one needs. */
export const CHECKS: readonly Check[] = [
  ...CLUSTER_CHECKS,
  ...PASSWORD_CHECKS,
  ...KEY_CHECKS,
  ...SECRET_CHECKS,
  ...ROTATION_CHECKS,
  ...FAILURE_CHECKS,
  ...TRAIL_CHECKS,
  ...LAST_SECRET_CHECKS,
  ...LAST_CLUSTER_CHECKS,
];

/** @returns what each id was decided to be. @throws FailureError after Ctrl-C */
export async function runChecks(
  rotation: TemporaryRotation,
  slow: boolean,
  showProgress: (line: string) => void,
): Promise<ReadonlyMap<string, Observation>> {
  const observations = new Map<string, Observation>();
  for (const check of CHECKS) {
    const lacking = lackOf(check, rotation, slow);
    if (lacking === undefined) {
      showProgress(`checking: ${check.covers.join(', ')}`);
    }
    const observation = lacking ?? (await observe(check, rotation));
    if (rotation.interrupted.aborted) {
      throw new FailureError(INTERRUPTED);
    }
    // An id with a check of users and one of keys keeps the observation of this run.
    for (const id of check.covers.filter((covered) => lacking === undefined || !observations.has(covered))) {
      observations.set(id, observation);
    }
  }
  return observations;
}

function lackOf({ needs }: Check, rotation: TemporaryRotation, slow: boolean): Observation | undefined {
  const { url, path } = rotation.deployed.config.controlPlane;
  const defaultAddress = url === DEFAULT_CONTROL_PLANE.url && path === DEFAULT_CONTROL_PLANE.path;
  const has = { ...rotation, user: !rotation.keys, rest: rotation.clusters.has('rest'), defaultAddress, slow };
  const lacking = needs.find((need) => !has[need]);
  return lacking && LACKS[lacking];
}

const INTERRUPTED: Failure = {
  kind: 'interrupted',
  code: 'interrupted',
  message: 'The command was interrupted.',
  advice: 'What was created is removed. Run the command again.',
};

const NO_ROTATION: Observation = {
  verdict: 'undecided',
  seen: 'The rotation that this check needs did not start or complete.',
};

/** What a check says that lacks what it needs. */
const LACKS: Readonly<Record<Need, Observation>> = {
  user: { verdict: 'not checked', seen: 'Needs a cluster user: --admin-secret or --users.' },
  admin: { verdict: 'not checked', seen: 'Needs --admin-secret.' },
  rest: { verdict: 'not checked', seen: 'Needs REST v2 at the endpoint, and a run without --transport grpc.' },
  keys: { verdict: 'not checked', seen: 'Needs an API key: --manager --like KEY-ID.' },
  defaultAddress: { verdict: 'not checked', seen: 'The configuration of the function names another address.' },
  slow: { verdict: 'not checked', seen: 'Needs --slow.' },
  rotatedId: NO_ROTATION,
  failedId: NO_ROTATION,
};

/** @throws every error that is a fault of the command */
async function observe(check: Check, rotation: TemporaryRotation): Promise<Observation> {
  try {
    return await check.run(rotation);
  } catch (error) {
    return { verdict: 'undecided', seen: error instanceof UndecidedError ? error.message : explain(error).brief };
  }
}
