import type { Credentials } from '../../../protocol/cluster/cluster.ts';
import { canLogIn } from '../../support/servers.ts';

const REREAD_MS = 1000;

/**
 * An application that calls the cluster without a pause. It keeps a credential in memory, and
 * reads the secret again every second, whether its calls succeed or not.
 */
export class CachingApplication {
  /** How many calls the cluster has accepted. */
  accepted = 0;
  /** The users of the calls that the cluster has refused. */
  readonly refused: string[] = [];
  /** The user whose credential is in memory. */
  username = '';
  readonly #read: () => Promise<Credentials>;
  #stopped = false;
  #end: Promise<void> = Promise.resolve();

  /** @param read reads the credential in AWSCURRENT. */
  constructor(read: () => Promise<Credentials>) {
    this.#read = read;
  }

  async start(): Promise<void> {
    const first = await this.#read();
    this.#end = this.#callUntilStopped(first);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#end;
  }

  async #callUntilStopped(first: Credentials): Promise<void> {
    let credential = first;
    let readAt = performance.now();
    while (!this.#stopped) {
      if (performance.now() - readAt >= REREAD_MS) {
        credential = await this.#read();
        readAt = performance.now();
      }
      this.username = credential.username;
      if (await canLogIn(credential)) {
        this.accepted += 1;
      } else {
        this.refused.push(credential.username);
      }
    }
  }
}
