import { beforeAll, describe, expect, test } from 'vitest';
import { tokenOf } from '../../protocol/secret/document.ts';
import {
  type DeployedRotation,
  deployRotation,
  labelsOf,
  newSecret,
  rotateToItsEnd,
  setRetries,
} from '../support/deployed-rotation.ts';
import { newClusterUser, servers } from '../support/servers.ts';

describe('existing secrets whose configuration names an endpoint or a user', () => {
  let rotation: DeployedRotation;
  let plain: string;
  let foreign: string;
  let username: string;

  beforeAll(async () => {
    const [user, other] = await Promise.all([newClusterUser('tls'), newClusterUser('tls')]);
    const { endpoint } = servers().access.milvus.tls;
    username = other.username;
    plain = await newSecret(tokenOf(user));
    foreign = await newSecret(JSON.stringify({ endpoint, username, password: other.password }));
    rotation = await deployRotation([
      { name: plain, endpoint, username: user.username },
      { name: foreign, username: 'somebody_else' },
    ]);
    await setRetries(foreign, 0);
  });

  test('a plain user:password without a tag is rotated at the configured endpoint', async () => {
    const version = await rotateToItsEnd(plain);
    expect(await labelsOf(plain)).toMatchObject({ AWSCURRENT: version });
  });

  test('a value that names another user than the configuration is refused, and the log names both users', async () => {
    const version = await rotateToItsEnd(foreign);
    expect((await labelsOf(foreign))['AWSCURRENT']).not.toBe(version);
    const lines = (await rotation.logLines()).filter((line) => line.includes(version));
    const failed = lines.find((line) => line.includes('step-failed')) ?? '';
    expect(failed).toContain('CURRENT_INVALID');
    expect(failed).toContain(`names the user ${username}, but the function's configuration names somebody_else.`);
  });
});
