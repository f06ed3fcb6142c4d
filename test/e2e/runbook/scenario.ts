import type { UserWithSecret } from '../../support/deployed-rotation.ts';
import type { DeployedStack, SecretEntry } from '../../support/deployed-stack.ts';
import type { Dialogue } from '../support/operator-command.ts';

/** The values of placeholders, such as SECRET. */
export type Values = Readonly<Record<string, string>>;

/** A secret, and its entry in the configuration. */
export interface Subject extends UserWithSecret {
  /** Default: the configuration does not have the secret. */
  readonly entry?: SecretEntry;
  /** The role of the user. */
  readonly role?: string;
  /** Default: the stack of all scenarios. */
  readonly ownStack?: DeployedStack;
}

export interface Situation extends Subject {
  readonly stack: DeployedStack;
  readonly values: Values;
}

/** A command of the runbook, and what the person does around it. */
export interface Step {
  /** The text of the command in docs/operations.md, with its placeholders. */
  readonly command: string;
  /** What the person does before the command. Returns the values of further placeholders. */
  readonly before?: (situation: Situation) => Promise<Values | undefined>;
  /** What the person types after each question. */
  readonly typed?: (situation: Situation) => Dialogue;
  /** The content of each `file://` path. */
  readonly files?: (situation: Situation) => Readonly<Record<string, string>>;
  /** Default: 0. */
  readonly exitCode?: number;
  /** Texts that the command prints. Placeholders are replaced. */
  readonly prints?: readonly string[];
}

/** A state that a person caused, and the steps of its entry in docs/operations.md. */
export interface Scenario {
  /** The heading of the entry. */
  readonly entry: string;
  readonly state: string;
  /** Default: a user on the server with TLS, and a secret with its credential. */
  readonly prepare?: () => Promise<Subject>;
  /** Brings the secret into the state. Returns the values of further placeholders. */
  readonly cause?: (situation: Situation) => Promise<Values | undefined>;
  readonly steps: readonly Step[];
  /** Checks what the entry promises, besides the login of the applications. */
  readonly over?: (situation: Situation) => Promise<void>;
}

/** The last step of many entries. */
export const ROTATE: Step = { command: 'npx zilliz-rotation rotate SECRET' };

/** `status` finds a problem. */
export const STATUS = { command: 'npx zilliz-rotation status SECRET', exitCode: 3 } as const;

export const YES: Dialogue[number] = ['Carry this out? [y/N]', 'y\r'];

/** Types the password for `init`, and agrees to the plan. */
export function typedPassword({ user, values }: Situation): Dialogue {
  return [[` at ${user.endpoint.url}: `, `${values['PASSWORD'] ?? ''}\r`], YES];
}

/** The schedule of every secret of the stack, as an argument. */
export const RULES: string = `'${JSON.stringify({ ScheduleExpression: 'rate(30 days)' })}'`;

/** Waits until Secrets Manager has tested the schedule, or a rotation has ended. */
export async function settled({ secret }: Situation): Promise<undefined> {
  await secret.until();
}
