import { readdirSync, readFileSync } from 'node:fs';
import { Lambda } from '@aws-sdk/client-lambda';
import { awsOptions, type LocalCloudAccess } from '../../local/cloud/access.ts';

/**
 * Kills the processes that run one Lambda function, as a crash does. The environment variable that
 * Lambda sets identifies these processes.
 *
 * @returns the number of killed processes.
 */
export function killWorkersOf(functionName: string): number {
  const variable = `AWS_LAMBDA_FUNCTION_NAME=${functionName}`;
  const workers = readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(variable);
    } catch {
      return false;
    }
  });
  for (const pid of workers) {
    process.kill(Number(pid), 'SIGKILL');
  }
  return workers.length;
}

/** The time limit of the functions, in seconds. */
const TIMEOUT = 60;

/**
 * Makes Lambda start a new worker for the next invocation, by an update of the function's
 * configuration that changes nothing.
 */
export async function renewWorkersOf(FunctionName: string, access: LocalCloudAccess): Promise<void> {
  await new Lambda(awsOptions(access)).updateFunctionConfiguration({ FunctionName, Timeout: TIMEOUT });
}
