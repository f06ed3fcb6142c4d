import { CONTINUATIONS } from '../../local/cloud/continuations.ts';
import type { AttachedCloud } from '../../local/local-cloud.ts';
import { AWSCURRENT } from '../../protocol/secret/versions.ts';
import type { FunctionUnderTest } from './functions.ts';
import type { Scenario } from './scenarios.ts';
import { Subject } from './subject.ts';

/**
 * What a scenario ends with, after its fault has ended.
 *
 * - `recovered`: the next attempt completes, and every proxy accepts the new AWSCURRENT. Some
 *   states allow the attempt after it.
 * - `recovered late`: a later attempt completes in this way.
 * - `stuck`: no attempt completes, and AWSCURRENT logs in.
 * - `locked out`: no attempt completes, and the cluster rejects AWSCURRENT.
 * - `promoted early`: an attempt completes while one of the proxies still rejects AWSCURRENT.
 * - `cut off`: two users take turns, and after a completed attempt, the credential that was in
 *   AWSCURRENT before the attempt does not log in any more.
 * - `altered`: an attempt completes, and the new AWSCURRENT lacks a manual edit or names another
 *   host or user.
 */
export type Outcome =
  | 'recovered'
  | 'recovered late'
  | 'stuck'
  | 'locked out'
  | 'promoted early'
  | 'cut off'
  | 'altered';

export interface Result {
  readonly outcome: Outcome;
  /** False if the function never made the call of the fault. */
  readonly faultOccurred: boolean;
  /** Requests for a user that AWSCURRENT does not name in the starting state. */
  readonly unintendedRequests: number;
}

/**
 * The number of attempts after the fault has ended. A fourth attempt would repeat the result of
 * the third.
 */
const ATTEMPTS = 3;

export async function play(
  { state, fault, continuation }: Scenario,
  cloud: AttachedCloud,
  rotatedBy: FunctionUnderTest,
): Promise<Result> {
  const subject = await Subject.on(cloud, rotatedBy, state.mayReset === true);
  try {
    await state.prepare(subject);
    subject.balancer.forget();
    const faultOccurred = await fault.inject(subject);
    await CONTINUATIONS[continuation](subject);
    const outcome = await outcomeOf(subject, state.attempts ?? 1);
    return { outcome, faultOccurred, unintendedRequests: subject.unintendedRequests };
  } finally {
    await subject.end();
  }
}

/** @param allowed the attempts that the function may need. */
async function outcomeOf(subject: Subject, allowed: number): Promise<Outcome> {
  const { [AWSCURRENT]: before } = await subject.labels();
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const kept = await subject.credentialToKeep();
    await subject.attempt();
    if ((await subject.labels())[AWSCURRENT] === before) {
      continue;
    }
    if (await subject.isAltered()) {
      return 'altered';
    }
    if (kept !== undefined && !(await subject.logsIn(kept))) {
      return 'cut off';
    }
    if (await subject.applicationsLogIn()) {
      return attempt <= allowed ? 'recovered' : 'recovered late';
    }
    subject.balancer.restore();
    if (await subject.applicationsLogIn()) {
      return 'promoted early';
    }
  }
  return (await subject.applicationsLogIn()) ? 'stuck' : 'locked out';
}
