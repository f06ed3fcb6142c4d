import { readCurrent } from '../../protocol/credential/read-version.ts';
import type { EndpointOptions, StoredCredential } from '../../protocol/credential/stored-credential.ts';
import { ENDPOINT_TAG } from '../../protocol/secret/document.ts';
import { isPinsLocation } from '../../protocol/secret/pins.ts';
import { findPins, namesIn, type Pins } from '../../protocol/secret/rotated-secrets.ts';
import { SecretStoreError } from '../../protocol/secret/secret-store.ts';
import type { Aws, RotatingSecret } from '../aws/aws.ts';
import { AwsError } from '../aws/aws-error.ts';
import { type DeployedFunction, readDeployedFunction } from '../aws/deployed-function.ts';
import { MAX_CONCURRENT, mapConcurrently } from '../aws/map-concurrently.ts';
import { memoize } from '../aws/memoize.ts';
import { catchKnown, type Explanation, truncatedList } from '../outcome/failure.ts';
import { endpointsFor, type KnownStrategy } from './read-strategy.ts';
import { comparePins, explainSameUser, isEndpoint, type UsersOfSecret } from './users-of-secret.ts';

export interface SameUserSearch {
  /** The names of other secrets with one of the users, sorted. */
  readonly others: readonly string[];
  /** What a person does about the others. `undefined`: there is none. */
  readonly explanation: Explanation | undefined;
  readonly notes: readonly string[];
}

export const NOT_SEARCHED: SameUserSearch = { others: [], explanation: undefined, notes: [] };

/** For findings beside one that names the other secrets, and says how to separate them. */
export const SAID_ELSEWHERE: SameUserSearch = {
  ...NOT_SEARCHED,
  explanation: {
    code: 'same-user',
    message: '',
    advice: 'First separate the secrets that hold the same user or API key.',
  },
};

export type FindSameUser = (users: UsersOfSecret, aws: Aws) => Promise<SameUserSearch>;

/** The most values that one command reads. */
const MAX_VALUES = 1000;

/** A secret that may hold the credential of a cluster user. */
interface OtherSecret extends Pick<KnownStrategy, 'pins' | 'config'> {
  readonly secret: RotatingSecret;
  readonly aws: Aws;
  /** Whether a function of this product rotates the secret. False if AWS does not tell. */
  readonly isOurs: boolean;
}

/**
 * Creates a search for other secrets with the same user at the same endpoint. It reads AWSCURRENT
 * of secrets that may be for this endpoint: those with its tag, and those that a function of this
 * product rotates. All searches of a command share one list, and read each value once. They change
 * nothing and send no password. What AWS denies becomes a note.
 */
export function createSameUserFinder(endpoints: EndpointOptions, interrupted: AbortSignal): FindSameUser {
  const listOnce = memoize(listOtherSecrets);
  const begun = new Set<OtherSecret>();
  const readOnce = memoize(async (other: OtherSecret) => {
    const { secret, aws } = other;
    begun.add(other);
    const ports = { store: aws.store(secret.arn), endpoints: endpointsFor(other, endpoints) };
    return await catchKnown(readCurrent(secret, ports), SecretStoreError);
  });
  return async (users, aws) => {
    const listed = await listOnce(aws);
    const secrets = listed instanceof AwsError ? [] : listed;
    const others = new Set(await pinnedElsewhere(users, !(listed instanceof AwsError), aws));
    const unread = new Map<string, string>();
    await mapConcurrently(secrets, MAX_CONCURRENT, async (other) => {
      const { arn, name } = other.secret;
      const compared = arn === users.arn || !mayHold(other, users) ? 'none' : comparePins(other.pins, users);
      if (compared === 'same-user') {
        others.add(name);
      } else if (compared === 'unknown' && begun.size >= MAX_VALUES && !begun.has(other)) {
        unread.set(name, `The command reads at most ${MAX_VALUES} values.`);
      } else if (compared === 'unknown' && !interrupted.aborted) {
        const stored = await readOnce(other);
        if (stored instanceof Error) {
          unread.set(name, stored.message);
        } else if (holdsUser(stored, other.pins, users)) {
          others.add(name);
        }
      }
    });
    const names = [...others].toSorted();
    return { others: names, explanation: explainSameUser(users, names), notes: notesOn(listed, unread) };
  };
}

