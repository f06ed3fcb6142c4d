import type { Credentials } from '../../protocol/cluster/cluster.ts';
import { type Endpoint, parseEndpoint } from '../../protocol/cluster/endpoint.ts';
import type { UsableCredential } from '../../protocol/credential/stored-credential.ts';
import { DEFAULT_CONTROL_PLANE } from '../../protocol/keys/control-plane.ts';
import { STRATEGIES, strategyOf } from '../../protocol/rotation/strategies/strategies.ts';
import { formOf } from '../../protocol/secret/credential-form.ts';
import { type StrategyName, usersOf } from '../../protocol/secret/rotated-secrets.ts';
import { AWSCURRENT, holderOf, orderCandidates } from '../../protocol/secret/versions.ts';
import type { RotatingSecret } from '../aws/aws.ts';
import { AwsError } from '../aws/aws-error.ts';
import { placeText, readPlace } from '../aws/place.ts';
import type { ChangePorts } from '../change/change-ports.ts';
import { commandForm } from '../credential-forms.ts';
import type { Examination } from '../examine/examination.ts';
import { examineSecret } from '../examine/examine-secret.ts';
import { endWithFinding } from '../examine/finding.ts';
import { searchFinding } from '../examine/findings.ts';
import type { Manager } from '../examine/keys.ts';
import { type KnownStrategy, readStrategy } from '../examine/read-strategy.ts';
import { deletionFinding } from '../examine/rotation-findings.ts';
import { orEnd, refuse } from '../outcome/failure.ts';
import type { InitOptions } from './init-definition.ts';

/** The secret before any change, and the users that it shall hold. */
export interface InitTarget {
  /** `undefined`: the secret does not exist. */
  readonly secret: RotatingSecret | undefined;
  /** The account and the region in use. `undefined` if AWS does not tell. */
  readonly place: string | undefined;
  /** `undefined`: the secret has no AWSCURRENT version. */
  readonly examination: Examination | undefined;
  /** Whether AWSCURRENT is no credential, or contradicts the configuration. */
  readonly isWrong: boolean;
  /** The value from which new versions are made. `undefined`: no version has a usable one. */
  readonly base: UsableCredential | undefined;
  readonly endpoint: Endpoint;
  readonly asked: Endpoint | undefined;
  /** The user in AWSCURRENT first, then the user that takes turns with it. Empty: to be asked. */
  readonly usernames: readonly string[];
  readonly strategy: StrategyName;
  /** The strategy before the command. `undefined`: the secret does not exist. */
  readonly known: KnownStrategy | undefined;
  /** As the options say, otherwise as the rotation function is configured. */
  readonly manager: Manager;
}

/**
 * Reads the secret. What the options do not name comes from the configuration, or from a stored
 * version. Changes nothing.
 *
 * @throws FailureError, AwsError, SecretStoreError, EndpointError
 */
export async function readTarget(options: InitOptions, ports: ChangePorts): Promise<InitTarget> {
  const asked = parseRequested(ports.endpoints.configured, ports);
  const described = await readSecret(ports);
  const deletion = described && deletionFinding(described);
  if (deletion !== undefined) {
    endWithFinding(deletion, 'refused');
  }
  const hasValue = described !== undefined && holderOf(described, AWSCURRENT) !== undefined;
  const examination = hasValue ? await examineStored(ports) : undefined;
  const secret = examination?.secret ?? described;
  const place = secret === undefined ? await readPlace(ports.aws) : placeText(secret.arn);
  const known = examination?.strategy ?? (secret && (await readStrategy(secret, options.users, ports.aws)));
  const isWrong =
    examination !== undefined && (examination.current === undefined || examination.notPinned !== undefined);
  const pinned = parseRequested(known?.pins.endpoint, ports);
  const base = isWrong ? await readBase(examination, options, asked ?? pinned) : examination?.current;
  // Another version than AWSCURRENT is at the requested or pinned endpoint, and an option must not
  // contradict AWSCURRENT.
  const endpoint = base?.credentials.endpoint ?? asked ?? pinned;
  const strategy = wantedStrategy(options, known);
  const usernames = wantedUsers(options, usersOf(known?.pins ?? {}), nameIn(base, examination, strategy));
  const { nameQuestion } = commandForm(STRATEGIES[strategy]);
  if (endpoint === undefined || (usernames.length === 0 && nameQuestion === undefined)) {
    const lack = secret === undefined ? `does not exist in ${place ?? 'this place'}` : 'holds no credential';
    return refuse(
      endpoint === undefined ? 'endpoint-needed' : 'username-needed',
      `${ports.secretId} ${lack}, so it names neither a cluster nor a user.`,
      'Give --endpoint https://host[:port], and --username USER for a single user, or --strategy api-key for an API key.',
    );
  }
  const manager = managerOf(options, known);
  return { secret, place, examination, isWrong, base, endpoint, asked, usernames, strategy, known, manager };
}

