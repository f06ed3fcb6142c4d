import { describe, expect, it } from 'vitest';
import { sentLabel } from '../../../protocol/secret/versions.ts';
import { awsErrorOf } from '../../support/aws-errors.ts';
import type { Fixture } from '../support/command-fixture.ts';
import type { FakeSecret } from '../support/fake-aws.ts';
import { addSecretWithUser, createFleetFixture, ROTATE_ALL } from '../support/orders-fixture.ts';
import { replace } from '../support/replace.ts';
import { attemptAndFail, documentOf, type FakeRotation, FORBIDDEN, OLD_PASSWORD } from '../support/rotations.ts';

const fails = (rotation: FakeRotation): void => attemptAndFail(rotation, FORBIDDEN);

/** Records when RotateSecret is sent, by the account and region of the function. */
function recordStarts({ aws, clock }: Fixture): Map<string, number[]> {
  const starts = new Map<string, number[]>();
  replace(aws.rotation, 'startRotation', (startRotation) => async (secretId, token) => {
    const region = aws.secret(secretId).rotationFunctionArn?.split(':')[3] ?? '';
    starts.set(region, [...(starts.get(region) ?? []), clock.now()]);
    return await startRotation(secretId, token);
  });
  return starts;
}

function mostInASecond(times: readonly number[]): number {
  return Math.max(...times.map((from) => times.filter((time) => time >= from && time < from + 1000).length));
}

