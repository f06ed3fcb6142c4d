import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { ApplicationRecord, Request, ThreadData } from './application-thread.ts';

/**
 * An application in a thread of its own. In a common thread, an application that makes a client
 * would delay the calls of the others, most of all during an interruption.
 */
export class RunningApplication {
  readonly data: ThreadData;
  readonly #thread: Worker;

  private constructor(data: ThreadData, thread: Worker) {
    this.data = data;
    this.#thread = thread;
  }

  /** @throws the error of the client if it cannot connect. */
  static async start(data: ThreadData): Promise<RunningApplication> {
    const thread = new Worker(new URL('application-thread.ts', import.meta.url), { workerData: data, execArgv: [] });
    await once(thread, 'message');
    return new RunningApplication(data, thread);
  }

  hasSettledSince(since: number): Promise<boolean> {
    return this.#ask({ kind: 'settled', since });
  }

  stop(): Promise<ApplicationRecord> {
    return this.#ask({ kind: 'stop' });
  }

  /** Ends the thread, also after an error. */
  async end(): Promise<void> {
    await this.#thread.terminate();
  }

  async #ask<T>(request: Request): Promise<T> {
    this.#thread.postMessage(request);
    const [answer] = (await once(this.#thread, 'message')) as [T];
    return answer;
  }
}
