import { setTimeout as wait } from 'node:timers/promises';
import { ConsistencyLevelEnum, type MilvusClient } from '@zilliz/milvus2-sdk-node';
import type { ApplicationClient, ClientName } from './clients.ts';
import { rowOf } from './rows.ts';

/** A call of the application. Times are those of `performance.now()`. */
export interface Call {
  readonly kind: 'insert' | 'query';
  readonly began: number;
  readonly ended: number;
  /** The code of gRPC or of Milvus, if the call failed. */
  readonly failure?: string;
}

export interface Load {
  readonly workers: number;
  /** The rate of all workers together. It is lower if calls take long. */
  readonly callsPerSecond: number;
}

/** Workers that insert and query in turn. Every row has a key of its own. */
export class Application {
  readonly name: ClientName;
  readonly client: ApplicationClient;
  readonly collection: string;
  readonly calls: Call[] = [];
  /** The keys of the inserts that Milvus confirmed. */
  readonly confirmed: Set<number> = new Set();
  #nextKey = 0;
  #isRunning = true;
  readonly #workerCount: number;
  readonly #workers: Promise<unknown>;

  constructor(name: ClientName, client: ApplicationClient, collection: string, { workers, callsPerSecond }: Load) {
    this.name = name;
    this.#workerCount = workers;
    this.client = client;
    this.collection = collection;
    const periodMs = (1000 * workers) / callsPerSecond;
    this.#workers = Promise.all(
      Array.from({ length: workers }, (_, index) => this.#work(periodMs, (index * periodMs) / workers)),
    );
  }

  /** The number of keys that were sent. They count from 0. */
  get keys(): number {
    return this.#nextKey;
  }

  /**
   * Whether every worker has begun a call after this time. A client that reads the secret in
   * intervals must also have read the secret after this time.
   */
  hasSettledSince(time: number): boolean {
    const earlier = this.calls.findLastIndex(({ began }) => began <= time);
    return this.calls.length - 1 - earlier >= this.#workerCount && this.client.hasReadSince(time);
  }

  /** Waits for the calls that have begun. */
  async stop(): Promise<void> {
    this.#isRunning = false;
    await this.#workers;
  }

  async #work(periodMs: number, delayMs: number): Promise<void> {
    let due = performance.now() + delayMs;
    for (let count = 0; this.#isRunning; count += 1) {
      await wait(Math.max(due - performance.now(), 0));
      // A worker does not make up for what it missed during a long call.
      due = Math.max(due + periodMs, performance.now());
      await (count % 2 === 0 ? this.#insert(this.#nextKey++) : this.#query());
    }
  }

  async #insert(key: number): Promise<void> {
    const isConfirmed = await this.#call('insert', async (milvus) => {
      const answer = await milvus.insert({ collection_name: this.collection, data: [rowOf(key)] });
      return answer.status.error_code === 'Success' && answer.insert_cnt !== '1'
        ? `${answer.insert_cnt} rows inserted`
        : answer.status.error_code;
    });
    if (isConfirmed) {
      this.confirmed.add(key);
    }
  }

  async #query(): Promise<void> {
    const filter = `key == ${Math.floor(Math.random() * this.#nextKey)}`;
    await this.#call('query', async (milvus) => {
      const { status } = await milvus.query({
        collection_name: this.collection,
        filter,
        output_fields: ['key'],
        limit: 1,
        // By default, a query waits for the newest rows, up to half a second.
        consistency_level: ConsistencyLevelEnum.Bounded,
      });
      return status.error_code;
    });
  }

  /** @returns whether the call succeeded. */
  async #call(kind: Call['kind'], request: (milvus: MilvusClient) => Promise<unknown>): Promise<boolean> {
    const began = performance.now();
    const code = await this.client.call(request).catch((error: { code?: unknown }) => error.code ?? error);
    const ended = performance.now();
    const succeeded = code === 'Success';
    this.calls.push({ kind, began, ended, ...(succeeded ? {} : { failure: String(code) }) });
    return succeeded;
  }
}
