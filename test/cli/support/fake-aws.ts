import type {
  Aws,
  FunctionLogLine,
  RotatingSecret,
  RotationService,
  RotationStart,
  TrailEvent,
} from '../../../cli/aws/aws.ts';
import type { AwsErrorKind } from '../../../cli/aws/aws-error.ts';
import type { RotatedEvent } from '../../../protocol/rotation/rotated-event.ts';
import { type SecretDescription, SecretStoreError } from '../../../protocol/secret/secret-store.ts';

import { awsErrorOf } from '../../support/aws-errors.ts';
import { InMemorySecret } from '../../support/in-memory-secret.ts';
import type { FakeClock } from './fake-clock.ts';
import { createFakeInspection, type FakeInspection } from './fake-inspection.ts';
import { createFakeRotation, type FakeRotation } from './rotations.ts';

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

const FUNCTION_ARN = 'arn:aws:lambda:us-east-1:000000000000:function:zilliz-rotation';

export class FakeAws implements Aws {
  readonly secrets: Map<string, FakeSecret> = new Map();
  /** Every call with its secret, in order: API actions, and the names of a store's methods. */
  readonly calls: string[] = [];
  /** Every rotation that has started. A repeated RotateSecret starts none. */
  readonly started: { readonly secret: string; readonly token: string }[] = [];
  /** The environment variables of every rotation function. */
  readonly environment: Record<string, string> = {};
  /** The texts of the secrets with pins, by name. */
  readonly pinned: Record<string, string> = {};
  /** What EventBridge has taken. */
  readonly events: RotatedEvent[] = [];
  /** What CloudTrail has recorded. */
  readonly trailEvents: TrailEvent[] = [];
  /** The descriptions of the secrets that the command has created. */
  readonly descriptions: Map<string, string> = new Map();
  /**
   * Errors by API action or by name of a store's method. A call fails until its entry is deleted.
   */
  readonly failing: Map<string, AwsErrorKind> = new Map();
  readonly inspection: FakeInspection = createFakeInspection(this.failing);
  private readonly clock: FakeClock;

  constructor(clock: FakeClock) {
    this.clock = clock;
  }

  /** Adds a secret whose AWSCURRENT version is `NAME-v1`. */
  add(name: string, value: string, overrides: Partial<FakeSecret> = {}): FakeSecret {
    const store = new InMemorySecret(name);
    store.storeByHand(`${name}-v1`, value);
    return this.addSecret(name, store, overrides);
  }

  /** @param id name or ARN. @throws if the test added no such secret */
  secret(id: string): FakeSecret {
    const added = this.find(id);
    if (added === undefined) {
      throw new Error(`the test added no secret ${id}`);
    }
    return added;
  }

  /** Starts a rotation without a call of the command. */
  startBySchedule(name: string, token: string): RotationStart {
    return this.start(this.secret(name), token);
  }

  readonly rotation: RotationService = {
    describeSecret: async (secretId) => {
      const secret = this.record('DescribeSecret', secretId);
      return { ...secret, ...(await secret.store.describe()) };
    },
    createSecret: async ({ name, versionId, value, tags, description }) => {
      this.call('CreateSecret', name);
      if (this.find(name) !== undefined) {
        return 'exists';
      }
      const store = new InMemorySecret(name);
      store.rotationEnabled = false;
      store.storeByHand(versionId, value);
      Object.assign(store.tags, tags);
      this.addSecret(name, store, { rotationFunctionArn: undefined, schedule: undefined, nextRotationAt: undefined });
      this.descriptions.set(name, description);
      return 'created';
    },
    startRotation: async (secretId, token) => this.start(this.record('RotateSecret', secretId), token),
    scheduleRotation: async (secretId, functionArn, expression) => {
      const secret = this.record('RotateSecret', secretId);
      secret.store.rotationEnabled = true;
      Object.assign(secret, { rotationFunctionArn: functionArn, schedule: expression });
      return { kind: 'started' };
    },
    cancelRotation: async (secretId) => {
      this.record('CancelRotateSecret', secretId).store.rotationEnabled = false;
    },
    deleteSecret: async (secretId) => void this.secrets.delete(this.record('DeleteSecret', secretId).name),
    listSecrets: async () => {
      this.call('ListSecrets');
      const live = [...this.secrets.values()].filter(({ deletedAt }) => deletedAt === undefined);
      return await Promise.all(live.map(async (secret) => ({ ...secret, ...(await secret.store.describe()) })));
    },
  };

