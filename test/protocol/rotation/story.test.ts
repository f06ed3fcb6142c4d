import { describe, expect, it } from 'vitest';
import { sentLabel } from '../../../protocol/secret/versions.ts';
import { FIRST_PASSWORD, RotationWorld, USER } from '../../support/rotation-world.ts';

describe('the events and errors of a step', () => {
  it('name every action of a healthy rotation in order, with outcome and duration', async () => {
    const world = await new RotationWorld().rotate('t0');
    world.story.length = 0;
    world.cluster.staleLogins = 1;
    expect(await world.attempt('t1')).toBe('succeeded');
    expect(world.story).toEqual([
      { event: 'step-started' },
      { event: 'step-finished', outcome: 'created', durationMs: 0 },
      { event: 'step-started' },
      { event: 'candidate-tried', candidate: { versionId: 't1', stage: 'pending' }, login: 'rejected' },
      { event: 'candidate-tried', candidate: { versionId: 't0', stage: 'current' }, login: 'accepted' },
      { event: 'change-asked', from: { versionId: 't0', stage: 'current' } },
      { event: 'change-answered', answer: { kind: 'changed' } },
      { event: 'login-awaited', tries: 1 },
      { event: 'step-finished', outcome: 'changed', durationMs: 100 },
      { event: 'step-started' },
      { event: 'authorization-checked' },
      { event: 'step-finished', outcome: 'tested', durationMs: 0 },
      { event: 'step-started' },
      { event: 'label-retired', versionId: 't0' },
      { event: 'step-finished', outcome: 'promoted', durationMs: 0 },
    ]);
    expect(await world.step('finishSecret', 't1')).toBe('already-current');
  });

  it('name a refused password, the released version and the duration of the failed step', async () => {
    const world = new RotationWorld();
    world.cluster.refuses = () => true;
    world.now = 5000;
    const failure = await world.attempt('t1');
    expect(failure).toMatchObject({
      code: 'PASSWORD_REFUSED',
      step: 'setSecret',
      accepted: 'current',
    });
    expect(world.story.slice(-3)).toEqual([
      {
        event: 'change-answered',
        answer: { kind: 'refused', reason: 'new-password', answer: 'UnexpectedError 1100: invalid password' },
      },
      { event: 'version-given-up', versionId: 't1' },
      { event: 'step-failed', error: failure, durationMs: 0 },
    ]);
    expect(world.secret.labelsOf('t1')).not.toContain(sentLabel('t1'));
  });

  it('include a plain-text endpoint, but no encrypted and no loopback endpoint', async () => {
    const world = new RotationWorld(`${USER}:${FIRST_PASSWORD}`);
    world.configure({
      endpointRules: { allowed: ['milvus.internal'], allowPlaintext: true },
      defaultEndpoint: 'http://milvus.internal:19530',
    });
    await world.runBefore('setSecret');
    expect(world.story[1]).toEqual({ event: 'plaintext-endpoint', endpoint: 'http://milvus.internal:19530' });

    for (const [defaultEndpoint, allowed] of [
      ['https://milvus.internal:19530', 'milvus.internal'],
      ['http://127.0.0.1:19530', '127.0.0.1'],
      ['https://127.0.0.1:19530', '127.0.0.1'],
    ] as const) {
      const quiet = new RotationWorld(`${USER}:${FIRST_PASSWORD}`);
      quiet.configure({
        endpointRules: { allowed: [allowed], allowPlaintext: true },
        defaultEndpoint,
      });
      await quiet.runBefore('setSecret');
      expect(quiet.story.map(({ event }) => event)).toEqual(['step-started', 'step-finished']);
    }
  });
});
