import { createMilvusCluster } from '../../adapters/milvus-cluster.ts';
import type { AttachedCloud } from '../../local/local-cloud.ts';
import { withLocalMilvus } from '../../local/servers/milvus-client.ts';
import type { Credentials } from '../../protocol/cluster/cluster.ts';
import { newPassword } from '../cloud/cloud-secret.ts';

/** The cluster users of one scenario. */
export class ClusterUsers {
  readonly #cloud: AttachedCloud;
  /** Has a long time limit, because a busy machine must not prevent a judgement. */
  readonly #milvus = createMilvusCluster({ timeoutMs: 60_000 });
  readonly #created: string[] = [];

  constructor(cloud: AttachedCloud) {
    this.#cloud = cloud;
  }

  /** Creates a user. @returns the password */
  async add(username: string): Promise<string> {
    const password = newPassword();
    await this.#cloud.createClusterUser('plaintext', { username, password });
    this.#created.push(username);
    return password;
  }

  /** @throws Error if the cluster refuses the change. */
  async changePassword(old: Credentials, password: string): Promise<void> {
    const answer = await this.#milvus.changePassword(old, password);
    if (answer.kind !== 'changed') {
      throw new Error(`The password of ${old.username} was not changed: ${answer.answer}`);
    }
  }

  /** Whether the cluster accepts the credential, whichever of its two proxies is asked. */
  async logIn(credentials: Credentials): Promise<boolean> {
    const proxies = [1, 2];
    const logins = await Promise.all(proxies.map(() => this.#milvus.authenticates(credentials)));
    return logins.every(({ kind }) => kind === 'accepted');
  }

  async deleteAll(): Promise<void> {
    const { plaintext } = this.#cloud.access.milvus;
    await withLocalMilvus(plaintext, `root:${plaintext.rootPassword}`, async (root) => {
      for (const username of this.#created) {
        await root.deleteUser({ username });
      }
    });
  }
}
