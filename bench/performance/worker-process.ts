import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { RotationEvent } from '../../local/cloud/lambda-function.ts';

/** What the worker measures of a rotation. */
export interface WorkerFigures {
  /** The four steps together. */
  readonly milliseconds: number;
  /** CPU time since the rotation before it. For a cold rotation: since the process started. */
  readonly cpuMs: number;
  /** Largest resident memory since the process started. */
  readonly peakBytes: number;
}

/** A fresh process that runs a function, as a worker of Lambda does. */
export interface Worker {
  readonly loadMs: number;
  /** Runs the steps of a rotation. @throws Error if one of them fails, which ends the process. */
  rotate(events: readonly RotationEvent[]): Promise<WorkerFigures>;
  /** Ends the process and waits until it is gone. */
  end(): Promise<void>;
}

export async function startWorker(file: string, env: Readonly<Record<string, string>>): Promise<Worker> {
  // The log of the function goes to the standard output, which nobody reads here.
  const stdio = ['ignore', 'ignore', 'pipe', 'ipc'] as const;
  const child = fork(join(import.meta.dirname, 'worker.mjs'), [file], { env, execArgv: [], stdio: [...stdio] });
  const closed = once(child, 'close');
  let errors = '';
  child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const nextReport = async (): Promise<WorkerFigures> => {
    const [report] = (await Promise.race([once(child, 'message'), closed.then(() => [])])) as [WorkerFigures?];
    if (report === undefined) {
      // Node first prints the line of the bundle that threw, which is up to a megabyte long.
      throw new Error(`The worker ended without a report: ${errors.slice(-1000)}`);
    }
    return report;
  };
  return {
    loadMs: (await nextReport()).milliseconds,
    rotate: (events) => {
      child.send(events);
      return nextReport();
    },
    end: async () => {
      child.kill();
      await closed;
    },
  };
}
