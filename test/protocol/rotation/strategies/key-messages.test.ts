import { beforeEach, describe, expect, it } from 'vitest';
import { logProgress } from '../../../../lambda/progress-listeners.ts';
import { ADVICE } from '../../../../protocol/rotation/failures.ts';
import type { RotationPorts } from '../../../../protocol/rotation/ports.ts';
import type { Step } from '../../../../protocol/rotation/rotation-request.ts';
import { AWSPENDING } from '../../../../protocol/secret/versions.ts';
import { KeyWorld, keyDocument } from '../../../support/key-world.ts';
import { ENDPOINT } from '../../../support/rotation-world.ts';

let world: KeyWorld;
let lines: string[];

beforeEach(() => {
  world = new KeyWorld();
  lines = [];
});

function logOf(step: Step): RotationPorts['report'] {
  const add = (...line: readonly unknown[]): void => void lines.push(String(line[0]));
  const request = { step, secretId: world.secret.arn, token: 't1', rotationToken: undefined };
  return logProgress({ info: add, warn: add, error: add }, request);
}

/** Words that are wrong for a key. */
const WORDS_OF_USERS = /\bpasswords?\b|\busers?\b(?! or API key)/;

/** Codes of failures that only a strategy of users has. */
const OF_USERS = /^(ADMIN_|NONE_|PASSWORD_|CHANGE_|RESET_|ROTATED_|VERSION_DENIED|CLUSTER_NOT_PRIMARY|LABELS_FULL)/;

it.each(Object.entries(ADVICE).filter(([code]) => !OF_USERS.test(code)))(
  'the advice of %s fits a key and a password',
  (_, advice) => {
    expect(advice).not.toMatch(WORDS_OF_USERS);
  },
);

describe('no message and no log line of a key speaks of a password or a user:', () => {
  const storePending = async (value: string): Promise<void> => {
    world.secret.startRotation('t1');
    await world.secret.put({ versionId: 't1', value, labels: [AWSPENDING] });
  };
  const cases: Array<[string, Step, () => Promise<unknown> | unknown]> = [
    [
      'PENDING_REJECTED',
      'testSecret',
      async () => {
        await world.runBefore('testSecret');
        await world.organization.delete(world.keyIdIn(AWSPENDING) ?? '');
      },
    ],
    [
      'CURRENT_REJECTED',
      'finishSecret',
      async () => {
        await world.runBefore('finishSecret');
        await world.secret.promote({ to: 't1', from: 'v0' });
        await world.organization.delete(world.keyIdIn(AWSPENDING) ?? '');
      },
    ],
    [
      'CURRENT_REJECTED',
      'testSecret',
      async () => {
        world.secret.lastRotatedAt = 0;
        await storePending(keyDocument(world.first));
        await world.organization.delete(world.first.id);
      },
    ],
    [
      'AUTHORIZATION_OFF',
      'testSecret',
      async () => {
        await world.runBefore('testSecret');
        world.cluster.authorization = false;
      },
    ],
    ['PENDING_INVALID', 'setSecret', async () => await storePending(keyDocument(world.first))],
    [
      'PENDING_MISMATCH',
      'setSecret',
      async () => {
        world.secret.startRotation('t1');
        const value = keyDocument(world.first, { endpoint: ENDPOINT.replace('19530', '19531') });
        world.configure({ target: { ...world.settings.target, endpoint: undefined } });
        await world.secret.put({ versionId: 't1', value, labels: [AWSPENDING] });
      },
    ],
    [
      'CLUSTER_FORBIDS',
      'testSecret',
      async () => {
        await world.runBefore('testSecret');
        world.cluster.authenticates = () => Promise.resolve({ kind: 'forbidden' });
      },
    ],
  ];

  it.each(cases)('%s in %s', async (code, step, happen) => {
    await happen();
    const ports = { ...world.ports(), report: logOf(step) };
    await expect(world.step(step, 't1', ports)).rejects.toMatchObject({ code });
    expect(lines.at(-1)).toContain(code);
    expect(lines.join('\n')).not.toMatch(WORDS_OF_USERS);
  });

  it('a healthy rotation', async () => {
    world.organization.delayMs = 1000;
    world.now = 5000;
    const ports = world.ports();
    for (const step of ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const) {
      world.secret.startRotation('t1');
      await world.step(step, 't1', { ...ports, report: logOf(step) });
    }
    expect(lines.length).toBeGreaterThan(8);
    expect(lines.join('\n')).not.toMatch(WORDS_OF_USERS);
  });
});
