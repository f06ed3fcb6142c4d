import { blocked, type Check, type Need, notChecked, type Observation, type TemporaryRotation } from './check.ts';
import { CLUSTER_CHECKS, LOCKOUT_CHECK } from './cluster-checks.ts';
import { failureOf } from './explain.ts';
import { FAILURE_CHECKS } from './failure-checks.ts';
import { KEY_CHECKS } from './key-checks.ts';
import { PASSWORD_CHECKS } from './password-checks.ts';
import { ROTATION_CHECKS } from './rotation-checks.ts';
import { LABEL_CHECK, SECRET_CHECKS } from './secret-checks.ts';

/** In the order in which they run, because each changes the state that the next one needs. */
export const CHECKS: readonly Check[] = [
  ...CLUSTER_CHECKS,
  ...PASSWORD_CHECKS,
  ...KEY_CHECKS,
  ...SECRET_CHECKS,
  ...ROTATION_CHECKS,
  ...FAILURE_CHECKS,
  LABEL_CHECK,
  LOCKOUT_CHECK,
];

/** @returns what each id was decided to be */
export async function runChecks(
  rotation: TemporaryRotation,
  slow: boolean,
  showProgress: (line: string) => void,
): Promise<ReadonlyMap<string, Observation>> {
  const observations = new Map<string, Observation>();
  for (const check of CHECKS) {
    const has = { ...rotation, user: rotation.keys === undefined || undefined, slow: slow || undefined };
    const lacking = check.needs.find((need) => has[need] === undefined);
    if (lacking === undefined) {
      showProgress(`checking: ${check.covers.join(', ')}`);
    }
    const observation = lacking === undefined ? await observe(check, rotation) : notChecked(LACKS[lacking]);
    // An id with a check of users and one of keys keeps the observation of this run.
    for (const id of check.covers.filter((covered) => lacking === undefined || !observations.has(covered))) {
      observations.set(id, observation);
    }
  }
  return observations;
}

const NO_ROTATION = 'The rotation that this check needs did not start or complete.';

/** What a check says that lacks what it needs. */
const LACKS: Readonly<Record<Need, string>> = {
  user: 'Needs a cluster user: --admin-secret or --users.',
  keys: 'Needs an API key: --manager --like KEY-ID.',
  slow: 'Needs --slow.',
  rotatedId: NO_ROTATION,
  failedId: NO_ROTATION,
};

/** @throws every error that is a fault of the command */
async function observe(check: Check, rotation: TemporaryRotation): Promise<Observation> {
  const interruption = blocked('The command was interrupted.');
  if (rotation.interrupted.aborted) {
    return interruption;
  }
  try {
    const observation = await check.run(rotation);
    return rotation.interrupted.aborted && observation.verdict !== 'holds' ? interruption : observation;
  } catch (error) {
    return blocked(failureOf(error).brief);
  }
}
