import type { FunctionLogLine, RotationService } from '../../../../cli/aws/aws.ts';
import { SecretStoreError } from '../../../../protocol/secret/secret-store.ts';
import { AWSCURRENT, AWSPENDING, AWSPREVIOUS } from '../../../../protocol/secret/versions.ts';
import { STEP_EVENT } from '../../../../telemetry/log-line.ts';
import type { InMemorySecret } from '../../../support/in-memory-secret.ts';
import type { Plant, Plants, VerifyWorld } from '../../support/verify-world.ts';

export const OF_SECRETS: Plants = {
  'sm-write-once': inStore((store) => {
    const put = store.put.bind(store);
    store.put = async (version) => {
      const outcome = await put(version);
      return outcome === 'conflict' ? 'stored' : outcome;
    };
  }),
  'sm-pending-visible': inStore((store, { fixture: { clock } }) => {
    const [put, read] = [store.put.bind(store), store.read.bind(store)];
    let since = 0;
    store.put = async (version) => {
      since = clock.now();
      return await put(version);
    };
    store.read = async (versionId) => (clock.now() - since < 2000 ? undefined : await read(versionId));
  }),
  'sm-compare-and-swap': inStore((store) => {
    const promote = store.promote.bind(store);
    store.promote = async ({ to }) => await promote({ to, from: store.holder(AWSCURRENT) ?? '' });
  }),
  'sm-previous-follows': inStore((store) => {
    const promote = store.promote.bind(store);
    store.promote = async (move) => {
      const outcome = await promote(move);
      await store.removeLabel({ label: AWSPREVIOUS, from: store.holder(AWSPREVIOUS) ?? '' });
      return outcome;
    };
  }),
  'sm-last-changed': inStore((store) => {
    const { lastChangedAt } = store;
    Object.defineProperty(store, 'lastChangedAt', { get: () => lastChangedAt, set: () => undefined });
  }),
  'sm-versions-kept': inStore((store) => {
    const put = store.put.bind(store);
    store.put = async (version) => {
      if (store.versionIds.length > 100) {
        store.deleteDeprecated();
      }
      return await put(version);
    };
  }),
  'sm-labels-limit': inStore((store) => {
    store.addLabel = async () => undefined;
  }),
  'sm-test-of-schedule': (world) => {
    world.testedSteps = ['createSecret', 'testSecret'];
  },
  'sm-steps': (world) => {
    world.steps = ['createSecret', 'setSecret', 'setSecret', 'testSecret', 'finishSecret'];
  },
  'sm-next-date': (world) => {
    world.nextRotationAt = () => 0;
  },
  'sm-token-reuse': ({ fixture: { aws } }) => {
    const { startRotation } = aws.rotation;
    aws.rotation.startRotation = async (secretId, token) => {
      const { store } = aws.secret(secretId);
      const isUsed = store.versionIds.includes(token);
      return isUsed ? { kind: 'refused', reason: 'other', answer: 'exists' } : await startRotation(secretId, token);
    };
  },
  'sm-empty-pending': inStore((store) => {
    const startRotation = store.startRotation.bind(store);
    store.startRotation = (token) => {
      const isStarted = startRotation(token);
      if (store.valueOf(store.holder(AWSCURRENT) ?? '') === '{}') {
        void store.put({ versionId: token, value: '{}', labels: [AWSPENDING] });
      }
      return isStarted;
    };
  }),
  'sm-incomplete': ({ fixture: { aws } }) => {
    aws.rotation.startRotation = startAlways(aws.rotation.startRotation);
  },
  'sm-refusal-texts': ({ fixture: { aws } }) => {
    const { startRotation } = aws.rotation;
    aws.rotation.startRotation = async (secretId, token) => {
      const start = await startRotation(secretId, token);
      return start.kind === 'refused' ? { ...start, reason: 'other' } : start;
    };
  },
  'sm-retries': (world) => {
    world.attemptsAt = [0];
  },
  'aws-retries': (world) => {
    world.attemptsAt = [0, 2000, 8000];
  },
  'aws-schedule': (world) => {
    const { nextRotationAt } = world;
    world.nextRotationAt = (expression, now) =>
      nextRotationAt(expression, now) + (expression.startsWith('cron') ? 20 * 3_600_000 : 0);
  },
  'aws-stopped': ({ fixture: { aws, clock } }) => {
    const { cancelRotation } = aws.rotation;
    aws.rotation.cancelRotation = async (secretId) => {
      await cancelRotation(secretId);
      const { lines } = aws.secret(secretId);
      const last = lines.findLast(({ event }) => event === STEP_EVENT.started);
      for (const pause of last === undefined ? [] : [2000, 4000]) {
        clock.after(pause, () => lines.push({ ...last, at: clock.now() } as FunctionLogLine));
      }
    };
  },
  'sm-rotation-token': inStore((store) => {
    const put = store.put.bind(store);
    store.put = async (version) => {
      if (version.value === '{}' && version.labels.includes(AWSPENDING)) {
        const about = { action: 'PutSecretValue', code: 'InvalidParameterException', explanation: 'no token' };
        throw new SecretStoreError({ ...about, kind: 'refused' });
      }
      return await put(version);
    };
  }),
  'aws-refused-start': staysOff,
  'sm-write-of-person': inStore((store) => {
    const remove = store.removePendingByHand.bind(store);
    store.removePendingByHand = () => {
      // Only the check has stored this value for a failed rotation.
      if (store.valueOf(store.holder(AWSPENDING) ?? '') !== '{}') {
        remove();
      }
    };
  }),
  'sm-last-rotated': inStore((store, { fixture: { clock } }) => {
    const put = store.put.bind(store);
    store.put = async (version) => {
      store.lastRotatedAt = version.labels.includes(AWSCURRENT) ? clock.now() : store.lastRotatedAt;
      return await put(version);
    };
  }),
  'aws-events': ({ missingEvents }) => {
    missingEvents.add('RotationSucceeded');
  },
  'sm-events': ({ missingEvents }) => {
    missingEvents.add('RotationAbandoned');
  },
};

/** A refused RotateSecret does not turn rotation on, so there is no date of the last rotation. */
export function staysOff({ fixture: { aws } }: VerifyWorld): void {
  const { startRotation, describeSecret } = aws.rotation;
  aws.rotation.startRotation = async (secretId, token) => {
    const start = await startRotation(secretId, token);
    aws.secret(secretId).store.rotationEnabled = start.kind === 'started';
    return start;
  };
  aws.rotation.describeSecret = async (secretId) => {
    const { lastRotatedAt, ...described } = await describeSecret(secretId);
    return { ...described, lastRotatedAt: described.rotationEnabled ? lastRotatedAt : undefined };
  };
}

export function startAlways(startRotation: RotationService['startRotation']): RotationService['startRotation'] {
  return async (...request) => {
    await startRotation(...request);
    return { kind: 'started' };
  };
}

/** Changes the temporary secret as soon as it exists. */
export function inStore(change: (store: InMemorySecret, world: VerifyWorld) => void): Plant {
  return (world) => {
    world.onSecret = ({ store }) => change(store, world);
  };
}
