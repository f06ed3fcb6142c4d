import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/** What worker.mjs reports after the load and after each step. */
export interface Report {
  /** Time of the load or of the step. */
  readonly milliseconds: number;
  /** CPU time since the process started. */
  readonly cpuMilliseconds: number;
  /** Largest resident memory since the process started. */
  readonly peakBytes: number;
}

/** What Secrets Manager sends to a rotation function. */
export interface RotationEvent {
  readonly Step: string;
  readonly SecretId: string;
  readonly ClientRequestToken: string;
}

/** A fresh process that runs a function, as a worker of Lambda does. */
export interface WorkerProcess {
  /** Runs one step. @throws Error if the step fails, which ends the process. */
  run(event: RotationEvent): Promise<Report>;
  /** Ends the process and waits until it is gone. */
  end(): Promise<void>;
}

/** @returns the worker and the report of the load. */
export async function startWorker(
  file: string,
  env: Readonly<Record<string, string>>,
): Promise<{ worker: WorkerProcess; load: Report }> {
  // The log of the function goes to the standard output, which nobody reads here.
  const child = spawn(process.execPath, [join(import.meta.dirname, 'worker.mjs'), file], {
    env,
    stdio: ['pipe', 'ignore', 'pipe', 'pipe'],
  });
  const reports = createInterface({ input: child.stdio[3] as Readable })[Symbol.asyncIterator]();
  let errors = '';
  child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const nextReport = async (): Promise<Report> => {
    const line = await reports.next();
    if (line.done === true) {
      // Node first prints the line of the bundle that threw, which is up to a megabyte long.
      throw new Error(`The worker ended without a report: ${errors.slice(-1000)}`);
    }
    return JSON.parse(line.value) as Report;
  };
  const worker: WorkerProcess = {
    run: (event) => {
      child.stdin?.write(`${JSON.stringify(event)}\n`);
      return nextReport();
    },
    end: async () => {
      const gone = child.exitCode === null ? once(child, 'exit') : undefined;
      child.stdin?.end();
      await gone;
    },
  };
  return { worker, load: await nextReport() };
}
