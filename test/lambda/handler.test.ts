import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createHandler, type RotationHandler } from '../../lambda/create-handler.ts';
import { createPinsReader } from '../../lambda/pins.ts';
import { readConfig } from '../../protocol/rotation/function-config.ts';
import type { RotatedEvent } from '../../protocol/rotation/rotated-event.ts';
import { type RotationRequest, STEPS } from '../../protocol/rotation/rotation-request.ts';
import { AWSCURRENT } from '../../protocol/secret/versions.ts';
import { leakedForms } from '../support/password-forms.ts';
import { ADMIN, document, FIRST_PASSWORD, RotationWorld, SECOND_USER, USER } from '../support/rotation-world.ts';

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
  let requests: RotationRequest[];
  let sent: RotatedEvent[];

  beforeEach(() => {
    lines = [];
    adminReads = [];
    requests = [];
    sent = [];
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
    const config = readConfig({ ALLOWED_ENDPOINTS: '127.0.0.1', ...environment });
    const readPins = createPinsReader(config.pins, () => Promise.reject(new Error('not stored')));
    return createHandler(
      (request, { invokedFunctionArn }) => {
        requests.push(request);
        return {
          ...world.ports(),
          config,
          functionArn: invokedFunctionArn,
          readPins: (name) => readPins(name, request),
          readSecret: (arn) => {
            adminReads.push(arn);
            return Promise.resolve(ADMIN);
          },
          sendRotated: async (rotated) => void sent.push(rotated),
        };
      },
      new Logger({ serviceName: 'zilliz-secret-rotation' }),
      new Metrics({ namespace: 'ZillizSecretRotation', serviceName: 'zilliz-secret-rotation' }),
    );
  }

  /** Starts a rotation, and invokes the steps as Secrets Manager does. */
  async function rotate(invoke = handler, token = 't1'): Promise<void> {
    world.secret.startRotation(token);
    for (const step of STEPS) {
      await invoke(event(step, token), INVOCATION);
    }
  }

  function event(Step: string, token = 't1'): Record<string, string> {
    return { Step, SecretId: world.secret.arn, ClientRequestToken: token };
  }

  /** Every line on stdout and stderr. Lines with the key `_aws` hold metrics for CloudWatch. */
  function logged(): Array<Record<string, unknown>> {
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  const linesOf = (name: string) => logged().filter((line) => line['rotation_event'] === name);

  it('sends an event after a rotation only if the deployment asks for it', async () => {
    await rotate();
    expect(sent).toEqual([]);
    await handlerWith({ ROTATED_EVENTS: 'true' })(event('finishSecret'), INVOCATION);
    expect(sent).toMatchObject([{ secretArn: world.secret.arn, versionId: 't1' }]);
    expect(linesOf('rotated-sent')).toMatchObject([{ version_id: 't1' }]);
  });

  it('rotates in four invocations, and every log line names the secret, the version and the request', async () => {
    const read = vi.spyOn(world.secret, 'read');
    await rotate();
    // The worker remembers what it has read and stored.
    expect(read).toHaveBeenCalledTimes(1);
    expect(world.secret.holder(AWSCURRENT)).toBe('t1');
    expect(linesOf('step-finished').map(({ step, outcome }) => `${String(step)} ${String(outcome)}`)).toEqual([
      'createSecret created',
      'setSecret changed',
      'testSecret tested',
      'finishSecret promoted',
    ]);
    for (const line of logged().filter((entry) => !('_aws' in entry))) {
      expect(line).toMatchObject({
        service: 'zilliz-secret-rotation',
        secret_arn: world.secret.arn,
        version_id: 't1',
        function_request_id: 'request-1',
      });
    }
  });

  it('gives the rotation token of the event to the store, which AWS requires for a secret of another account', async () => {
    world.secret.startRotation('t1');
    await handler({ ...event('createSecret'), RotationToken: 'rotation-token-of-this-event' }, INVOCATION);
    expect(requests).toMatchObject([{ secretId: world.secret.arn, rotationToken: 'rotation-token-of-this-event' }]);
  });

  it('counts succeeded and failed steps and failure codes, and measures the duration of each step', async () => {
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

  it('throws an error without a cause, and logs code, accepted password and advice', async () => {
    world.cluster.setByHand(USER, 'Set-in-the-console-1');
    world.secret.startRotation('t1');
    await handler(event('createSecret'), INVOCATION);
    const error = await handler(event('setSecret'), INVOCATION).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ name: 'RotationError', code: 'NONE_IN_FORCE', step: 'setSecret', retryable: true });
    expect((error as Error).cause).toBeUndefined();
    expect(linesOf('step-failed')[0]).toMatchObject({
      level: 'ERROR',
      outcome: 'failed',
      error_code: 'NONE_IN_FORCE',
      in_force: 'none of the stored',
      retryable: true,
      advice: expect.stringContaining('zilliz-rotation repair'),
    });
  });

  it('refuses and logs an event with an unknown step, and changes nothing', async () => {
    await expect(handler({ ...event('create_secret') }, INVOCATION)).rejects.toThrow(/"create_secret"/);
    expect(logged()).toEqual([expect.objectContaining({ level: 'ERROR', rotation_event: 'event-refused' })]);
    expect(world.secret.values).toHaveLength(1);
  });

  it('refuses an http:// endpoint by default, and logs a warning if ALLOW_PLAINTEXT allows it', async () => {
    const plaintext = document(FIRST_PASSWORD, { endpoint: 'http://milvus.internal:19530' });
    world.secret.storeByHand('v1', plaintext);
    world.secret.startRotation('t1');
    await expect(handler(event('createSecret'), INVOCATION)).rejects.toThrow(/ENDPOINT_REFUSED.*plain text/);

    const plaintextHandler = handlerWith({ ALLOWED_ENDPOINTS: 'milvus.internal', ALLOW_PLAINTEXT: 'true' });
    await plaintextHandler(event('createSecret'), INVOCATION);
    expect(linesOf('plaintext-endpoint')).toMatchObject([{ level: 'WARN', endpoint: 'http://milvus.internal:19530' }]);
  });

  describe('with two users that take turns', () => {
    let twoUsers: RotationHandler;

    beforeEach(async () => {
      await world.alternateUsers();
      const pins = JSON.stringify({ [world.secret.name]: world.pins });
      twoUsers = handlerWith({ SECRET_TARGETS: pins, MINIMUM_GAP_MINUTES: '0' });
    });

    it('logs no warning in healthy rotations, because warnings are for people who must act', async () => {
      for (const token of ['t1', 't2', 't3']) {
        await rotate(twoUsers, token);
      }
      expect(logged().filter(({ level }) => level === 'WARN')).toEqual([]);
      expect(logged().length).toBeGreaterThan(30);
    });

    it('logs and counts a difference of their roles', async () => {
      world.cluster.roles = { [USER]: ['reader', 'writer'], [SECOND_USER]: ['admin', 'reader'] };
      await rotate(twoUsers);
      expect(linesOf('roles-differ')).toEqual([
        expect.objectContaining({ level: 'WARN', user: SECOND_USER, missing: ['writer'], added: ['admin'] }),
      ]);
      expect(logged().filter((line) => 'RolesDiffer' in line)).toEqual([expect.objectContaining({ RolesDiffer: 1 })]);
    });
  });

  it('reads the admin secret only if the cluster accepts no stored password, and logs a warning', async () => {
    world.configureAdmin();
    const withAdmin = handlerWith({
      ADMIN_SECRET_ARN: 'arn:admin',
      SECRET_TARGETS: JSON.stringify({ [world.secret.name]: world.pins }),
    });
    await rotate(withAdmin, 't1');
    expect(adminReads).toEqual([]);
    world.cluster.setByHand(USER, 'Set-in-the-console-1');
    await rotate(withAdmin, 't2');
    expect(adminReads).toEqual(['arn:admin']);
    expect(world.applicationsLogIn).toBe(true);
    expect(linesOf('change-asked')).toContainEqual(expect.objectContaining({ level: 'WARN', from: 'admin' }));
  });

  it('writes no password into the log of a failed rotation', async () => {
    world.cluster.refuses = () => true;
    await expect(rotate()).rejects.toThrow('PASSWORD_REFUSED');
    const text = lines.join('\n');
    expect(text).toContain('PASSWORD_REFUSED');
    expect(leakedForms(text, [FIRST_PASSWORD, ...world.generated])).toEqual([]);
  });
});
