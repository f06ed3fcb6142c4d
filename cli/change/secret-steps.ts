import { ROTATED_EVENT, type RotatedEvent, toEntry } from '../../protocol/rotation/rotated-event.ts';
import { accountAndRegionOf } from '../../protocol/secret/account-and-region.ts';
import { ENDPOINT_TAG, SECRET_DESCRIPTION } from '../../protocol/secret/document.ts';
import { SecretStoreError } from '../../protocol/secret/secret-store.ts';
import { AWSCURRENT, AWSPENDING, type SentLabel, sentLabel } from '../../protocol/secret/versions.ts';
import { AwsError } from '../aws/aws-error.ts';
import { catchKnown } from '../outcome/failure.ts';
import { shellWord } from '../terminal/text.ts';
import type { ChangePorts } from './change-ports.ts';
import { endAsChanged, type PlanStep } from './step.ts';

export interface NewVersion {
  readonly versionId: string;
  readonly value: string;
  /** The value, as an object of "Store". */
  readonly what: string;
}

export function createNewSecret(name: string, { versionId, value, what }: NewVersion, endpointUrl: string): PlanStep {
  return {
    text: `Create the secret ${name} with ${what}`,
    run: async ({ aws }) => {
      const tags = { [ENDPOINT_TAG]: endpointUrl };
      const answer = await aws.rotation.createSecret({ name, versionId, value, description: SECRET_DESCRIPTION, tags });
      if (answer === 'exists') {
        endAsChanged(`Somebody else has created ${name}.`);
      }
    },
  };
}

/** Stores a version with a sent label. */
export function storeVersion({ versionId, value, what }: NewVersion): PlanStep {
  return {
    kind: 'store',
    text: `Store ${what} as version ${versionId} with a sent label`,
    run: ({ aws, secretId }) => aws.store(secretId).put({ versionId, value, labels: [sentLabel(versionId)] }),
    versionId,
  };
}

export function storeCurrent({ versionId, value, what }: NewVersion): PlanStep {
  return {
    text: `Store ${what} as AWSCURRENT`,
    run: ({ aws, secretId }) => aws.store(secretId).put({ versionId, value, labels: [AWSCURRENT] }),
  };
}

export function promote(versionId: string, from: string): PlanStep {
  return {
    text: `Move AWSCURRENT from version ${from} to version ${versionId}, which the cluster accepts`,
    run: async ({ aws, secretId }) => requireDone(await aws.store(secretId).promote({ to: versionId, from })),
  };
}

/** Sends the event of a rotation, after AWSCURRENT has moved to this version. */
export function sendEvent(rotated: Omit<RotatedEvent, 'rotatedAt'>): PlanStep {
  return {
    kind: 'send-event',
    text: `Send the event "${ROTATED_EVENT.detailType}", after which applications may restart`,
    run: (ports) => sendNow(rotated, ports),
  };
}

export function addSentLabel(versionId: string): PlanStep {
  const label = sentLabel(versionId);
  return {
    kind: 'add-sent-label',
    text: `Add the label ${label}, so that Secrets Manager does not delete the version`,
    run: ({ aws, secretId }) => aws.store(secretId).addLabel({ label, to: versionId }),
    versionId,
  };
}

export function removeSentLabel({ label, versionId: from }: SentLabel): PlanStep {
  return {
    text: `Remove the label ${label} from a version that the cluster does not accept, so that another label has room`,
    // A label that somebody else has removed makes room too.
    run: ({ aws, secretId }) => aws.store(secretId).removeLabel({ label, from }),
  };
}

export function removePending(from: string): PlanStep {
  return {
    kind: 'remove-pending',
    text: `Remove AWSPENDING from version ${from}, so that a rotation can start`,
    run: async ({ aws, secretId }) => requireDone(await aws.store(secretId).removeLabel({ label: AWSPENDING, from })),
  };
}

/** Labels move by compare-and-swap, so a value that somebody stores meanwhile stays. */
function requireDone(answer: 'done' | 'moved'): void {
  if (answer === 'moved') {
    endAsChanged('Somebody else moved a label of the secret, probably a rotation.');
  }
}

/**
 * AWSCURRENT has moved, so a failure must not stop the steps that follow. A repetition of the
 * command would not send the event, because it finds nothing to move.
 */
async function sendNow(
  rotated: Omit<RotatedEvent, 'rotatedAt'>,
  { aws, secretId, clock, showNotice }: ChangePorts,
): Promise<void> {
  // The clock of this machine may be wrong, and a target would take old tasks for new ones.
  const described = await catchKnown(aws.store(secretId).describe(), SecretStoreError);
  const movedAt = described instanceof SecretStoreError ? undefined : described.lastChangedAt;
  const event = { ...rotated, rotatedAt: new Date(movedAt ?? clock.now()).toISOString() };
  const failure = await catchKnown(aws.sendRotated(event), AwsError);
  if (failure instanceof AwsError) {
    const { region } = accountAndRegionOf(rotated.secretArn);
    const entries = JSON.stringify([toEntry(event)]);
    const command = ['aws', 'events', 'put-events', '--region', region, '--entries', entries];
    showNotice(
      `The event was not sent. ${failure.message} AWSCURRENT has moved, so restart by hand what waits for the event, or send it: \`${command.map(shellWord).join(' ')}\``,
    );
  }
}
