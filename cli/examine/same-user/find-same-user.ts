import { readCurrent } from '../../../protocol/credential/read-version.ts';
import type { EndpointOptions, StoredCredential } from '../../../protocol/credential/stored-credential.ts';
import { ENDPOINT_TAG } from '../../../protocol/secret/document.ts';
import type { SecretTarget } from '../../../protocol/secret/rotated-secrets.ts';
import { SecretStoreError } from '../../../protocol/secret/secret-store.ts';
import type { Aws, RotationService } from '../../aws/aws.ts';
import { readDeployedFunction } from '../../aws/deployed-function.ts';
import { catchKnown } from '../../outcome/catch-known.ts';
import { truncatedList } from '../../outcome/failure.ts';
import {
  comparePins,
  compareValue,
  isEndpoint,
  pinsOfUnlisted,
  targetOf,
  type UsersOfSecret,
} from './compare-users.ts';
import {
  describeOtherSecrets,
  forEachOf,
  listOtherSecrets,
  type OtherSecret,
  type OtherSecrets,
} from './other-secrets.ts';

/** Another secret with one of the users. A rotation of one of the two makes the other wrong. */
export interface SecretOfSameUser {
  /** The name. */
  readonly secret: string;
  readonly username: string;
}

export interface SameUserSearch {
  /** Sorted by name. */
  readonly others: readonly SecretOfSameUser[];
  /** What could not be compared, and why. */
  readonly notes: readonly string[];
}

export type FindSameUser = (users: UsersOfSecret, aws: Aws) => Promise<SameUserSearch>;

export interface FinderOptions {
  readonly endpoints: EndpointOptions;
  readonly interrupted: AbortSignal;
  /** Secrets that are compared too, in any account and region. */
  readonly named?: ReadonlyArray<{ readonly secretId: string; readonly aws: Aws }>;
}

/** The most values that one command reads. */
const VALUES_AT_MOST = 1000;

/**
 * Creates a search for other secrets with the same user at the same endpoint. It reads AWSCURRENT
 * of secrets that may be for this endpoint: those with its tag, and those that a function of this
 * product rotates. All searches of a command share one list, and read each value once. They change
 * nothing and send no password. What AWS denies becomes a note.
 */
export function createSameUserFinder({ endpoints, interrupted, named = [] }: FinderOptions): FindSameUser {
  const lists = new Map<RotationService, Promise<OtherSecrets>>();
  const values = new Map<string, Promise<StoredCredential | SecretStoreError>>();
  // A command for a fleet compares each secret with all others, so a comparison must not wait or
  // parse again.
  const known = new Map<string, StoredCredential | SecretStoreError>();
  const targets = new Map<OtherSecret, SecretTarget>();
  let namedSecrets: Promise<readonly OtherSecret[]> | undefined;

  const listOnce = (aws: Aws): Promise<OtherSecrets> => {
    const list = lists.get(aws.rotation) ?? listOtherSecrets(aws);
    lists.set(aws.rotation, list);
    return list;
  };
  const readOnce = (other: OtherSecret): Promise<StoredCredential | SecretStoreError> | undefined => {
    const { arn } = other.secret;
    const value = values.get(arn) ?? (values.size < VALUES_AT_MOST ? readValue(other, endpoints) : undefined);
    if (value !== undefined) {
      values.set(arn, value);
    }
    return value;
  };

  return async (users, aws) => {
    namedSecrets ??= describeOtherSecrets(named);
    const { secrets, areListed, notes } = await listOnce(aws);
    const candidates = [...secrets.filter((other) => mayHold(other, users)), ...(await namedSecrets)];
    const others = new Map(await readUnlistedPins(users, areListed, aws));
    const unread = new Map<string, string>();
    await forEachOf(candidates, async (other) => {
      const { arn, name } = other.secret;
      if (arn === users.arn || interrupted.aborted) {
        return;
      }
      const target = targets.get(other) ?? targetOf(other);
      targets.set(other, target);
      const pins = comparePins(target, users);
      if (typeof pins === 'object') {
        others.set(name, pins.common);
      } else if (pins === 'unknown') {
        const stored = known.get(arn) ?? (await readOnce(other));
        if (stored !== undefined) {
          known.set(arn, stored);
        }
        if (stored === undefined || stored instanceof Error) {
          unread.set(name, stored?.message ?? `The command reads at most ${VALUES_AT_MOST} values.`);
          return;
        }
        const common = compareValue(stored, target, users);
        if (common !== undefined) {
          others.set(name, common);
        }
      }
    });
    return {
      others: [...others].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([secret, username]) => ({ secret, username })),
      notes: [...notes, ...describeUnread(unread)],
    };
  };
}

/**
 * Leaves out the secrets of other products, because nobody expects that this command reads their
 * values.
 */
function mayHold({ secret, deployed }: OtherSecret, { rotationFunctionArn, endpoint }: UsersOfSecret): boolean {
  return (
    deployed?.isOurs === true ||
    (rotationFunctionArn !== undefined && secret.rotationFunctionArn === rotationFunctionArn) ||
    isEndpoint(secret.tags[ENDPOINT_TAG], endpoint)
  );
}

async function readUnlistedPins(
  users: UsersOfSecret,
  areListed: boolean,
  aws: Aws,
): Promise<ReadonlyArray<readonly [name: string, username: string]>> {
  const { rotationFunctionArn: arn } = users;
  const deployed = arn === undefined ? '' : await readDeployedFunction(arn, aws);
  return typeof deployed === 'string'
    ? []
    : pinsOfUnlisted(users, deployed, areListed).map(({ name, common }) => [name, common] as const);
}

async function readValue(other: OtherSecret, endpoints: EndpointOptions): Promise<StoredCredential | SecretStoreError> {
  const { secret, aws, deployed } = other;
  const configured = targetOf(other).endpoint ?? (deployed?.environment['CLUSTER_ENDPOINT'] || endpoints.configured);
  const ports = { store: aws.store(secret.arn), endpoints: { ...endpoints, configured } };
  return await catchKnown(readCurrent(secret, ports), SecretStoreError);
}

function describeUnread(unread: ReadonlyMap<string, string>): readonly string[] {
  const names = [...unread.keys()].toSorted();
  const [first = ''] = names;
  return names.length === 0
    ? []
    : [
        `It is not known whether these secrets hold the same user, because their values were not read: ${truncatedList(names, ', ')}. ${unread.get(first) ?? ''}`,
      ];
}
