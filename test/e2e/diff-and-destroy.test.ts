import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DescribeSecretCommand, ResourceNotFoundException } from '@aws-sdk/client-secrets-manager';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Credentials } from '../../cluster/cluster.ts';
import { deployApp, destroyApp, diffApp } from '../../local/cloud/cdk.ts';
import { PROJECT } from '../../local/project.ts';
import { parseDocument } from '../../secret/document.ts';
import { currentValue, labelsOf, rotateToItsEnd } from '../support/deployed-rotation.ts';
import { entriesWith, logLinesIn, rotationLogGroupOf } from '../support/function-log.ts';
import { canLogIn, newClusterUser, secretsManager, servers, uniqueName, uniqueStackName } from '../support/servers.ts';
import { storeCredential } from './support/store-credential.ts';

/** The stack creates two secrets, with the default removal policy and with `destroy`. */
describe('a deployed stack', () => {
  const stackName = uniqueStackName('Lifetime');
  const [kept, destroyed] = [uniqueName('kept'), uniqueName('destroyed')];
  const { access } = servers();
  const folder = mkdtempSync(join(access.stateDir, 'lifetime-'));
  let users: Record<string, Credentials>;

  beforeAll(async () => {
    users = { [kept]: await newClusterUser('tls'), [destroyed]: await newClusterUser('tls') };
    await deployApp(access, PROJECT, folder, configured('rate(30 days)'));
    for (const [name, { password }] of Object.entries(users)) {
      await storeCredential(name, { password });
    }
  }, 120_000);

  test('has no difference in cdk diff after a rotation, if the configuration is the same', async () => {
    const version = await rotateToItsEnd(kept);
    expect(await labelsOf(kept)).toMatchObject({ AWSCURRENT: version });
    const { exitCode, output } = await diffApp(access, PROJECT, folder, configured('rate(30 days)'));
    expect(output).toContain('Number of stacks with differences: 0');
    expect(exitCode).toBe(0);
  });

  test('shows in cdk diff only the changes of a new configuration', async () => {
    const { exitCode, output } = await diffApp(access, PROJECT, folder, configured('rate(60 days)'));
    expect(output).toContain('Number of stacks with differences: 1');
    expect(output.match(/^\[.\] AWS::\S+/gm)).toEqual(['[~] AWS::SecretsManager::RotationSchedule']);
    expect(exitCode).toBe(1);
  });

  test('keeps the credential, its labels and the log of its rotations after cdk destroy', async () => {
    const [value, labels] = [await currentValue(kept), await labelsOf(kept)];
    const logGroup = await rotationLogGroupOf(kept);
    expect(await secret(kept)).toMatchObject({ RotationEnabled: true, NextRotationDate: expect.any(Date) });

    await destroyApp(access, PROJECT, folder, configured('rate(30 days)'));

    expect(await currentValue(kept)).toBe(value);
    expect(await labelsOf(kept)).toEqual(labels);
    expect(await secret(kept)).toMatchObject({ RotationEnabled: false });
    expect(await secret(kept)).not.toHaveProperty('NextRotationDate');
    const { password } = parseDocument(value);
    expect(await canLogIn({ ...(users[kept] as Credentials), password })).toBe(true);
    expect(entriesWith(await logLinesIn(logGroup), labels['AWSCURRENT'] ?? '')).toContainEqual(
      expect.objectContaining({ step: 'finishSecret', outcome: 'promoted' }),
    );
  });

  test('deletes a secret with the removal policy destroy', async () => {
    await expect(secret(destroyed)).rejects.toThrow(ResourceNotFoundException);
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
        { ...created(destroyed), removalPolicy: 'destroy' },
      ],
    };
    writeFileSync(file, JSON.stringify(configuration));
    return ['--context', `config=${file}`];
  }
});

const secret = (SecretId: string): Promise<object> => secretsManager().send(new DescribeSecretCommand({ SecretId }));
