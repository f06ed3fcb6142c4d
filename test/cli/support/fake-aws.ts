import type { Aws, FunctionLogLine, RotatingSecret, RotationStart, TrailEvent } from '../../../cli/aws/aws.ts';
import type { AwsErrorKind } from '../../../cli/aws/aws-error.ts';
import type { RotatedEvent } from '../../../protocol/rotation/rotated-event.ts';
import { type SecretDescription, SecretStoreError } from '../../../protocol/secret/secret-store.ts';
import { AWSCURRENT, AWSPENDING, sentLabel } from '../../../protocol/secret/versions.ts';
import type { LoggedFailure, LoggedKey } from '../../../telemetry/log-line.ts';
import { awsErrorOf } from '../../support/aws-errors.ts';
import { InMemorySecret } from '../../support/in-memory-secret.ts';
import type { FakeClock } from './fake-clock.ts';
import { createFakeInspection, type FakeInspection } from './fake-inspection.ts';

/** What the store of a fake secret does not tell. */
type Settings = Omit<RotatingSecret, keyof SecretDescription>;

/** A secret and its rotation function. */
export interface FakeSecret extends Mutable<Settings> {
  readonly name: string;
  readonly arn: string;
  readonly store: InMemorySecret;
  /** The rotation function, or the refusal of RotateSecret. */
  rotate: ((rotation: FakeRotation) => void) | RotationStart;
  /** If set, the function's log cannot be read. */
  logError: AwsErrorKind | undefined;
  readonly lines: FunctionLogLine[];
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** A running rotation that a test controls. Times are milliseconds after RotateSecret. */
export interface FakeRotation {
  readonly token: string;
  at(milliseconds: number, action: () => void): void;
  put(value: string): void;
  promote(): void;
  log(event: string, step: string, details?: { durationMs?: number; failure?: LoggedFailure; key?: LoggedKey }): void;
}

export interface FakeAws extends Aws {
  readonly inspection: FakeInspection;
  readonly secrets: Map<string, FakeSecret>;
  /** Every call with its secret, in order: API actions, and the names of a store's methods. */
  readonly calls: string[];
  /** Every rotation that has started. A repeated RotateSecret starts none. */
  readonly started: { readonly secret: string; readonly token: string }[];
  /** The environment variables of every rotation function. */
  readonly environment: Record<string, string>;
  /** The texts of the secrets with pins, by name. */
  readonly pinned: Record<string, string>;
  /** What EventBridge has taken. */
  readonly events: RotatedEvent[];
  /** What CloudTrail has recorded. Each page holds two events. */
  readonly trailEvents: TrailEvent[];
  /** The descriptions of the secrets that the command has created. */
  readonly descriptions: ReadonlyMap<string, string>;
  /**
   * Errors by API action or by name of a store's method. A call fails until its entry is deleted.
   */
  readonly failing: Map<string, AwsErrorKind>;
  /** Starts a rotation without a call of the command. */
  startBySchedule(name: string, token: string): RotationStart;
  /** @param id name or ARN. @throws if the test added no such secret */
  secret(id: string): FakeSecret;
  /** Adds a secret whose AWSCURRENT version is `NAME-v1`. */
  add(name: string, value: string, overrides?: Partial<FakeSecret>): FakeSecret;
}

const FUNCTION_ARN = 'arn:aws:lambda:us-east-1:000000000000:function:zilliz-rotation';

export function createFakeAws(clock: FakeClock): FakeAws {
  const secrets = new Map<string, FakeSecret>();
  const calls: string[] = [];
  const started: FakeAws['started'] = [];
  const failing = new Map<string, AwsErrorKind>();
  const environment: Record<string, string> = {};
  const pinned: Record<string, string> = {};
  const events: RotatedEvent[] = [];
  const trailEvents: TrailEvent[] = [];
  const descriptions = new Map<string, string>();
  const inspection = createFakeInspection(failing);

  const find = (id: string): FakeSecret | undefined =>
    [...secrets.values()].find(({ name, arn }) => name === id || arn === id);
  const secret = (id: string): FakeSecret => {
    const added = find(id);
    if (added === undefined) {
      throw new Error(`the test added no secret ${id}`);
    }
    return added;
  };
  const addSecret = (name: string, store: InMemorySecret, overrides: Partial<FakeSecret>): FakeSecret => {
    const added: FakeSecret = {
      name,
      arn: store.arn,
      store,
      rotationFunctionArn: FUNCTION_ARN,
      schedule: 'rate(30 days)',
      nextRotationAt: clock.now() + 86_400_000,
      kmsKeyId: undefined,
      window: undefined,
      lastAccessedAt: clock.now(),
      createdAt: clock.now(),
      deletedAt: undefined,
      rotate: { kind: 'refused', reason: 'other', answer: 'the test wrote no rotation' },
      logError: undefined,
      lines: [],
      ...overrides,
    };
    store.lastChangedAt = clock.now();
    secrets.set(name, added);
    return added;
  };
  const call = (action: string, argument?: string): void => {
    calls.push(argument === undefined ? action : `${action} ${argument}`);
    const kind = failing.get(action);
    if (kind !== undefined) {
      throw awsErrorOf(kind, action);
    }
  };
  const record = (action: string, secretId: string): FakeSecret => {
    call(action, secretId);
    const secret = find(secretId);
    if (secret === undefined) {
      throw awsErrorOf('not-found', action);
    }
    return secret;
  };

  const start = (secret: FakeSecret, token: string): RotationStart => {
    if (typeof secret.rotate !== 'function') {
      return secret.rotate;
    }
    const isRepeated = secret.store.versionIds.includes(token);
    if (!secret.store.startRotation(token)) {
      return { kind: 'refused', reason: 'previous-incomplete', answer: "A previous rotation isn't complete." };
    }
    if (isRepeated) {
      return { kind: 'started' };
    }
    started.push({ secret: secret.name, token });
    secret.store.lastChangedAt = clock.now();
    secret.rotate(createFakeRotation(secret, token, clock));
    return { kind: 'started' };
  };

  return {
    secrets,
    startBySchedule: (name, token) => start(secret(name), token),
    calls,
    started,
    environment,
    pinned,
    events,
    trailEvents,
    failing,
    secret,
    descriptions,
    add: (name, value, overrides = {}) => {
      const store = new InMemorySecret(name);
      store.storeByHand(`${name}-v1`, value);
      return addSecret(name, store, overrides);
    },

    rotation: {
      describeSecret: async (secretId) => {
        const secret = record('DescribeSecret', secretId);
        return { ...secret, ...(await secret.store.describe()) };
      },
      createSecret: async (created) => {
        call('CreateSecret', created.name);
        if (find(created.name) !== undefined) {
          return 'exists';
        }
        const store = new InMemorySecret(created.name);
        store.rotationEnabled = false;
        store.storeByHand(created.versionId, created.value);
        Object.assign(store.tags, created.tags);
        addSecret(created.name, store, {
          rotationFunctionArn: undefined,
          schedule: undefined,
          nextRotationAt: undefined,
        });
        descriptions.set(created.name, created.description);
        return 'created';
      },
      startRotation: async (secretId, token) => start(record('RotateSecret', secretId), token),
      scheduleRotation: async (secretId, functionArn, expression) => {
        const secret = record('RotateSecret', secretId);
        secret.store.rotationEnabled = true;
        Object.assign(secret, { rotationFunctionArn: functionArn, schedule: expression });
        return { kind: 'started' };
      },
      cancelRotation: async (secretId) => {
        record('CancelRotateSecret', secretId).store.rotationEnabled = false;
      },
      deleteSecret: async (secretId) => {
        secrets.delete(record('DeleteSecret', secretId).name);
      },
      listSecrets: async () => {
        call('ListSecrets');
        const live = [...secrets.values()].filter(({ deletedAt }) => deletedAt === undefined);
        return await Promise.all(live.map(async (secret) => ({ ...secret, ...(await secret.store.describe()) })));
      },
    },

    store: (secretId) =>
      new Proxy(secret(secretId).store, {
        get: (store, name: keyof InMemorySecret) => {
          const method: unknown = store[name];
          if (typeof method !== 'function') {
            return method;
          }
          return async (...args: unknown[]): Promise<unknown> => {
            calls.push(`${name} ${secretId}`);
            const code = failing.get(name);
            if (code !== undefined) {
              throw new SecretStoreError({ action: name, code, kind: 'denied', explanation: 'the test made it fail' });
            }
            return await method.apply(store, args);
          };
        },
      }),

    readFunction: async () => {
      call('GetFunctionConfiguration');
      const { rotationFunction } = inspection.account;
      if (rotationFunction === undefined) {
        throw awsErrorOf('not-found', 'GetFunctionConfiguration');
      }
      return { ...rotationFunction, environment: () => environment };
    },

    sendRotated: async (event) => {
      call('PutEvents', event.secretArn);
      events.push(event);
    },

    pins: async (name) => {
      call('GetSecretValue', name);
      const text = pinned[name];
      if (text === undefined) {
        const code = 'ResourceNotFoundException';
        throw new SecretStoreError({ action: 'GetSecretValue', code, kind: 'refused', explanation: 'no such secret' });
      }
      return text;
    },

    inspection,
    inspect: async () => inspection,

    readEvents: async (name, { since, until }, page) => {
      call('LookupEvents', name);
      const found = trailEvents.filter((event) => event.name === name && event.at >= since && event.at <= until);
      const start = Number(page ?? 0);
      const end = start + 2;
      return { events: found.slice(start, end), nextPage: end < found.length ? String(end) : undefined };
    },

    readSteps: async (functionArn, { since, until = Infinity }, { secretArn, versionId } = {}) => {
      calls.push('FilterLogEvents');
      const error = [...secrets.values()].find(({ logError }) => logError !== undefined)?.logError;
      if (error !== undefined) {
        throw awsErrorOf(error, 'FilterLogEvents');
      }
      return [...secrets.values()]
        .filter((secret) => secret.rotationFunctionArn === functionArn)
        .flatMap(({ lines }) => lines)
        .filter(({ at }) => at >= since && at <= until)
        .filter((line) => line.secretArn === (secretArn ?? line.secretArn))
        .filter((line) => line.versionId === (versionId ?? line.versionId))
        .toSorted((a, b) => a.at - b.at);
    },
  };
}

/** The date of a rotation is set when the step that moved AWSCURRENT has ended. */
const DATE_DELAY_MS = 3000;

function createFakeRotation(secret: FakeSecret, token: string, clock: FakeClock): FakeRotation {
  const { store } = secret;
  return {
    token,
    at: (milliseconds, action) => clock.after(milliseconds, action),
    put: (value) => void store.put({ versionId: token, value, labels: [AWSPENDING, sentLabel(token)] }),
    promote: () => {
      const promotedAt = clock.now();
      void store.promote({ to: token, from: store.holder(AWSCURRENT) ?? '' });
      store.lastChangedAt = promotedAt;
      clock.after(DATE_DELAY_MS, () => {
        store.lastRotatedAt = promotedAt;
      });
    },
    log: (event, step, { durationMs, failure, key } = {}) => {
      const about = { versionId: token, secretArn: secret.arn, message: `${step} ${event}` };
      secret.lines.push({ ...about, at: clock.now(), event, step, durationMs, failure, key });
    },
  };
}
