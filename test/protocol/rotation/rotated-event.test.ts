import { beforeEach, describe, expect, it } from 'vitest';
import type { RotatedEvent } from '../../../protocol/rotation/rotated-event.ts';
import { STEPS } from '../../../protocol/rotation/rotation-request.ts';
import { sendRotated } from '../../../protocol/rotation/steps/finish-secret.ts';
import { AWSCURRENT, sentLabels } from '../../../protocol/secret/versions.ts';
import { RotationWorld } from '../../support/rotation-world.ts';

describe('the event after a rotation', () => {
  let world: RotationWorld;
  let sent: RotatedEvent[];
  let timeLimits: number[];

  beforeEach(() => {
    world = new RotationWorld();
    world.configure({ rotatedEvents: true });
    sent = [];
    timeLimits = [];
    world.sendRotated = async (event, timeoutMs) => {
      sent.push(event);
      timeLimits.push(timeoutMs);
    };
  });

  it('is sent once for each rotation, after AWSCURRENT has moved, and holds no secret', async () => {
    await world.runBefore('finishSecret');
    expect(sent).toEqual([]);
    world.sendRotated = async (event) => {
      sent.push({ ...event, versionId: world.secret.holder(AWSCURRENT) ?? '' });
    };
    await world.step('finishSecret', 't1');
    const { arn: secretArn, name: secretName } = await world.secret.describe();
    const rotatedAt = new Date(world.date + world.now).toISOString();
    expect(sent).toEqual([{ secretArn, secretName, versionId: 't1', rotatedAt }]);
    expect(world.story.at(-2)).toEqual({ event: 'rotated-sent' });
    await world.rotate('t2');
    expect(sent.map(({ versionId }) => versionId)).toEqual(['t1', 't2']);
  });

  it('comes again with the same version and no later time if the process died after it was sent', async () => {
    // A change takes 10 ms.
    world.secret.date = () => {
      world.now += 10;
      return world.date + world.now;
    };
    await world.attempt('t1');
    world.now += 60_000;
    expect(await world.attempt('t1')).toBe('succeeded');
    expect(sent.map(({ versionId }) => versionId)).toEqual(['t1', 't1']);
    const [first, again] = sent.map(({ rotatedAt }) => Date.parse(rotatedAt));
    expect(again).toBe(world.secret.lastChangedAt);
    expect(again).toBeLessThanOrEqual(first ?? 0);
    expect(world.secret.holder(AWSCURRENT)).toBe('t1');
  });

  it("is not sent by Secrets Manager's test of a new schedule", async () => {
    world.secret.startRotation('t1');
    await world.secret.put({ versionId: 't1', value: world.secret.valueOf('v0') ?? '', labels: [] });
    await world.step('testSecret', 't1');
    expect(sent).toEqual([]);
  });

  it('fails the step with EVENT_NOT_SENT if EventBridge refuses it, and the next attempt only sends it', async () => {
    const send = world.sendRotated;
    world.sendRotated = () => Promise.reject(Object.assign(new Error('quoted secret'), { name: 'AccessDenied' }));
    const failure = await world.attempt('t1');
    expect(failure).toMatchObject({
      code: 'EVENT_NOT_SENT',
      retryable: true,
      accepted: 'current',
      message: expect.stringMatching(/^(?!.*quoted secret).* t1\b.*"Credential Rotated" \(AccessDenied\)/),
    });
    expect(world.secret.holder(AWSCURRENT)).toBe('t1');
    expect(world.applicationsLogIn).toBe(true);

    world.sendRotated = send;
    const { generated } = world;
    const changes = world.story.filter(({ event }) => event === 'change-asked').length;
    expect(await world.attempt('t1')).toBe('succeeded');
    expect(sent.map(({ versionId }) => versionId)).toEqual(['t1']);
    expect(world.generated).toBe(generated);
    expect(world.story.filter(({ event }) => event === 'change-asked')).toHaveLength(changes);
  });

  it('never blocks later rotations, even if EventBridge never takes an event', async () => {
    world.sendRotated = () => Promise.reject(new Error('no route'));
    for (const token of ['t1', 't2', 't3']) {
      expect(await world.attempt(token)).toMatchObject({ code: 'EVENT_NOT_SENT' });
      expect(world.secret.holder(AWSCURRENT)).toBe(token);
      expect(world.applicationsLogIn).toBe(true);
      expect(sentLabels(await world.secret.describe()).map(({ versionId }) => versionId)).toEqual([token]);
    }
  });

  it.each([
    [60_000, 3000],
    [2500, 2000],
    [100, 1],
  ])('with %d ms left for the invocation, EventBridge gets %d ms', async (left, expected) => {
    const ports = world.ports();
    const clock = { ...ports.clock, remaining: () => left };
    await sendRotated({ ...ports, clock }, await world.secret.describe(), 't1');
    expect(timeLimits).toEqual([expected]);
  });

  it.each(STEPS.filter((step) => step !== 'finishSecret'))(
    'is not sent by %s after a finished rotation',
    async (step) => {
      await world.rotate('t1');
      await world.step(step, 't1');
      expect(sent).toHaveLength(1);
    },
  );
});
