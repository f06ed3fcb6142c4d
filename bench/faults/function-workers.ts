import { readdirSync, readFileSync } from 'node:fs';

/**
 * Kills the processes that run one Lambda function, as a crash or an out-of-memory would. They are told by the
 * environment that Lambda gives them, so no process of anybody else is touched.
 */
export function killWorkersOf(functionName: string): number {
  const mark = `AWS_LAMBDA_FUNCTION_NAME=${functionName}`;
  const workers = readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) {
      return false;
    }
    try {
      const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
      return environment.includes(mark);
    } catch {
      return false;
    }
  });
  for (const pid of workers) {
    process.kill(Number(pid), 'SIGKILL');
  }
  return workers.length;
}
