import { ClusterUnavailableError } from '../../protocol/cluster/cluster.ts';
import { ControlPlaneError } from '../../protocol/keys/control-plane.ts';
import { SecretStoreError } from '../../protocol/secret/secret-store.ts';
import { AwsError } from '../aws/aws-error.ts';
import { failureOf } from '../aws/explain-aws-error.ts';
import { endWith, interruptedBeforeChange } from '../outcome/failure.ts';
import type { Row } from './json-schema.ts';
import { type Observation, UndecidedError } from './observation.ts';
import { type Assumption, lackOf } from './register/assumption.ts';
import { ASSUMPTIONS } from './register/assumptions.ts';
import { registerRow } from './result.ts';
import type { Run } from './run.ts';

/** @returns a row for each assumption. @throws FailureError after Ctrl-C */
export async function runChecks(run: Run): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const [id, assumption] of ASSUMPTIONS) {
    const observation = await observe(id, assumption, run);
    if (run.interrupted.aborted) {
      endWith({ ...interruptedBeforeChange(), advice: 'What was created is removed. Run the command again.' });
    }
    rows.push(registerRow(id, assumption, observation));
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

/** Why a check decides nothing. Names no secret, host or account. @throws as {@link failureOf} */
function briefOf(error: unknown): string {
  const { code } = failureOf(error, 'failed');
  if (error instanceof AwsError || error instanceof SecretStoreError) {
    return `${error.action}: ${code}.`;
  }
  const isOfCluster = error instanceof ClusterUnavailableError || error instanceof ControlPlaneError;
  return isOfCluster ? `${code}: ${error.kind}.` : `${code}.`;
}
