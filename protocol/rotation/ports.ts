import type { Cluster } from '../cluster/cluster.ts';
import type { LoginClock } from '../cluster/login.ts';
import type { ControlPlane } from '../keys/control-plane.ts';
import type { PinsBySecret } from '../secret/rotated-secrets.ts';
import type { SecretStore } from '../secret/secret-store.ts';
import type { FunctionConfig } from './function-config.ts';
import type { Progress } from './progress.ts';
import type { RotatedEvent } from './rotated-event.ts';

/** What one invocation of the function gives to a rotation, and everything that it calls. */
export interface RotationPorts {
  readonly config: FunctionConfig;
  /** ARN of the function. Secrets without an account in the configuration are in its account. */
  readonly functionArn: string;
  readonly store: SecretStore;
  readonly cluster: Cluster;
  readonly newPassword: () => string;
  /** Reads the pins that may be those of the secret. */
  readonly readPins: (secretName: string) => Promise<PinsBySecret>;
  /** Reads the current text of the admin secret or of the manager secret. */
  readonly readSecret: (secretArn: string) => Promise<string>;
  readonly connectControlPlane: (managerKey: string) => ControlPlane | Promise<ControlPlane>;
  /**
   * Sends one event to the default event bus. Throws if EventBridge has not taken it within the
   * time limit. May be repeated: readers know a repetition by its version.
   */
  readonly sendRotated: (event: RotatedEvent, timeoutMs: number) => Promise<void>;
  readonly clock: LoginClock & {
    /** Milliseconds until Lambda stops the invocation. */
    remaining(): number;
    /** Milliseconds since the epoch. */
    date(): number;
  };
  readonly report: (progress: Progress) => void;
}
