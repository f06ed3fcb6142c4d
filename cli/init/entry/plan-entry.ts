import { KEY_ARN } from '../init-definition.ts';
import type { InitStep } from '../plan.ts';
import type { SecretToInit } from '../read-secret.ts';
import type { InitRequest } from '../request.ts';
import { addEntry, type ConfigurationEntry, entryText } from './configuration-entry.ts';
import { constructText } from './construct.ts';

/** The entry of the secret, and what happens to the configuration file. */
export interface PlannedEntry {
  /** The entry as a line of the list `secrets`. */
  readonly text: string;
  /** The construct, for stacks without a configuration file. */
  readonly construct: string;
  readonly steps: readonly InitStep[];
  readonly notes: readonly string[];
  /** Whether the rotation function already rotates the secret with these users. */
  readonly isDeployed: boolean;
  /** Whether the file of `--config` has the entry, or gets it. */
  readonly isInFile: boolean;
}

/** @param configuration the file of `--config`. */
export async function planEntry(
  target: SecretToInit,
  { secretId, strategy, kmsKeyArn: wantedKey }: InitRequest,
  configuration: { readonly path: string; readonly text: string } | undefined,
): Promise<PlannedEntry> {
  const { secret, endpoint, usernames } = target;
  const keyId = secret?.kmsKeyId ?? wantedKey;
  const entry: ConfigurationEntry = {
    name: secret?.name ?? secretId,
    arn: secret?.arn,
    endpoint: endpoint.url,
    usernames,
    ...(keyId !== undefined && KEY_ARN.test(keyId) ? { kmsKeyArn: keyId } : {}),
  };
  const keyNotes =
    keyId === undefined || entry.kmsKeyArn !== undefined
      ? []
      : [
          `The key of ${entry.name} is ${keyId}. ${'Add the ARN of this key to the entry (kmsKeyArn), so that the rotation function may decrypt.'}`,
        ];
  const known = target.filled?.strategy;
  const isDeployed =
    secret?.rotationEnabled === true && known?.source !== 'option' && known?.strategy.name === strategy;
  const planned = { text: await entryText(entry), construct: constructText(entry), isDeployed };
  return configuration === undefined
    ? { ...planned, steps: [], notes: keyNotes, isInFile: false }
    : { ...planned, ...(await planAddition(entry, keyNotes, configuration)) };
}

async function planAddition(
  entry: ConfigurationEntry,
  keyNotes: readonly string[],
  { path, text }: { readonly path: string; readonly text: string },
): Promise<Pick<PlannedEntry, 'steps' | 'notes' | 'isInFile'>> {
  const addition = await addEntry(text, entry);
  switch (addition.kind) {
    case 'added':
      return { steps: [{ kind: 'add-entry', path, text: addition.text }], notes: keyNotes, isInFile: true };
    case 'present':
      return { steps: [], notes: [], isInFile: true };
    case 'different':
      return {
        steps: [],
        notes: [
          `${path} has an entry for ${entry.name} with other users. ${'Give that entry the users and the endpoint below, and keep its other keys.'}`,
        ],
        isInFile: false,
      };
    case 'unusable':
      return {
        steps: [],
        notes: [`The entry was not added to ${path}. ${addition.problem}`],
        isInFile: false,
      };
  }
}
