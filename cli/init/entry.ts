import { STRATEGIES } from '../../protocol/rotation/strategies/strategies.ts';
import { formOf } from '../../protocol/secret/credential-form.ts';
import { namesIn } from '../../protocol/secret/rotated-secrets.ts';
import type { InitTarget } from './target.ts';

/** Not an alias: the rotation stack gives its function access to this key. */
const KEY_ARN: RegExp = /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[\w-]+$/;

export interface PlannedEntry {
  /** YAML, as an element of the list `secrets`. */
  readonly text: string;
  readonly notes: readonly string[];
  /** Whether the rotation function already rotates the secret with these users. */
  readonly isDeployed: boolean;
}

export function planEntry(
  { secret, examination, endpoint, usernames, strategy, known }: InitTarget,
  secretId: string,
): PlannedEntry {
  const name = secret?.name ?? secretId;
  const key = secret?.kmsKeyId;
  const isArn = key !== undefined && KEY_ARN.test(key);
  const [username = ''] = usernames;
  const { form, mustPin, needsManager } = STRATEGIES[strategy];
  const lines = [
    `name: ${scalar(name)}`,
    `endpoint: ${scalar(endpoint.url)}`,
    usernames.length > 1
      ? `usernames: [${usernames.map(scalar).join(', ')}]`
      : `${formOf({ form }).username}: ${scalar(username)}`,
    ...(isArn ? [`kmsKeyArn: ${key}`] : []),
  ];
  // A rotation ends after it has stored its version, so a later version is of a person.
  const current = examination?.versions.find(({ versionId }) => versionId === examination.current?.versionId);
  const isOfRotation = (current?.createdAt ?? 0) <= (secret?.lastRotatedAt ?? -1);
  const isPinned = known?.config !== undefined && namesIn(known.pins).includes(username);
  const isRotated = isOfRotation && examination?.current?.credentials.username === username;
  return {
    text: `- ${lines.join('\n  ')}\n`,
    notes: [
      ...(key === undefined || isArn
        ? []
        : [
            `The key of ${name} is ${key}. Add the ARN of this key to the entry (kmsKeyArn), so that the rotation function may decrypt.`,
          ]),
      ...(needsManager && known?.config?.managerSecretArn === undefined
        ? [
            'The entry also needs the manager secret as managerSecretArn in the section function (docs/api-keys.md#take-a-key-into-rotation).',
          ]
        : []),
    ],
    isDeployed:
      secret?.rotationEnabled === true &&
      // Without the configuration, only the option says that two users take turns.
      (known?.config !== undefined || known?.pins.usernames === undefined) &&
      known?.name === strategy &&
      (!mustPin || isPinned || isRotated),
  };
}

/** Quotes every text that YAML could read as another type, such as `true`, `no` or `12`. */
function scalar(text: string): string {
  return /^(?!(true|false|null|yes|no|on|off|y|n)$)[a-z][\w./:@+=-]*$/i.test(text) ? text : JSON.stringify(text);
}
