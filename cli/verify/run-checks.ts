import type { Failure } from '../outcome/failure.ts';
import { endWith } from '../outcome/failure-error.ts';
import { briefOf } from './explain.ts';
import { type Observation, UndecidedError } from './observation.ts';
import type { Assumption } from './register/assumption.ts';
import { ASSUMPTIONS } from './register/assumptions.ts';
import { lackOf } from './register/needs.ts';
import { type Row, rowOf } from './result.ts';
import type { Run } from './run.ts';

const INTERRUPTED: Failure = {
  kind: 'interrupted',
  code: 'interrupted',
  message: 'The command was interrupted.',
  advice: 'What was created is removed. Run the command again.',
};

/** @returns a row for each assumption. @throws FailureError after Ctrl-C */
export async function runChecks(run: Run, showProgress: (line: string) => void): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const [id, assumption] of ASSUMPTIONS) {
    const observation = await observe(assumption, run, () => showProgress(`checking: ${id}`));
    if (run.interrupted.aborted) {
      endWith(INTERRUPTED);
    }
    rows.push(rowOf(id, assumption, observation));
  }
  return rows;
}

/** @throws every error that is a fault of the command */
async function observe(assumption: Assumption, run: Run, showStart: () => void): Promise<Observation> {
  if ('unchecked' in assumption) {
    return { verdict: 'not checked', seen: `No check: ${assumption.unchecked}.` };
  }
  const lack = lackOf(assumption.needs ?? [], run);
  if (lack !== undefined) {
    return lack;
  }
  showStart();
  try {
    return await assumption.check(run);
  } catch (error) {
    return { verdict: 'undecided', seen: error instanceof UndecidedError ? error.message : briefOf(error) };
  }
}
