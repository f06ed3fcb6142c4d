import { describe, expect, it } from 'vitest';
import { requireEntry } from '../../../protocol/rotation/configured-secrets.ts';
import { type FunctionConfig, readConfig } from '../../../protocol/rotation/function-config.ts';
import type { Pins, PinsBySecret } from '../../../protocol/secret/rotated-secrets.ts';

const LOCATION = { prefix: 'zilliz-rotation-pins/rotation/Function/3', count: 3, isComplete: false };
const EACH = { prefix: 'zilliz-rotation-pins/each', count: 'each', isComplete: true } as const;
const PINS: PinsBySecret = { 'milvus/orders': { endpoint: 'https://milvus.internal', usernames: ['a', 'b'] } };
const SECRET = {
  arn: 'arn:aws:secretsmanager:us-east-1:111122223333:secret:milvus/left-Ab12Cd',
  name: 'milvus/left',
};
/** A function whose variable SECRET_TARGETS says this. */
const withPins = (pins: FunctionConfig['pins']) => ({
  config: { ...readConfig({}), pins },
  functionArn: 'arn:aws:lambda:us-east-1:111122223333:function:rotation',
});

describe('a secret without an entry', () => {
  it('is refused if the pins are complete, because it would rotate as a secret of any user', () => {
    const complete = withPins({ ...LOCATION, isComplete: true });
    expect(() => requireEntry(SECRET, {}, complete)).toThrow(/^SECRET_NOT_CONFIGURED: .*milvus\/left/);
    expect(requireEntry(SECRET, { 'milvus/left': {} }, complete).pins).toEqual({});
  });

  it('is refused if the secret with its own pins names another secret', () => {
    expect(() => requireEntry(SECRET, PINS, withPins(EACH))).toThrow(/^SECRET_NOT_CONFIGURED/);
  });

  it('may name any user if they are not', () => {
    expect(requireEntry(SECRET, {}, withPins(LOCATION)).pins).toEqual({});
  });
});

it.each<Pins>([{ apiKeyId: 'key-1' }, { usernames: ['a', 'b'] }])(
  'an entry without the endpoint that its strategy needs is refused, because the secret would choose the host: %j',
  (pins) => {
    const decide = (pinned: Pins) => () => requireEntry(SECRET, { 'milvus/left': pinned }, withPins(LOCATION));
    expect(decide(pins)).toThrow(/^SECRET_NOT_CONFIGURED: .*endpoint/);
    expect(decide({ ...pins, endpoint: 'https://a.zillizcloud.com' })()).toMatchObject({ pins });
  },
);

it.each<Pins>([
  { endpoint: 'https://a.zillizcloud.com', strategy: 'alternating-users', username: 'orders' },
  { strategy: 'single-user', usernames: ['a', 'b'] },
  { endpoint: 'https://a.zillizcloud.com', strategy: 'api-key', username: 'orders' },
])('an entry with pins of another strategy than it names starts no rotation: %j', (pins) => {
  const decide = () => requireEntry(SECRET, { 'milvus/left': pins }, withPins(LOCATION));
  expect(decide).toThrow(expect.objectContaining({ code: 'PINS_UNREADABLE' }));
});
