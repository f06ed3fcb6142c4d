/** An application in a thread of its own. The thread that started it sends {@link Request}s. */
import { parentPort, workerData } from 'node:worker_threads';
import { Application, type Call, type Load } from './application.ts';
import { type ClientName, type ClientOptions, connectClient } from './clients.ts';

export interface ThreadData {
  readonly name: ClientName;
  readonly options: ClientOptions;
  readonly collection: string;
  readonly load: Load;
}

/**
 * `settled`: whether every worker has called since a time, and a client that reads in intervals
 * has read since then.
 * `stop`: the {@link ApplicationRecord} of the application, after the calls that have begun.
 */
export type Request = { readonly kind: 'settled'; readonly since: number } | { readonly kind: 'stop' };

/** What the application did and saw. */
export interface ApplicationRecord {
  readonly calls: readonly Call[];
  readonly replacements: readonly number[];
  /** The keys of the inserts that Milvus confirmed. */
  readonly confirmed: ReadonlySet<number>;
  /** The number of keys that were sent. They count from 0. */
  readonly keys: number;
}

const { name, options, collection, load } = workerData as ThreadData;
const client = await connectClient(name, options);
const application = new Application(client, collection, load);

async function stop(): Promise<ApplicationRecord> {
  await application.stop();
  await client.close();
  const { calls, confirmed, keys } = application;
  return { calls, replacements: client.replacements, confirmed, keys };
}

parentPort?.on('message', (request: Request) => {
  if (request.kind === 'stop') {
    void stop().then((record) => parentPort?.postMessage(record));
  } else {
    const { since } = request;
    parentPort?.postMessage(application.callsSince(since) >= load.workers && client.hasReadSince(since));
  }
});
parentPort?.postMessage('running');
