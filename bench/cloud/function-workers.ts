import { readdirSync, readFileSync } from 'node:fs';

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
