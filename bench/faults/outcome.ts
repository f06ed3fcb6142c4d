import type { AttachedCloud } from '../../local/local-cloud.ts';
import { CONTINUATIONS } from './continuations.ts';
import type { Scenario } from './scenarios.ts';
import { type DeployedFunction, Subject } from './subject.ts';

/**
 * The outcomes of a scenario, judged after its fault has ended.
 *
 * - `recovered`: the next attempt completes. The cluster accepts the new AWSCURRENT, which keeps
 *   manual edits.
 * - `recovered late`: a later attempt completes in this way.
 * - `stuck`: applications can log in, but no attempt completes without another manual change.
 * - `locked out`: the cluster rejects AWSCURRENT, and no attempt completes.
 * - `edit lost`: an attempt completes, and the new AWSCURRENT lacks a manual edit.
 * - `not reached`: the function never makes the call of the fault.
 */
export const OUTCOMES = ['recovered', 'recovered late', 'stuck', 'locked out', 'edit lost', 'not reached'] as const;

export type Outcome = (typeof OUTCOMES)[number];

/** Attempts after the fault has ended. Further attempts would repeat the last result. */
const ATTEMPTS = 3;

export async function outcomeOf(
  scenario: Scenario,
  cloud: AttachedCloud,
  rotatedBy: DeployedFunction,
): Promise<Outcome> {
  const subject = await Subject.on(cloud, rotatedBy);
  try {
    if (!(await scenario.fault(subject))) {
      return 'not reached';
    }
    await CONTINUATIONS[scenario.continuation](subject);
    const before = await subject.holder('AWSCURRENT');
    const note = noteIn(await subject.current());
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      await subject.rotate();
      if ((await subject.holder('AWSCURRENT')) !== before && (await subject.applicationsLogIn())) {
        if (noteIn(await subject.current()) !== note) {
          return 'edit lost';
        }
        return attempt === 1 ? 'recovered' : 'recovered late';
      }
    }
    return (await subject.applicationsLogIn()) ? 'stuck' : 'locked out';
  } finally {
    await subject.close();
  }
}

function noteIn(value: string): unknown {
  return (JSON.parse(value) as { note?: unknown }).note;
}
