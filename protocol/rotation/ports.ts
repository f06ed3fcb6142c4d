import type { Cluster } from '../cluster/cluster.ts';
import type { LoginClock } from '../cluster/login.ts';
import type { ControlPlane } from '../keys/control-plane.ts';
import type { AccountAndRegion } from '../secret/account-and-region.ts';
import type { Pins } from '../secret/rotated-secrets.ts';
import type { SecretDescription, SecretStore } from '../secret/secret-store.ts';
import type { FunctionConfig } from './function-config.ts';
import type { Progress } from './progress.ts';
import type { SendRotated } from './rotated-event.ts';

export interface InvocationClock extends LoginClock {
  /** Milliseconds until Lambda stops the invocation. */
  remaining(): number;
  /** Milliseconds since the epoch. */
  date(): number;
}

export interface RotationSettings extends Omit<FunctionConfig, 'pins' | 'transport' | 'privateCa' | 'passwordPolicy'> {
  readonly functionPlace: AccountAndRegion;
  /** The endpoint and users that the deployment pins for the secret. Empty if it pins none. */
  readonly target: Pins;
}

export interface KeyPorts {
  /** Reads the manager secret from Secrets Manager. */
  readonly readManager: () => Promise<string>;
  readonly connect: (managerKey: string) => ControlPlane | Promise<ControlPlane>;
}

/** Everything outside the protocol that a rotation calls. */
export interface RotationPorts {
  readonly store: SecretStore;
  readonly cluster: Cluster;
  readonly newPassword: () => string;
  /** Reads the admin secret from Secrets Manager. `undefined`: no admin secret is configured. */
  readonly readAdmin: (() => Promise<string>) | undefined;
  /** What creates and deletes API keys. `undefined`: no manager secret is configured. */
  readonly keys: KeyPorts | undefined;
  /** `undefined`: the deployment has no rule that waits for the event. */
  readonly sendRotated: SendRotated | undefined;
  readonly clock: InvocationClock;
  readonly report: (progress: Progress) => void;
  readonly settings: RotationSettings;
}

/** What one invocation gives to a rotation, before the secret and so its pins are known. */
export interface InvocationPorts extends Omit<RotationPorts, 'settings'> {
  readonly settings: Omit<RotationSettings, 'target'>;
  /** Reads what the deployment pins for a secret. */
  readonly targetOf: (secret: SecretDescription) => Promise<Pins>;
}
