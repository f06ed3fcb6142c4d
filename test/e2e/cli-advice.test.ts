import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DeleteFunctionCommand, GetPolicyCommand, LambdaClient, RemovePermissionCommand } from '@aws-sdk/client-lambda';
import { CancelRotateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { beforeAll, describe, expect, it } from 'vitest';
import { deployApp, destroyApp } from '../../local/cloud/cdk.ts';
import { PROJECT } from '../../local/project.ts';
import {
  currentValue,
  newSecret,
  newUserWithSecret,
  passwordsOf,
  putValue,
  rotateToItsEnd,
  rotationSettles,
  type UserWithSecret,
} from '../support/deployed-rotation.ts';
import { leakedForms } from '../support/password-forms.ts';
import {
  awsOptions,
  createdPasswords,
  documentOf,
  newClusterUser,
  secretsManager,
  servers,
  uniqueStackName,
} from '../support/servers.ts';
import { awsCommandsIn, runAws } from './support/aws-command.ts';
import { printedByCommands, runCommand } from './support/operator-command.ts';

/** Follows each advice of the command to the result that the advice promises. */
describe('the advice of zilliz-rotation', () => {
  const { access } = servers();
  const stackName = uniqueStackName('Advice');
  const folder = mkdtempSync(join(access.stateDir, 'advice-'));
  const lambda = new LambdaClient(awsOptions());
  let orders: UserWithSecret;
  let copy: string;
  let garbage: UserWithSecret;
  let secrets: string[];
  let functionArn: string;

  beforeAll(async () => {
    orders = await newUserWithSecret('tls');
    copy = await newSecret(documentOf(orders.user));
    garbage = await newUserWithSecret('tls');
    secrets = [orders.secret, copy, garbage.secret];
    await deploy();
  }, 180_000);

  function options(): string[] {
    const file = join(folder, 'rotation.yaml');
    const configuration = {
      stackName,
      function: { allowedEndpoints: ['127.0.0.1', 'localhost'], caFile: access.caFile },
      secrets: secrets.map((name) => ({ name, schedule: 'rate(30 days)' })),
    };
    writeFileSync(file, JSON.stringify(configuration));
    return ['--context', `config=${file}`];
  }

  async function deploy(): Promise<void> {
    const { outputs } = await deployApp(access, PROJECT, folder, options());
    functionArn = outputs[stackName]?.['RotationFunctionArn'] ?? '';
    await Promise.all(secrets.map((secret) => rotationSettles(secret)));
  }

  async function run(expected: number, ...args: readonly string[]): Promise<string> {
    const { code, out, err } = await runCommand(...args);
    expect(code, out + err).toBe(expected);
    return out.replaceAll(/\s+/g, ' ');
  }

  it('for two secrets with one user leads to two secrets that rotate', async () => {
    const refused = await run(5, 'rotate', orders.secret);
    expect(refused).toContain(`${orders.secret} and ${copy} hold the same user`);
    expect(await run(5, 'rotate', copy, orders.secret)).toContain('2 not started');
    const [before, after] = [await currentValue(copy), await currentValue(orders.secret)];
    expect(before).toBe(after);

    // The rotation that the command refuses.
    await rotateToItsEnd(orders.secret);
    const broken = await run(3, 'status', copy);
    expect(broken).toContain(`${orders.secret} holds the same user`);
    expect(broken).not.toContain('repair');

    const own = await newClusterUser('tls');
    await runAws(`aws secretsmanager put-secret-value --secret-id ${copy} --secret-string file://credential.json`, {
      'credential.json': documentOf(own),
    });
    await run(0, 'status', copy, orders.secret);
    await run(0, 'rotate', copy, orders.secret);
  }, 180_000);

  it('for two secrets with one user leads to one secret that rotates, after the other is deleted', async () => {
    const user = await newUserWithSecret('tls');
    const other = await newSecret(documentOf(user.user), { 'zilliz:endpoint': user.user.endpoint.url });
    secrets.push(user.secret);
    await deploy();
    await run(5, 'rotate', user.secret);

    await runAws(`aws secretsmanager delete-secret --secret-id ${other} --recovery-window-in-days 7`);

    await run(0, 'rotate', user.secret);
  }, 240_000);

  it('for a value that is no credential leads to a rotation', async () => {
    const value = await currentValue(garbage.secret);
    await putValue(garbage.secret, value.slice(0, -3));
    const refused = await run(5, 'rotate', garbage.secret);
    expect(refused).toContain('Store a valid credential');
    expect(refused).not.toContain('allow-endpoint');

    await putValue(garbage.secret, value);

    await run(0, 'rotate', garbage.secret);
  }, 120_000);

  it('after CancelRotateSecret turns rotation on, which a deployment does not', async () => {
    const { secret } = orders;
    await secretsManager().send(new CancelRotateSecretCommand({ SecretId: secret }));
    expect(await run(5, 'rotate', secret)).toContain(`zilliz-rotation status ${secret}`);
    await deploy();
    await run(5, 'rotate', secret);

    const [turnOn = ''] = awsCommandsIn(await run(0, 'status', secret));
    expect(turnOn).toContain('--no-rotate-immediately');
    await runAws(turnOn);
    await rotationSettles(secret);

    const { rotation } = JSON.parse((await runCommand('status', secret, '--json')).out).secrets[0];
    expect(rotation).toMatchObject({ enabled: true, functionArn, schedule: 'rate(30 days)' });
    await run(0, 'rotate', secret);
  }, 240_000);

  it('for a function that Secrets Manager may not invoke restores the permission', async () => {
    const { Policy = '{}' } = await lambda.send(new GetPolicyCommand({ FunctionName: functionArn }));
    for (const { Sid } of (JSON.parse(Policy) as { Statement: Array<{ Sid: string }> }).Statement) {
      await lambda.send(new RemovePermissionCommand({ FunctionName: functionArn, StatementId: Sid }));
    }

    const broken = await run(3, 'status', orders.secret);
    expect(broken).toContain('(function-not-invocable)');
    await runAws(awsCommandsIn(broken)[0] ?? '');

    expect(await run(0, 'status', orders.secret)).not.toContain('function-not-invocable');
    await run(0, 'rotate', orders.secret);
  }, 120_000);

  it('for a deleted function restores the rotation, which a deployment alone does not', async () => {
    await lambda.send(new DeleteFunctionCommand({ FunctionName: functionArn }));
    expect(await run(3, 'status', orders.secret)).toContain('(function-absent)');
    await deploy();
    const broken = await run(3, 'status', orders.secret);
    expect(broken).toContain('`npx cdk destroy`, then deploy it again with `npx cdk deploy`');

    await destroyApp(access, PROJECT, folder, options());
    expect(await run(0, 'status', orders.secret)).toContain('(rotation-off)');
    await deploy();

    expect(await run(0, 'status', orders.secret)).not.toContain('(rotation-off)');
    await run(0, 'rotate', orders.secret);
    // Two deployments and a removal, on a busy machine.
  }, 600_000);

  it('prints no password in any form', async () => {
    const stored = (await Promise.all([orders.secret, copy].map(passwordsOf))).flat();
    expect(leakedForms(printedByCommands(), new Set([...createdPasswords, ...stored]))).toEqual([]);
  });
});
