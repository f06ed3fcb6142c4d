import type { AttachedCloud } from '../../local/local-cloud.ts';
import { CONTINUATIONS } from './continuations.ts';
import type { Scenario } from './scenarios.ts';
import type { DeployedFunction } from './subject.ts';
import { Subject } from './subject.ts';

/**
 * - `recovered`: the next attempt completes; the new AWSCURRENT logs in, and an edit made by hand is in it.
 * - `recovered late`: the attempt after that one does.
 * - `stuck`: applications log in, but no attempt completes without another human hand.
 * - `locked out`: the password in AWSCURRENT is refused, and no attempt mends that.
 * - `edit lost`: it completed without what a person had stored meanwhile.
 * - `not reached`: the function never makes the call at which the scenario strikes.
 */
export const OUTCOMES = ['recovered', 'recovered late', 'stuck', 'locked out', 'edit lost', 'not reached'] as const;

export type Outcome = (typeof OUTCOMES)[number];

/** Attempts after the trouble has ended. More would only repeat the last. */
const ATTEMPTS = 3;

export async function outcomeOf(
  scenario: Scenario,
  cloud: AttachedCloud,
  rotatedBy: DeployedFunction,
): Promise<Outcome> {
  const subject = await Subject.on(cloud, rotatedBy);
  try {
    if (!(await scenario.trouble(subject))) {
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
