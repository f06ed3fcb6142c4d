import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { deployApp } from '../../local/cloud/cdk.ts';
import { PROJECT } from '../../local/project.ts';
import type { Credentials } from '../../protocol/cluster/cluster.ts';
import { newUserWithSecret, rotationSettles } from '../support/deployed-rotation.ts';
import { newClusterUser, servers, uniqueName, uniqueStackName } from '../support/servers.ts';
import { expectRotated } from './support/expect-rotated.ts';
import { runCommand } from './support/operator-command.ts';
import { storeCredential } from './support/store-credential.ts';

const README = readFileSync(join(PROJECT, 'README.md'), 'utf8');
const [, README_FILE = ''] = /^## Deploy\n.*?^ *```yaml\n(.*?)^ *```/ms.exec(README) ?? [];
const [, ROTATE = ''] = /^\d\. Rotate once: `npx zilliz-rotation (.*)`$/m.exec(README) ?? [];

interface Configuration {
  readonly secrets: ReadonlyArray<{ readonly name?: string; readonly create?: string }>;
}

describe("docs/start.md, from Before you start to the end of This repository's stack", () => {
  const { access } = servers();
  const folder = mkdtempSync(join(access.stateDir, 'start-'));
  const stackName = uniqueStackName('Start');
  /** The secrets of this test, by their names on the pages. */
  let secrets: Record<string, { readonly secret: string; readonly user: Credentials }>;

  beforeAll(async () => {
    secrets = {
      'milvus/orders': await newUserWithSecret('tls'),
      'milvus/search': { secret: uniqueName('zilliz/search'), user: await newClusterUser('tls') },
    };
  });

  test('rotation.yaml deploys as it is', async () => {
    await deploy(readFileSync(join(PROJECT, 'rotation.yaml'), 'utf8'));
  });

  test('the file of the README deploys, and its last step rotates both secrets', async () => {
    await deploy(README_FILE);
    const created = secretOf('milvus/search');
    await storeCredential(created.secret, { password: created.user.password });
    await Promise.all(Object.values(secrets).map(({ secret }) => rotationSettles(secret)));

    const [subcommand = '', ...names] = ROTATE.split(' ');
    expect(names.toSorted()).toEqual(Object.keys(secrets));
    const { code, out, err } = await runCommand(subcommand, ...names.map((name) => secretOf(name).secret));

    expect(code, out + err).toBe(0);
    for (const { secret, user } of Object.values(secrets)) {
      await expectRotated(secret, user);
    }
  });

  /** Deploys a file with the cluster, the users and the secret names of this test. */
  async function deploy(text: string): Promise<void> {
    const configuration = {
      stackName,
      function: { allowedEndpoints: ['localhost'], caFile: access.caFile },
      secrets: (parse(text) as Configuration).secrets.map(({ name, create, ...entry }) =>
        create === undefined ? { ...entry, name: secretOf(name).secret } : { ...entry, ...newSecret(create) },
      ),
    };
    const file = join(folder, 'rotation.yaml');
    // JSON is YAML.
    writeFileSync(file, JSON.stringify(configuration));
    await deployApp(access, PROJECT, folder, ['--context', `config=${file}`]);
  }

  function newSecret(name: string): object {
    const { secret, user } = secretOf(name);
    return { create: secret, endpoint: user.endpoint.url, username: user.username };
  }

  function secretOf(name = ''): { readonly secret: string; readonly user: Credentials } {
    const found = secrets[name];
    if (found === undefined) {
      throw new Error(`The pages do not prepare the secret ${name}.`);
    }
    return found;
  }
});
