import type { Cluster, Credentials } from '../../protocol/cluster/cluster.ts';
import { ROTATED_EVENT, type RotatedEvent } from '../../protocol/rotation/rotated-event.ts';
import { sentLabel } from '../../protocol/secret/versions.ts';
import type { Aws } from '../aws/aws.ts';
import type { WallClock } from '../clock.ts';
import type { AdminCluster } from '../cluster/admin-cluster.ts';
import type { Explanation, Failure } from '../outcome/failure.ts';
import type { UsableAdmin } from './admin.ts';

/**
 * One step of a plan that changes a secret or its cluster. If the command stops, the next command
 * plans again from what is stored and accepted, so it can repeat a step.
 */
export type PlanStep =
  | {
      readonly kind: 'create-secret';
      readonly versionId: string;
      readonly value: string;
      readonly endpointUrl: string;
      readonly what: string;
    }
  /**
   * Stores a version with a sent label, or as AWSCURRENT of a secret without a value.
   *
   * @property what the value, as an object of "Store"
   */
  | {
      readonly kind: 'store';
      readonly versionId: string;
      readonly value: string;
      readonly what: string;
      readonly asCurrent?: true;
    }
  /** Logs in until every proxy knows the password, because no label may move without this proof. */
  | {
      readonly kind: 'log-in';
      readonly credentials: Credentials;
      readonly user: string;
      /** For a credential that the cluster has not accepted yet. */
      readonly ifRejected?: Explanation;
    }
  | { readonly kind: 'promote'; readonly to: string; readonly from: string }
  /** Sends the event of a rotation, after AWSCURRENT has moved to this version. */
  | { readonly kind: 'send-event'; readonly rotated: Omit<RotatedEvent, 'rotatedAt'> }
  | { readonly kind: 'add-sent-label'; readonly versionId: string }
  | { readonly kind: 'remove-sent-label'; readonly label: string; readonly from: string }
  | { readonly kind: 'remove-pending'; readonly from: string }
  | { readonly kind: 'create-user'; readonly credentials: Credentials; readonly user: string }
  | ResetStep
  /** Grants the roles that the user lacks. */
  | { readonly kind: 'grant-roles'; readonly username: string; readonly roles: readonly string[] };

export interface ResetStep {
  readonly kind: 'reset-password';
  /** With the new password. */
  readonly credentials: Credentials;
  readonly user: string;
}

/** `mayBeSet`: the cluster may accept the stored password, now or later. */
export type PlanStepFailure = Failure & { readonly mayBeSet?: true };

/**
 * A step as text.
 *
 * @param adminSecret of the steps that an admin carries out
 */
export function stepText(step: PlanStep, secretId: string, adminSecret: string | undefined): string {
  const asAdmin = `with the credential in ${adminSecret ?? ''}`;
  switch (step.kind) {
    case 'create-secret':
      return `Create the secret ${secretId} with ${step.what}`;
    case 'store':
      return `Store ${step.what}${step.asCurrent ? ' as AWSCURRENT' : ` as version ${step.versionId} with a sent label`}`;
    case 'log-in':
      return `Log in as ${step.user} at ${step.credentials.endpoint.url} several times, so that every proxy knows the credential`;
    case 'promote':
      return `Move AWSCURRENT from version ${step.from} to version ${step.to}, which the cluster accepts`;
    case 'send-event':
      return `Send the event "${ROTATED_EVENT.detailType}", after which applications may restart`;
    case 'add-sent-label':
      return `Add the label ${sentLabel(step.versionId)}, so that Secrets Manager does not delete the version`;
    case 'remove-sent-label':
      return `Remove the label ${step.label} from a version that the cluster does not accept, so that another label has room`;
    case 'remove-pending':
      return `Remove AWSPENDING from version ${step.from}, so that a rotation can start`;
    case 'create-user':
      return `Create ${step.user} at ${step.credentials.endpoint.url} ${asAdmin}`;
    case 'reset-password':
      return `Set this password for ${step.user} at ${step.credentials.endpoint.url} ${asAdmin}`;
    case 'grant-roles':
      return `Grant to ${step.username} the roles that it lacks, ${asAdmin}: ${step.roles.join(', ')}`;
  }
}

export interface ChangePorts {
  readonly secretId: string;
  readonly aws: Pick<Aws, 'rotation' | 'store' | 'sendRotated'>;
  readonly cluster: Cluster;
  readonly adminCluster: AdminCluster;
  readonly admin: UsableAdmin | undefined;
  readonly clock: WallClock;
  readonly interrupted: AbortSignal;
  readonly randomId: () => string;
  /** The option of the command, which a command of the AWS CLI in its advice needs too. */
  readonly profile?: string | undefined;
  /** As the rotation function is configured. */
  readonly propagationMs?: number | undefined;
  /** Shows a line at once, also with `--json` and `--quiet`. */
  readonly showNotice: (line: string) => void;
  /** Shows a step that may last longer than a second. */
  readonly showProgress: (line: string) => void;
}
