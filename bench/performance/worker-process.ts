import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import type { Readable } from 'node:stream';

/** What worker.mjs and worker.py report after the load and after each step. */
export interface Report {
  /** Time of the load or of the step. */
  readonly milliseconds: number;
  /** CPU time since the process started. */
  readonly cpuMilliseconds: number;
  /** Largest resident memory since the process started. */
  readonly peakBytes: number;
}

export interface RotationEvent {
  readonly Step: string;
  readonly SecretId: string;
  readonly ClientRequestToken: string;
}

/** A fresh process that runs a function, as a worker of Lambda does. */
export class WorkerProcess {
  readonly #child: ChildProcess;
  readonly #reports: AsyncIterator<string>;
  readonly #lines: Interface;
  #errors = '';

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#lines = createInterface({ input: child.stdio[3] as Readable });
    this.#reports = this.#lines[Symbol.asyncIterator]();
    child.stderr?.on('data', (chunk: Buffer) => {
      this.#errors += chunk.toString();
    });
  }

  /** @returns the worker and the report of the load. */
  static async start(
    [command, ...args]: readonly [string, ...string[]],
    env: Readonly<Record<string, string>>,
  ): Promise<{ worker: WorkerProcess; load: Report }> {
    // The log of the function goes to the standard output, which nobody reads here.
    const child = spawn(command, args, { env, stdio: ['pipe', 'ignore', 'pipe', 'pipe'] });
    const worker = new WorkerProcess(child);
    return { worker, load: await worker.#nextReport() };
  }

  /** Runs one step. @throws Error if the step fails, which ends the process. */
  async run(event: RotationEvent): Promise<Report> {
    this.#child.stdin?.write(`${JSON.stringify(event)}\n`);
    return await this.#nextReport();
  }

  async #nextReport(): Promise<Report> {
    const line = await this.#reports.next();
    if (line.done === true) {
      // Node first prints the line of the bundle that threw, which is up to a megabyte long.
      throw new Error(`The worker ended without a report: ${this.#errors.slice(-1000)}`);
    }
    return JSON.parse(line.value) as Report;
  }

  /** Ends the process and waits until it is gone. */
  async end(): Promise<void> {
    const gone = this.#child.exitCode === null ? once(this.#child, 'exit') : undefined;
    this.#child.stdin?.end();
    await gone;
  }
}
