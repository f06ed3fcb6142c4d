import { interruptedBeforeChange } from '../outcome/failure.ts';
import { endWith } from '../outcome/failure-error.ts';
import { briefOf } from './explain.ts';
import type { Row } from './json-schema.ts';
import { type Observation, UndecidedError } from './observation.ts';
import type { Assumption } from './register/assumption.ts';
import { ASSUMPTIONS } from './register/assumptions.ts';
import { lackOf } from './register/needs.ts';
import { rowOf } from './result.ts';
import type { Run } from './run.ts';

/** @returns a row for each assumption. @throws FailureError after Ctrl-C */
export async function runChecks(run: Run): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const [id, assumption] of ASSUMPTIONS) {
    const observation = await observe(id, assumption, run);
    if (run.interrupted.aborted) {
      endWith({ ...interruptedBeforeChange(), advice: 'What was created is removed. Run the command again.' });
    }
    rows.push(rowOf(id, assumption, observation));
  }
  return rows;
}

/** @throws every error that is a fault of the command */
async function observe(id: string, assumption: Assumption, run: Run): Promise<Observation> {
  if ('unchecked' in assumption) {
    return { verdict: 'not checked', seen: `No check: ${assumption.unchecked}.` };
  }
  const lack = lackOf(assumption.needs ?? [], run);
  if (lack !== undefined) {
    return lack;
  }
  run.showProgress(`checking: ${id}`);
  try {
    return await assumption.check(run);
  } catch (error) {
    return { verdict: 'undecided', seen: error instanceof UndecidedError ? error.message : briefOf(error) };
  }
}