  store: Aws['store'] = (secretId) =>
    new Proxy(this.secret(secretId).store, {
      get: (store, name: keyof InMemorySecret) => {
        const method: unknown = store[name];
        if (typeof method !== 'function') {
          return method;
        }
        return async (...args: unknown[]): Promise<unknown> => {
          this.calls.push(`${name} ${secretId}`);
          const code = this.failing.get(name);
          if (code !== undefined) {
            throw new SecretStoreError({ action: name, code, kind: 'denied', explanation: 'the test made it fail' });
          }
          return await method.apply(store, args);
        };
      },
    });

  readFunction: Aws['readFunction'] = async () => {
    this.call('GetFunctionConfiguration');
    const { rotationFunction } = this.inspection.account;
    if (rotationFunction === undefined) {
      throw awsErrorOf('not-found', 'GetFunctionConfiguration');
    }
    return { ...rotationFunction, environment: () => this.environment };
  };

  sendRotated: Aws['sendRotated'] = async (event) => {
    this.call('PutEvents', event.secretArn);
    this.events.push(event);
  };

  pins: Aws['pins'] = async (name) => {
    this.call('GetSecretValue', name);
    const text = this.pinned[name];
    if (text === undefined) {
      const code = 'ResourceNotFoundException';
      throw new SecretStoreError({ action: 'GetSecretValue', code, kind: 'refused', explanation: 'no such secret' });
    }
    return text;
  };

  inspect: Aws['inspect'] = async () => this.inspection;

  readEvents: Aws['readEvents'] = async (name, { since, until }) => {
    this.call('LookupEvents', name);
    return this.trailEvents.filter((event) => event.name === name && event.at >= since && event.at <= until);
  };

  readSteps: Aws['readSteps'] = async (functionArn, { since, until = Infinity }, { secretArn, versionId } = {}) => {
    this.calls.push('FilterLogEvents');
    const error = [...this.secrets.values()].find(({ logError }) => logError !== undefined)?.logError;
    if (error !== undefined) {
      throw awsErrorOf(error, 'FilterLogEvents');
    }
    return [...this.secrets.values()]
      .filter((secret) => secret.rotationFunctionArn === functionArn)
      .flatMap(({ lines }) => lines)
      .filter(({ at }) => at >= since && at <= until)
      .filter((line) => line.secretArn === (secretArn ?? line.secretArn))
      .filter((line) => line.versionId === (versionId ?? line.versionId))
      .toSorted((a, b) => a.at - b.at);
  };

  private find(id: string): FakeSecret | undefined {
    return [...this.secrets.values()].find(({ name, arn }) => name === id || arn === id);
  }

  private addSecret(name: string, store: InMemorySecret, overrides: Partial<FakeSecret>): FakeSecret {
    const now = this.clock.now();
    const added: FakeSecret = {
      ...{ name, arn: store.arn, store },
      rotationFunctionArn: FUNCTION_ARN,
      schedule: 'rate(30 days)',
      nextRotationAt: now + 86_400_000,
      ...{ lastAccessedAt: now, createdAt: now },
      ...{ kmsKeyId: undefined, window: undefined, deletedAt: undefined, logError: undefined },
      rotate: { kind: 'refused', reason: 'other', answer: 'the test wrote no rotation' },
      lines: [],
      ...overrides,
    };
    store.lastChangedAt = now;
    this.secrets.set(name, added);
    return added;
  }

  private call(action: string, argument?: string): void {
    this.calls.push(argument === undefined ? action : `${action} ${argument}`);
    const kind = this.failing.get(action);
    if (kind !== undefined) {
      throw awsErrorOf(kind, action);
    }
  }

  private record(action: string, secretId: string): FakeSecret {
    this.call(action, secretId);
    const secret = this.find(secretId);
    if (secret === undefined) {
      throw awsErrorOf('not-found', action);
    }
    return secret;
  }

  private start(secret: FakeSecret, token: string): RotationStart {
    if (typeof secret.rotate !== 'function') {
      return secret.rotate;
    }
    const isRepeated = secret.store.versionIds.includes(token);
    if (!secret.store.startRotation(token)) {
      return { kind: 'refused', reason: 'previous-incomplete', answer: "A previous rotation isn't complete." };
    }
    if (!isRepeated) {
      this.started.push({ secret: secret.name, token });
      secret.store.lastChangedAt = this.clock.now();
      secret.rotate(createFakeRotation(secret, token, this.clock));
    }
    return { kind: 'started' };
  }
}