/** Secrets with a rotation function, or with the tag of an endpoint. Reads no value. */
async function listOtherSecrets(aws: Aws): Promise<readonly OtherSecret[] | AwsError> {
  const listed = await catchKnown(aws.rotation.listSecrets(), AwsError);
  if (listed instanceof AwsError) {
    return listed;
  }
  const mayBeOurs = listed.filter(
    ({ rotationFunctionArn, tags }) => rotationFunctionArn !== undefined || tags[ENDPOINT_TAG] !== undefined,
  );
  const readFunction = memoize(async (arn: string) => await readDeployedFunction(arn, aws));
  return await mapConcurrently(mayBeOurs, MAX_CONCURRENT, async (secret) => {
    const { rotationFunctionArn: arn } = secret;
    const shared = arn === undefined ? '' : await readFunction(arn);
    const found =
      arn !== undefined && hasPinsOfEach(shared) ? await readDeployedFunction(arn, aws, secret.name) : shared;
    if (typeof found === 'string') {
      return { secret, aws, isOurs: false, config: undefined, pins: {} };
    }
    const { isOurs, config, pins, functionArn } = found;
    return { secret, aws, isOurs, config, pins: findPins(secret, pins, functionArn) ?? {} };
  });
}

function hasPinsOfEach(deployed: DeployedFunction | string): boolean {
  return typeof deployed !== 'string' && isPinsLocation(deployed.config.pins) && deployed.config.pins.count === 'each';
}

/**
 * Leaves out the secrets of other products, because nobody expects that this command reads their
 * values.
 */
function mayHold({ secret, isOurs }: OtherSecret, { rotationFunctionArn, endpoint }: UsersOfSecret): boolean {
  return (
    isOurs ||
    (rotationFunctionArn !== undefined && secret.rotationFunctionArn === rotationFunctionArn) ||
    isEndpoint(secret.tags[ENDPOINT_TAG], endpoint)
  );
}

/** Whether a value holds one of the users. Another secret may have it as its second user. */
function holdsUser(stored: StoredCredential, pins: Pins, { endpoint, usernames }: UsersOfSecret): boolean {
  return (
    stored.kind === 'usable' &&
    (endpoint === undefined || stored.credentials.endpoint.url === endpoint) &&
    [stored.credentials.username, ...namesIn(pins)].some((user) => usernames.includes(user))
  );
}

/**
 * The secrets that the function of this secret pins, and that cannot be listed: secrets of another
 * account, or all secrets if AWS denies ListSecrets.
 *
 * @returns names, with their account if it is not the account of the function
 */
async function pinnedElsewhere(users: UsersOfSecret, areListed: boolean, aws: Aws): Promise<readonly string[]> {
  const { rotationFunctionArn: functionArn, arn = '', name } = users;
  const deployed = functionArn === undefined ? '' : await readDeployedFunction(functionArn, aws);
  if (typeof deployed === 'string') {
    return [];
  }
  return Object.entries(deployed.pins)
    .filter(([key, pins]) => {
      const isOwn = key === name || findPins({ arn, name }, { [key]: pins }, deployed.functionArn) === pins;
      const isListed = areListed && !/^\d{12}:/.test(key);
      return !isOwn && !isListed && comparePins(pins, users) === 'same-user';
    })
    .map(([key]) => key);
}

function notesOn(listed: unknown, unread: ReadonlyMap<string, string>): readonly string[] {
  if (listed instanceof AwsError) {
    return [
      `It is not known whether another secret holds the same user or API key, because the secrets could not be listed. ${listed.message}`,
    ];
  }
  const names = [...unread.keys()].toSorted();
  return names.length === 0
    ? []
    : [
        `It is not known whether these secrets hold the same user or API key, because their values were not read: ${truncatedList(names)}. ${unread.get(names[0] ?? '')}`,
      ];
}
