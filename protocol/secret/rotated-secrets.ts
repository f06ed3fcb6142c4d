import { accountAndRegionOf } from './account-and-region.ts';

/**
 * The environment variables that tell a rotation function which secrets it rotates, and where their
 * pins are: in the secrets of `pins.ts`, or as text in the variable itself. The stack writes both
 * variables, and the function and the command read them.
 */
export const ROTATED_SECRETS = 'ROTATED_SECRETS';
export const SECRET_TARGETS = 'SECRET_TARGETS';

/** One secret or several secrets, as parts of their ARNs. */
export interface SecretPattern {
  /** 12 digits. `undefined`: the account of the function. */
  readonly account: string | undefined;
  /**
   * The text after `secret:` in the ARN: `orders-Ab12Cd`, `orders-??????` (the suffix is unknown)
   * or `folder/*`. Supports the same wildcards as the role's policy: a trailing `*`, or trailing
   * `?`s.
   */
  readonly resource: string;
}

/** The names of the strategies that change passwords of cluster users, in AWS's words. */
export const USER_STRATEGY_NAMES = ['single-user', 'alternating-users'] as const;

export const STRATEGY_NAMES: readonly [...typeof USER_STRATEGY_NAMES, 'api-key'] = [...USER_STRATEGY_NAMES, 'api-key'];

export type UserStrategyName = (typeof USER_STRATEGY_NAMES)[number];

export type StrategyName = (typeof STRATEGY_NAMES)[number];

/** The cluster and users that the configuration pins for a secret. */
export interface Pins {
  readonly endpoint?: string | undefined;
  readonly username?: string | undefined;
  /** The two users that take turns, instead of `username`. */
  readonly usernames?: readonly [string, string] | undefined;
  /** The id of the API key with which the rotation of the secret began, instead of a user. */
  readonly apiKeyId?: string | undefined;
  /** Absent in the pins of a strategy that the other keys tell. */
  readonly strategy?: StrategyName | undefined;
}

/** The users that a secret may name. Empty: any user. */
export function usersOf({ username, usernames }: Pins): readonly string[] {
  return usernames ?? (username === undefined ? [] : [username]);
}

/** The pins that name credentials. */
export const NAME_PINS = ['username', 'usernames', 'apiKeyId'] as const;

/** The names of all credentials that pins name: users, and the id of an API key. */
export function namesIn(pins: Pins): readonly string[] {
  return NAME_PINS.flatMap((pin) => pins[pin] ?? []);
}

/** The reverse of {@link usersOf}: the pins of one user, or of two users that take turns. */
export function pinsOfUsers([first, second]: readonly string[]): Pins {
  return first !== undefined && second !== undefined ? { usernames: [first, second] } : { username: first };
}

/** Whether the deployment decides the endpoint and the users, not whoever may write the secret. */
export function pinsEverything(pins: Pins): boolean {
  return pins.endpoint !== undefined && usersOf(pins).length > 0;
}

/**
 * Pins by {@link pinsKeyOfName}, or by {@link pinsKeyOfArn} if only the deployment knows the name.
 * The account is part of the key, because secrets of two accounts can have the same name and must
 * not get the same pins.
 */
export type PinsBySecret = Readonly<Record<string, Pins>>;

export function formatPattern({ account, resource }: SecretPattern): string {
  return account === undefined ? resource : `${account}:${resource}`;
}

/** Empty for no secret, so that the function refuses all of them. */
export function formatRotatedSecrets(patterns: readonly SecretPattern[]): string {
  return patterns.map(formatPattern).join(',');
}

export function parseRotatedSecrets(text: string): SecretPattern[] {
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .map((entry) => {
      const [, account, resource = ''] = /^(?:(\d{12}):)?(.*)$/.exec(entry) ?? [];
      return { account, resource };
    });
}

/** Whether a pattern names the secret of this ARN. */
export function isRotated(secretArn: string, patterns: readonly SecretPattern[], functionArn: string): boolean {
  const own = accountAndRegionOf(functionArn);
  const [, , , region, secretAccount = '', , ...rest] = secretArn.split(':');
  const secretResource = rest.join(':');
  return (
    region === own.region &&
    patterns.some(
      ({ account = own.account, resource }) => account === secretAccount && covers(resource, secretResource),
    )
  );
}

function covers(pattern: string, resource: string): boolean {
  if (pattern.endsWith('*')) {
    return resource.startsWith(pattern.slice(0, -1));
  }
  const fixed = pattern.replace(/\?+$/, '');
  return resource.startsWith(fixed) && resource.length === pattern.length;
}

/** `orders` in the account of the function, `111122223333:orders` in another account. */
export function pinsKeyOfName(name: string, account: string | undefined): string {
  return formatPattern({ account, resource: name });
}

/**
 * `secret:orders-Ab12Cd`, the end of the ARN. The name of a secret cannot hold a colon, so no name
 * has this key.
 */
export function pinsKeyOfArn(resource: string, account: string | undefined): string {
  return formatPattern({ account, resource: `secret:${resource}` });
}

export function formatPins(bySecret: PinsBySecret): string {
  return JSON.stringify(bySecret);
}

/** @returns undefined for a secret without an entry, and for a secret of another region. */
export function findPins(
  { arn, name }: { readonly arn: string; readonly name: string },
  bySecret: PinsBySecret,
  functionArn: string,
): Pins | undefined {
  const own = accountAndRegionOf(functionArn);
  const [, , , region, secretAccount, , ...resource] = arn.split(':');
  if (region !== own.region) {
    return undefined;
  }
  // Synth may not know that the account of a secret is that of the function.
  const accounts = secretAccount === own.account ? [undefined, secretAccount] : [secretAccount];
  const keys = accounts.flatMap((account) => [pinsKeyOfName(name, account), pinsKeyOfArn(resource.join(':'), account)]);
  const found = keys.flatMap((key) => (Object.hasOwn(bySecret, key) ? (bySecret[key] ?? []) : []));
  // Synth may know a secret by its name and by its ARN, and pin it by one of them.
  return found.find((pins) => Object.keys(pins).length > 0) ?? found[0];
}

/** The tag of a secret whose rotation is off on purpose. */
export const OFF_ON_PURPOSE = { key: 'zilliz:rotation', value: 'off' } as const;

export function isOffOnPurpose({ tags }: { readonly tags: Readonly<Record<string, string>> }): boolean {
  return tags[OFF_ON_PURPOSE.key] === OFF_ON_PURPOSE.value;
}

/** Whether rotation is on without a schedule. RotateSecret can turn it on like this. */
export function neverStarts({
  rotationEnabled,
  schedule,
}: {
  readonly rotationEnabled: boolean;
  /** An expression, or a number of days. */
  readonly schedule: string | number | undefined;
}): boolean {
  return rotationEnabled && schedule === undefined;
}

/** Actions of a rotation that change a secret. */
export const WRITE_ACTIONS: readonly string[] = [
  'secretsmanager:PutSecretValue',
  'secretsmanager:UpdateSecretVersionStage',
];

/** All actions that the function performs on a secret. A rotation fails without any of them. */
export const ROTATION_ACTIONS: readonly string[] = [
  'secretsmanager:DescribeSecret',
  'secretsmanager:GetSecretValue',
  'secretsmanager:ListSecretVersionIds',
  ...WRITE_ACTIONS,
];
