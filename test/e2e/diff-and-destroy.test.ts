import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ResourceNotFoundException } from '@aws-sdk/client-secrets-manager';
import { beforeAll, describe, expect, test } from 'vitest';
import { deployApp, destroyApp, diffApp } from '../../local/cloud/cdk.ts';
import { PROJECT } from '../../local/project.ts';
import type { Credentials } from '../../protocol/cluster/cluster.ts';
import { parseDocument } from '../../protocol/secret/document.ts';
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
  });

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

  test('takes a kept secret back by its name, also after a failed deployment that tried to create it', async () => {
    const value = await currentValue(kept);
    const added = uniqueName('added');

    const failing = deployApp(access, PROJECT, folder, written([created(added), created(kept)]));
    await expect(failing).rejects.toThrow(`the secret ${kept} already exists`);
    // The rollback has deleted the secret, so the next deployment can create it.
    await expect(secret(added)).rejects.toThrow(ResourceNotFoundException);

    await deployApp(access, PROJECT, folder, written([created(added), { name: kept }]));

    expect(await currentValue(kept)).toBe(value);
    expect(await secret(kept)).toMatchObject({ RotationEnabled: true });
    expect(await secret(added)).toMatchObject({ RotationEnabled: true });
  });

  test('deletes a secret with the removal policy destroy', async () => {
    await expect(secret(destroyed)).rejects.toThrow(ResourceNotFoundException);
  });

  function configured(schedule: string): string[] {
    return written([
      { ...created(kept), schedule },
      { ...created(destroyed), removalPolicy: 'destroy' },
    ]);
  }

  function created(create: string): object {
    const username = users[create]?.username ?? 'nobody';
    return { create, endpoint: access.milvus.tls.endpoint, username };
  }

  /** @returns the options of the CDK that name the file */
  function written(secrets: readonly object[]): string[] {
    const file = join(folder, 'rotation.yaml');
    const settings = { allowedEndpoints: ['localhost'], caFile: access.caFile };
    // JSON is YAML.
    writeFileSync(file, JSON.stringify({ stackName, function: settings, secrets }));
    return ['--context', `config=${file}`];
  }
});

const secret = (SecretId: string): Promise<object> => secretsManager().describeSecret({ SecretId });