/**
 * With `--endpoint`, a note such as `later: ask Bob` reads like a credential. If the cluster
 * rejects it, examines the secret as the rotation function would, without the option.
 *
 * @throws FailureError
 */
async function examineStored(ports: ChangePorts): Promise<Examination> {
  const { secretId, endpoints } = ports;
  const first = orEnd<Examination>(await examineSecret(secretId, ports));
  const isNote = endpoints.configured !== undefined && first.search.kind === 'none';
  const withoutOption = { ...ports, endpoints: { ...endpoints, configured: undefined } };
  const examination = isNote ? orEnd<Examination>(await examineSecret(secretId, withoutOption)) : first;
  const { search, notPinned } = examination;
  // AWSCURRENT names a host that only this machine does not allow.
  if (search.kind === 'unusable' && search.reason === 'endpoint' && notPinned === undefined) {
    const { message, advice } = searchFinding(search);
    refuse('endpoint-refused', message, advice);
  }
  return examination;
}

/** @throws EndpointError */
function parseRequested(endpoint: string | undefined, { endpoints }: ChangePorts): Endpoint | undefined {
  return endpoint === undefined ? undefined : parseEndpoint(endpoint, endpoints.rules);
}

async function readSecret({ secretId, aws }: ChangePorts): Promise<RotatingSecret | undefined> {
  try {
    return await aws.rotation.describeSecret(secretId);
  } catch (error) {
    // An ARN cannot be created, so a missing secret with an ARN is an error.
    if (error instanceof AwsError && error.kind === 'not-found' && !secretId.startsWith('arn:')) {
      return undefined;
    }
    throw error;
  }
}

/**
 * The newest version that fits the options and the configuration, after a wrong value was stored.
 */
async function readBase(
  { secret, versions, strategy, read }: Examination,
  options: InitOptions,
  endpoint: Endpoint | undefined,
): Promise<UsableCredential | undefined> {
  const { username, users } = options;
  const wanted = users ?? (username === undefined ? usersOf(strategy.pins) : [username]);
  const rules = formOf(STRATEGIES[wantedStrategy(options, strategy)]);
  const isWanted = (held: Credentials): boolean =>
    formOf(held) === rules &&
    (wanted.length === 0 || wanted.includes(held.username)) &&
    (endpoint === undefined || held.endpoint.url === endpoint.url);
  for (const { versionId } of orderCandidates(secret, versions, undefined)) {
    const stored = await read(versionId);
    if (stored.kind === 'usable' && isWanted(stored.credentials)) {
      return stored;
    }
  }
  return undefined;
}

/** The manager of the options, otherwise the one of the rotation function. */
function managerOf({ managerSecret, controlPlaneUrl }: InitOptions, known: KnownStrategy | undefined): Manager {
  const { managerSecretArn, controlPlane = DEFAULT_CONTROL_PLANE } = known?.config ?? {};
  return {
    managerSecretArn: managerSecret ?? managerSecretArn,
    controlPlane: { ...controlPlane, url: controlPlaneUrl ?? controlPlane.url },
  };
}

function wantedStrategy({ strategy, users, apiKeyId }: InitOptions, known: KnownStrategy | undefined): StrategyName {
  return strategyOf({ strategy, usernames: users, apiKeyId }, known?.name).name;
}

/** The stored name that a new credential keeps, otherwise the one that the cluster accepts. */
function nameIn(
  base: InitTarget['base'],
  examination: InitTarget['examination'],
  strategy: StrategyName,
): string | undefined {
  const rules = formOf(STRATEGIES[strategy]);
  const { credentials } = examination?.search.kind === 'found' ? examination.search.accepted : {};
  const accepted = credentials && formOf(credentials) === rules ? credentials.username : undefined;
  return (base && rules.lastingName(base.credentials.username)) ?? accepted;
}

/** The users, or the id of the key: what the options name, what is pinned, or what is stored. */
function wantedUsers(
  { apiKeyId, username = apiKeyId, users }: InitOptions,
  pinned: readonly string[],
  stored: string | undefined,
): readonly string[] {
  const wanted = users ?? (username === undefined ? pinned : [username]);
  if (wanted.length === 0) {
    return stored === undefined ? [] : [stored];
  }
  return wanted[1] === stored ? wanted.toReversed() : wanted;
}
