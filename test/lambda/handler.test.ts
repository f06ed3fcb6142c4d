import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { readConfig } from '../../lambda/config.ts';
import { createHandler, type RotationHandler } from '../../lambda/create-handler.ts';
import { STEPS } from '../../lambda/rotation/attempt.ts';
import { AWSCURRENT } from '../../secret/versions.ts';
import { document, ENDPOINT, FIRST_PASSWORD, RotationWorld, USER } from '../support/rotation-world.ts';

const INVOCATION = {
  awsRequestId: 'request-1',
  invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:rotation',
  getRemainingTimeInMillis: () => 60_000,
};

describe('the handler', () => {
  let world: RotationWorld;
  let handler: RotationHandler;
  let lines: string[];
  let adminReads: string[];

  beforeEach(() => {
    lines = [];
    adminReads = [];
    world = new RotationWorld();
    for (const stream of [process.stdout, process.stderr]) {
      const write = vi.spyOn(stream, 'write').mockImplementation((chunk) => {
        lines.push(...String(chunk).split('\n').filter(Boolean));
        return true;
      });
      onTestFinished(() => write.mockRestore());
    }
    handler = handlerWith({});
  });

  function handlerWith(environment: Record<string, string>): RotationHandler {
    return createHandler({
      config: readConfig({ ALLOWED_ENDPOINTS: '127.0.0.1', ...environment }),
      cluster: world.cluster,
      passwords: { generate: world.ports().newPassword },
      storeOf: () => world.secret,
      readAdminSecret: (arn) => {
        adminReads.push(arn);
        return Promise.resolve(JSON.stringify({ endpoint: ENDPOINT, username: 'root', password: 'Root-password-0' }));
      },
      logger: new Logger({ serviceName: 'zilliz-secret-rotation' }),
      metrics: new Metrics({ namespace: 'ZillizSecretRotation', serviceName: 'zilliz-secret-rotation' }),
      clockOf: () => world.ports().clock,
    });
  }

  function event(Step: string, token = 't1'): Record<string, string> {
    return { Step, SecretId: world.secret.arn, ClientRequestToken: token };
  }

  /** The log lines, and the metrics, which CloudWatch takes from lines that hold `_aws`. */
  function logged(): Array<Record<string, unknown>> {
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  it('rotates in four invocations and logs one line a piece of news, with the keys that tell which rotation', async () => {
    world.secret.startRotation('t1');
    for (const step of STEPS) {
      await handler(event(step), INVOCATION);
    }
    expect(world.secret.holder(AWSCURRENT)).toBe('t1');
    const story = logged().filter((line) => line['rotation_event'] === 'step-finished');
    expect(story.map(({ step, outcome }) => `${String(step)} ${String(outcome)}`)).toEqual([
      'createSecret created',
      'setSecret changed',
      'testSecret tested',
      'finishSecret promoted',
    ]);
    for (const line of logged().filter((one) => !('_aws' in one))) {
      expect(line).toMatchObject({
        service: 'zilliz-secret-rotation',
        secret_arn: world.secret.arn,
        version_id: 't1',
        function_request_id: 'request-1',
      });
    }
  });

  it('measures every step, and failures by code too', async () => {
    world.secret.startRotation('t1');
    await handler(event('createSecret'), INVOCATION);
    world.cluster.reachable = false;
    await expect(handler(event('setSecret'), INVOCATION)).rejects.toThrow('CLUSTER_UNREACHABLE');
    const metrics = logged().filter((line) => '_aws' in line);
    expect(metrics).toContainEqual(expect.objectContaining({ step: 'createSecret', StepSucceeded: 1 }));
    expect(metrics).toContainEqual(expect.objectContaining({ step: 'setSecret', StepFailed: 1 }));
    expect(metrics).toContainEqual(expect.objectContaining({ code: 'CLUSTER_UNREACHABLE', FailureByCode: 1 }));
    expect(metrics.filter((line) => 'StepDuration' in line)).toHaveLength(2);
  });

  it('throws an error that is safe for Lambda to log: code, sentence, advice, and nothing hanging on it', async () => {
    world.cluster.setByHand(USER, 'Set-in-the-console-1');
    world.secret.startRotation('t1');
    await handler(event('createSecret'), INVOCATION);
    const error = await handler(event('setSecret'), INVOCATION).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ name: 'RotationError', code: 'NONE_IN_FORCE', step: 'setSecret', retryable: true });
    expect((error as Error).cause).toBeUndefined();
    expect(logged().find((line) => line['rotation_event'] === 'step-failed')).toMatchObject({
      level: 'ERROR',
      outcome: 'failed',
      error_code: 'NONE_IN_FORCE',
      in_force: 'none of the stored',
      retryable: true,
      advice: expect.stringContaining('zilliz-rotation repair'),
    });
  });

  it('tells of a fault of its own by kind and place, never by a message that could quote anything', async () => {
    world.secret.startRotation('t1');
    world.secret.read = () => Promise.reject(new TypeError(`unexpected ${FIRST_PASSWORD}`));
    await expect(handler(event('createSecret'), INVOCATION)).rejects.toThrow(/^UNEXPECTED: TypeError at /);
    expect(lines.join('\n')).not.toContain(FIRST_PASSWORD);
  });

  it('refuses an event that is none, in the log too, and changes nothing', async () => {
    await expect(handler({ ...event('create_secret') }, INVOCATION)).rejects.toThrow(/Expected one of createSecret/);
    expect(logged()).toEqual([expect.objectContaining({ level: 'ERROR', rotation_event: 'event-refused' })]);
    expect(world.secret.values).toHaveLength(1);
  });

  it('takes a secret that is named without an account for one of its own account, which Lambda tells it', async () => {
    world.secret.startRotation('t1');
    const ofOwnSecrets = handlerWith({ ROTATED_SECRETS: 'zilliz/test-??????' });
    await ofOwnSecrets(event('createSecret'), INVOCATION);
    const elsewhere = 'arn:aws:lambda:us-east-1:111122223333:function:rotation';
    await expect(ofOwnSecrets(event('setSecret'), { ...INVOCATION, invokedFunctionArn: elsewhere })).rejects.toThrow(
      'SECRET_NOT_CONFIGURED',
    );
  });

  it('warns of passwords in plain text, which an explicit setting alone allows', async () => {
    const open = document(FIRST_PASSWORD, { endpoint: 'http://milvus.internal:19530' });
    world.secret.storeByHand('v1', open);
    world.secret.startRotation('t1');
    await expect(handler(event('createSecret'), INVOCATION)).rejects.toThrow(/ENDPOINT_REFUSED.*plain text/);

    const allowing = handlerWith({ ALLOWED_ENDPOINTS: 'milvus.internal', ALLOW_PLAINTEXT: 'true' });
    await allowing(event('createSecret'), INVOCATION);
    expect(logged()).toContainEqual(
      expect.objectContaining({
        level: 'WARN',
        rotation_event: 'plaintext-endpoint',
        endpoint: 'http://milvus.internal:19530',
      }),
    );
  });

  it('uses the admin credential only when no stored password is in force, and says so', async () => {
    const target = { endpoint: ENDPOINT, username: USER };
    const withAdmin = handlerWith({
      ADMIN_SECRET_ARN: 'arn:admin',
      SECRET_TARGETS: JSON.stringify({ [world.secret.name]: target }),
    });
    world.cluster.addUser('root', 'Root-password-0').superUsers = ['root'];
    for (const [token, lost] of [
      ['t1', false],
      ['t2', true],
    ] as const) {
      if (lost) {
        world.cluster.setByHand(USER, 'Set-in-the-console-1');
      }
      world.secret.startRotation(token);
      for (const step of STEPS) {
        await withAdmin(event(step, token), INVOCATION);
      }
      expect(world.secret.holder(AWSCURRENT)).toBe(token);
      expect(world.applicationsLogIn).toBe(true);
      expect(adminReads).toEqual(lost ? ['arn:admin'] : []);
    }
    expect(logged()).toContainEqual(
      expect.objectContaining({ level: 'WARN', rotation_event: 'change-asked', from: 'admin' }),
    );
  });

  it('lets no password into a log line, whatever happens', async () => {
    world.secret.startRotation('t1');
    world.cluster.refuses = () => true;
    for (const step of STEPS) {
      await handler(event(step), INVOCATION).catch(() => undefined);
    }
    const text = lines.join('\n');
    expect(text).toContain('PASSWORD_REFUSED');
    for (const password of [FIRST_PASSWORD, ...world.generated]) {
      for (const form of [password, Buffer.from(password).toString('base64')]) {
        expect(text).not.toContain(form);
      }
    }
  });
});
