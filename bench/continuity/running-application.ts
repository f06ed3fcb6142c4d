import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { ApplicationRecord, Request, ThreadData } from './application-thread.ts';

/** An application in a thread of its own. */
export interface RunningApplication {
  readonly data: ThreadData;
  hasSettledSince(since: number): Promise<boolean>;
  stop(): Promise<ApplicationRecord>;
  /** Ends the thread, also after an error. */
  end(): Promise<unknown>;
}

/**
 * Starts an application. In a common thread, an application that makes a client would delay the
 * calls of the others, most of all during an interruption.
 *
 * @throws the error of the client if it cannot connect.
 */
export async function startApplication(data: ThreadData): Promise<RunningApplication> {
  const thread = new Worker(new URL('application-thread.ts', import.meta.url), { workerData: data, execArgv: [] });
  await once(thread, 'message');
  const ask = async <T>(request: Request): Promise<T> => {
    thread.postMessage(request);
    const [answer] = (await once(thread, 'message')) as [T];
    return answer;
  };
  return {
    data,
    hasSettledSince: (since) => ask({ kind: 'settled', since }),
    stop: () => ask({ kind: 'stop' }),
    end: () => thread.terminate(),
  };
}
