import type { UsableCredential } from '../../../protocol/credential/stored-credential.ts';
import type { RotatingSecret } from '../../aws/aws.ts';
import type { CommandRefusal } from '../../outcome/failure.ts';

/** One call of RotateSecret. */
export interface StartRequest {
  /** As given on the command line. */
  readonly secretId: string;
  readonly secret: RotatingSecret;
  /** AWSCURRENT before the rotation. */
  readonly previous: Pick<UsableCredential, 'versionId'>;
  /** The token of the rotation, which becomes the id of the new version. */
  readonly versionId: string;
}

/** Decides when a rotation may start, and remembers its start. */
export interface StartControl {
  /** Waits until the quotas of AWS allow the rotation. */
  turn(secret: RotatingSecret): Promise<void>;
  /** AWS throttled a call that belongs to a rotation of the secret. */
  slowDown(secret: RotatingSecret): void;
  /** Why no further rotation may start. `undefined` if the rotation may start. */
  refusal(): CommandRefusal | undefined;
  /**
   * Remembers the request before it is sent. Resolves as soon as a crash cannot lose it.
   *
   * @returns why the request must not be sent
   */
  requested(request: StartRequest): Promise<CommandRefusal | undefined>;
  /** Remembers that Secrets Manager has started the rotation. */
  started(request: StartRequest): void;
}
