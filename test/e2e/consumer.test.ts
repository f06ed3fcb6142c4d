import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { RotatingMilvus } from '../../examples/consume/node.ts';
import { awsEnvironment } from '../../local/cloud/access.ts';
import { tokenOf } from '../../secret/document.ts';
import { deployRotation, labelsOf, newSecret, rotateToItsEnd, rotationSettles } from '../support/deployed-rotation.ts';
import { newClusterUser, servers } from '../support/servers.ts';

describe('the consumer of README.md and examples/consume/node.ts', () => {
  let name: string;
  let username: string;

  beforeAll(async () => {
    const user = await newClusterUser('tls');
    username = user.username;
    name = await newSecret(
      JSON.stringify({ endpoint: user.endpoint.url, username, password: user.password, token: tokenOf(user) }),
    );
    await deployRotation([{ name }]);
    await rotationSettles(name);
  }, 120_000);

  it('keeps working while its secret is rotated, with the client that it has open', async () => {
    for (const [variable, value] of Object.entries(awsEnvironment(servers().access))) {
      vi.stubEnv(variable, value);
    }
    const milvus = new RotatingMilvus(name, {
      tls: { rootCert: Buffer.from(servers().access.milvus.tls.caPem ?? '') },
      maxRetries: 0,
    });
    onTestFinished(async () => {
      await milvus.close();
      vi.unstubAllEnvs();
    });
    const ask = async (): Promise<string | undefined> => {
      const answer = await milvus.use((client) => client.describeUser({ username }));
      return answer.results[0]?.user.name;
    };
    expect(await ask()).toBe(username);

    let rotating = true;
    const rotation = rotateToItsEnd(name).finally(() => {
      rotating = false;
    });
    let answers = 0;
    while (rotating) {
      expect(await ask()).toBe(username);
      answers += 1;
    }
    expect((await labelsOf(name))['AWSCURRENT']).toBe(await rotation);
    expect(answers).toBeGreaterThan(1);
    expect(await ask()).toBe(username);
  });
});
