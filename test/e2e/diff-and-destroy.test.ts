import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DescribeSecretCommand, ResourceNotFoundException } from '@aws-sdk/client-secrets-manager';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Credentials } from '../../cluster/cluster.ts';
import { createMilvusCluster } from '../../cluster/milvus-cluster.ts';
import { deployApp, destroyApp, diffApp } from '../../local/cloud/cdk.ts';
import { PROJECT } from '../../local/project.ts';
import { parseDocument } from '../../secret/document.ts';
import { currentValue, labelsOf, rotateToItsEnd } from '../support/deployed-rotation.ts';
import { newClusterUser, secretsManager, servers, uniqueName } from '../support/servers.ts';
import { linesAbout, logGroupOf } from './support/rotation-log.ts';
import { storeCredential } from './support/store-credential.ts';

/** One stack that makes two secrets: one as the configuration has it by default, one that is to go with its stack. */
describe('a deployed stack', () => {
  const stackName = uniqueName('Lifetime').replace('_', '');
  const [kept, gone] = [uniqueName('kept'), uniqueName('gone')];
  const { access } = servers();
  const folder = mkdtempSync(join(access.stateDir, 'lifetime-'));
  let users: Record<string, Credentials>;

  beforeAll(async () => {
    users = { [kept]: await newClusterUser('tls'), [gone]: await newClusterUser('tls') };
    await deployApp(access, PROJECT, folder, configured('rate(30 days)'));
    for (const [name, { password }] of Object.entries(users)) {
      await storeCredential(name, { password });
    }
  }, 120_000);

  test('is not changed by a rotation: with the same configuration, cdk diff is empty', async () => {
    const version = await rotateToItsEnd(kept);
    expect(await labelsOf(kept)).toMatchObject({ AWSCURRENT: version });
    const { exitCode, said } = await diffApp(access, PROJECT, folder, configured('rate(30 days)'));
    expect(said).toContain('Number of stacks with differences: 0');
    expect(exitCode).toBe(0);
  });

  test('shows in cdk diff what another configuration would change, and nothing else', async () => {
    const { exitCode, said } = await diffApp(access, PROJECT, folder, configured('rate(60 days)'));
    expect(said).toContain('Number of stacks with differences: 1');
    expect(said.match(/^\[.\] AWS::\S+/gm)).toEqual(['[~] AWS::SecretsManager::RotationSchedule']);
    expect(exitCode).toBe(1);
  });

  test('leaves by cdk destroy the credential, with its value and labels, and the log of its rotations', async () => {
    const [value, labels, logGroup] = [await currentValue(kept), await labelsOf(kept), await logGroupOf(kept)];
    expect(await secret(kept)).toMatchObject({ RotationEnabled: true, NextRotationDate: expect.any(Date) });

    await destroyApp(access, PROJECT, folder, configured('rate(30 days)'));

    expect(await currentValue(kept)).toBe(value);
    expect(await labelsOf(kept)).toEqual(labels);
    expect(await secret(kept)).toMatchObject({ RotationEnabled: false });
    expect(await secret(kept)).not.toHaveProperty('NextRotationDate');
    const { password } = parseDocument(value);
    const cluster = createMilvusCluster({ privateCa: access.milvus.tls.caPem });
    expect(await cluster.authenticates({ ...(users[kept] as Credentials), password })).toMatchObject({
      kind: 'accepted',
    });
    expect(await linesAbout(labels['AWSCURRENT'] ?? '', logGroup)).toContainEqual(
      expect.objectContaining({ step: 'finishSecret', outcome: 'promoted' }),
    );
  });

  test('takes a secret with it where the configuration asks for that', async () => {
    await expect(secret(gone)).rejects.toThrow(ResourceNotFoundException);
  });

  function configured(schedule: string): string[] {
    const file = join(folder, 'rotation.yaml');
    const { endpoint } = access.milvus.tls;
    const created = (create: string): object => ({ create, endpoint, username: users[create]?.username });
    // JSON is YAML.
    const configuration = {
      stackName,
      function: { allowedEndpoints: ['localhost'], caFile: access.caFile },
      secrets: [
        { ...created(kept), schedule },
        { ...created(gone), removalPolicy: 'destroy' },
      ],
    };
    writeFileSync(file, JSON.stringify(configuration));
    return ['--context', `config=${file}`];
  }
});

const secret = (SecretId: string): Promise<object> => secretsManager().send(new DescribeSecretCommand({ SecretId }));