describe('rotate of a fleet', () => {
  it('ends with 0 if two commands rotate the fleet at once', async () => {
    const fixture = createFleetFixture(24);
    for (const [index, secret] of [...fixture.aws.secrets.values()].entries()) {
      const stepMs = 300 + index * 40;
      secret.rotate = ({ token, at, put, promote }) => {
        const password = `New-${token}`;
        at(stepMs, () => put(documentOf(password, { username: secret.name })));
        at(2 * stepMs, () => fixture.cluster.setByHand(secret.name, password));
        at(3 * stepMs, promote);
      };
    }

    const runs = await Promise.all([fixture.run(ROTATE_ALL), fixture.run(ROTATE_ALL)]);

    expect(runs.map(({ code, out }) => [code, out.match(/^.*(failed|rejects).*$/gm)])).toEqual([
      [0, null],
      [0, null],
    ]);
  });

  it('starts at the pace of the quota in each account and region at the same time', async () => {
    const fixture = createFleetFixture(120);
    const rotationFunctionArn = 'arn:aws:lambda:eu-west-1:111122223333:function:zilliz-rotation';
    for (let index = 0; index < 80; index++) {
      // finishSecret removes a sent label with a third write.
      const { store } = addSecretWithUser(fixture, `europe-${index}`, { rotationFunctionArn });
      await store.addLabel({ label: sentLabel('v0'), to: `europe-${index}-v1` });
    }
    const starts = recordStarts(fixture);

    const { code } = await fixture.run(ROTATE_ALL);

    expect(code).toBe(0);
    const paces = [...starts].map(([region, times]) => [region, times.length, mostInASecond(times)]).toSorted();
    expect(paces).toEqual([
      ['eu-west-1', 80, 16],
      ['us-east-1', 120, 24],
    ]);
    const times = [...starts.values()].flat();
    expect(Math.max(...times) - Math.min(...times)).toBeLessThan(5500);
  });

  it('reads the log of slow rotations only, and follows the others by their labels', async () => {
    const fixture = createFleetFixture(50);
    fixture.aws.secret('fleet-7').rotate = fails;

    const { code } = await fixture.run(ROTATE_ALL);

    expect(code).toBe(3);
    expect(fixture.aws.calls.filter((call) => call === 'FilterLogEvents')).toHaveLength(1);
    const described = fixture.aws.calls.filter((call) => call.startsWith('DescribeSecret')).length;
    expect(described).toBeLessThan(50 * 12);
  });

  it('reads the log at most four times a second', async () => {
    const fixture = createFleetFixture(40);
    for (const secret of fixture.aws.secrets.values()) {
      secret.rotate = fails;
    }
    const { readSteps } = fixture.aws;
    const times: number[] = [];
    fixture.aws.readSteps = async (...args) => {
      times.push(fixture.clock.now());
      return await readSteps(...args);
    };

    await fixture.run(ROTATE_ALL);

    expect(times.length).toBeGreaterThanOrEqual(40);
    expect(mostInASecond(times)).toBe(4);
  });

  it('pauses while AWS throttles RotateSecret, and rotates every secret once', async () => {
    const fixture = createFleetFixture(60);
    const { startRotation } = fixture.aws.rotation;
    let second = 0;
    let inSecond = 0;
    let throttled = 0;
    fixture.aws.rotation.startRotation = async (secretId, token) => {
      const now = Math.floor(fixture.clock.now() / 1000);
      inSecond = now === second ? inSecond + 1 : 1;
      second = now;
      if (inSecond > 8) {
        throttled += 1;
        throw awsErrorOf('throttled', 'RotateSecret');
      }
      return await startRotation(secretId, token);
    };

    const { code } = await fixture.run(ROTATE_ALL);

    expect(code).toBe(0);
    expect(fixture.aws.started).toHaveLength(60);
    // Without the pauses, AWS throttles more than a hundred.
    expect(throttled).toBeGreaterThan(0);
    expect(throttled).toBeLessThan(10);
  });

  it('starts no further rotation above the share of failures, and follows those that run', async () => {
    const fixture = createFleetFixture(200);
    for (let index = 0; index < 200; index += 2) {
      fixture.aws.secret(`fleet-${index}`).rotate = fails;
    }

    const { code, document } = await fixture.runJson(...ROTATE_ALL, '--concurrency', '10');

    expect(code).toBe(3);
    const outcomes = Object.groupBy(document.secrets as { outcome: string; error: { code: string } }[], (secret) =>
      secret.outcome === 'refused' ? secret.error.code : secret.outcome,
    );
    expect(document.secrets).toHaveLength(200);
    // The smallest sample is 20, and at most 10 run at a time.
    expect(fixture.aws.started.length).toBeLessThan(60);
    expect(outcomes['stopped']).toHaveLength(200 - fixture.aws.started.length);
    expect(document.secrets.at(-1).error.advice).toContain(`\`${document.again}\``);
  });

  it.each([['10%'], ['2']])(
    'with --max-failures %s, stops only the region that refuses every rotation',
    async (limit) => {
      const fixture = createFleetFixture(60);
      for (let index = 0; index < 40; index++) {
        addSecretWithUser(fixture, `europe-${index}`, {
          rotationFunctionArn: 'arn:aws:lambda:eu-west-1:111122223333:function:zilliz-rotation',
          rotate: { kind: 'refused', reason: 'not-invocable', answer: 'no' },
        });
      }

      const { code, document } = await fixture.runJson(...ROTATE_ALL, '--max-failures', limit);

      expect([code, fixture.aws.started.length]).toEqual([5, 60]);
      const stopped = document.secrets.filter(({ error }: { error?: { code: string } }) => error?.code === 'stopped');
      expect(stopped.length).toBeGreaterThan(0);
      expect(stopped[0].error.message).toContain('account 111122223333, eu-west-1');
    },
  );

  it('starts no further rotation in any region above the share of failed rotations', async () => {
    const fixture = createFleetFixture(100);
    for (let index = 0; index < 100; index++) {
      addSecretWithUser(fixture, `europe-${index}`, {
        rotationFunctionArn: 'arn:aws:lambda:eu-west-1:111122223333:function:zilliz-rotation',
        rotate: fails,
      });
    }

    await fixture.run([...ROTATE_ALL, '--concurrency', '10']);

    expect(fixture.aws.started.length).toBeLessThan(120);
  });

  it('lets no rotation wait for its turn after it has stopped', async () => {
    const fixture = createFleetFixture(200);
    for (const secret of fixture.aws.secrets.values()) {
      secret.rotate = { kind: 'refused', reason: 'not-invocable', answer: 'no' };
    }
    const start = fixture.clock.now();

    await fixture.run([...ROTATE_ALL, '--concurrency', '200']);

    // The turn of the last one comes after 8 seconds.
    expect(fixture.clock.now() - start).toBeLessThan(2000);
  });

  it('does not count refusals elsewhere among the rotations of which too many fail', async () => {
    const fixture = createFleetFixture(0);
    const add = (account: number, rotate: FakeSecret['rotate']): void => {
      const rotationFunctionArn = `arn:aws:lambda:us-east-1:${100000000000 + account}:function:zilliz-rotation`;
      addSecretWithUser(fixture, `of-${account}-${fixture.aws.secrets.size}`, { rotationFunctionArn, rotate });
    };
    for (let index = 0; index < 200; index++) {
      add(index % 10, { kind: 'refused', reason: 'not-invocable', answer: 'no' });
      // Too few in each account for a share of its own.
      add(10 + (index % 20), fails);
    }

    const { document } = await fixture.runJson(...ROTATE_ALL, '--concurrency', '1');

    expect(fixture.aws.started.length).toBeLessThanOrEqual(40);
    expect(document.secrets.map(({ error }: { error: { message: string } }) => error.message)).toContainEqual(
      expect.stringMatching(/^20 of the first 20 secrets whose rotation started did not rotate/),
    );
  });

  it.each([
    ['2', 3, true],
    ['2', 2, false],
    ['10%', 1, false],
    ['0%', 1, false],
  ])('with --max-failures %s and %i failures among the first of 12, stops: %s', async (limit, failures, stops) => {
    const fixture = createFleetFixture(12);
    for (let index = 0; index < failures; index++) {
      fixture.aws.secret(`fleet-${index}`).rotate = { kind: 'refused', reason: 'not-invocable', answer: 'no' };
    }

    await fixture.run([...ROTATE_ALL, '--max-failures', limit, '--concurrency', '1']);

    expect(fixture.aws.started.length < 12 - failures).toBe(stops);
  });

  it('starts no further rotation after a fault of the command, and reports every secret', async () => {
    const fixture = createFleetFixture(60);
    replace(fixture.aws.rotation, 'startRotation', (startRotation) => async (secretId, token) => {
      if (secretId === fixture.aws.secret('fleet-5').arn) {
        throw new TypeError(`Cannot read properties of ${OLD_PASSWORD}`);
      }
      return await startRotation(secretId, token);
    });

    const { code, document } = await fixture.runJson(...ROTATE_ALL);

    expect(code).toBe(1);
    expect(fixture.aws.started).toHaveLength(5);
    expect(document.secrets.slice(4, 7)).toMatchObject([
      { outcome: 'rotated' },
      { outcome: 'unexpected', error: { code: 'unexpected' } },
      { outcome: 'refused', error: { code: 'stopped', advice: expect.stringContaining(document.again) } },
    ]);
    expect(document.secrets).toHaveLength(60);
    expect(JSON.stringify(document)).not.toContain(OLD_PASSWORD);
  });

  it('leaves out a secret whose check has a fault', async () => {
    const fixture = createFleetFixture(3);
    const { store } = fixture.aws;
    fixture.aws.store = (secretId) => {
      if (secretId === fixture.aws.secret('fleet-1').arn) {
        throw new TypeError('a fault');
      }
      return store(secretId);
    };

    const { code, document } = await fixture.runJson(...ROTATE_ALL);

    expect(code).toBe(1);
    expect(fixture.aws.started).toHaveLength(2);
    expect(document.plan.leftOut).toMatchObject([{ code: 'unexpected' }]);
  });
});
