import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { RotatingMilvus } from '../../examples/consume/node.ts';
import { awsEnvironment } from '../../local/cloud/access.ts';
import {
  deployRotation,
  labelsOf,
  newUserWithSecret,
  rotateToItsEnd,
  rotationSettles,
} from '../support/deployed-rotation.ts';
import { servers } from '../support/servers.ts';

describe('the application of README.md and examples/consume/node.ts', () => {
  let name: string;
  let username: string;

  beforeAll(async () => {
    const { secret, user } = await newUserWithSecret('tls');
    name = secret;
    username = user.username;
    await deployRotation([{ name }]);
    await rotationSettles(name);
  }, 120_000);

  it('keeps working during a rotation, with the client that was open before', async () => {
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
    const describeUser = async (): Promise<string | undefined> => {
      const answer = await milvus.use((client) => client.describeUser({ username }));
      return answer.results[0]?.user.name;
    };
    expect(await describeUser()).toBe(username);

    let rotating = true;
    const rotation = rotateToItsEnd(name).finally(() => {
      rotating = false;
    });
    let answers = 0;
    while (rotating) {
      expect(await describeUser()).toBe(username);
      answers += 1;
    }
    expect((await labelsOf(name))['AWSCURRENT']).toBe(await rotation);
    expect(answers).toBeGreaterThan(1);
    expect(await describeUser()).toBe(username);
  });
});
