import { expect } from 'vitest';
import { AWSPENDING, sentLabel } from '../../../protocol/secret/versions.ts';
import { document, USER } from '../../support/rotation-world.ts';
import { GAP, SECRET, type Users, type World } from './secret-fixture.ts';

export type Change = (world: World) => unknown;

/** A state of a secret, and what each command makes of it. */
export interface State {
  /** @default a single user, and two users that take turns */
  readonly of?: Users;
  readonly make: Change;
  /**
   * Exit code and code of `rotate`, which runs in this state first. Its advice is followed. The
   * other commands find what the rotation left.
   */
  readonly rotate?: string;
  /** What `status` finds, most serious first: a problem, or a finding with its severity. */
  readonly finds: readonly string[];
  /** What `status` prints, and what it does not print. */
  readonly prints?: RegExp;
  readonly omits?: RegExp;
  /** Options of `status`, `doctor` and `repair`. */
  readonly options?: readonly string[];
  /** Each check of `doctor` that does not pass, with its status. @default those of the findings */
  readonly doctor?: readonly string[];
  /**
   * Exit code and code of `repair`.
   *
   * @default 0 if it does something, or if no finding makes a rotation fail. Otherwise that finding
   */
  readonly repair?: string;
  /** The calls with which `repair` changes the secret, in order. @default none */
  readonly does?: string;
  /** Fields of AWSCURRENT after `repair`. */
  readonly holds?: Readonly<Record<string, unknown>>;
  /** The labels of versions after `repair`. */
  readonly labels?: Readonly<Record<string, readonly string[]>>;
  /** What `status` still finds after a repair that ends with 0. @default nothing */
  readonly remains?: readonly string[];
  /** What `status` finds after the next rotation. @default nothing */
  readonly afterwards?: readonly string[];
  /** What a person does about the cause, without an advised command. */
  readonly mend?: Change;
  /**
   * What the operator does until the secret is whole. A text is the beginning of an advised
   * command, which the test takes out of the output and runs.
   *
   * @default `repair`, if it does everything
   */
  readonly follow?: readonly (string | Change)[];
  /** The values of placeholders in advised commands. */
  readonly values?: Readonly<Record<string, string>>;
  /** `init` makes the secret whole with passwords that a person knows. */
  readonly init?: true;
}

/** What `status` finds, in the words of {@link State.finds}. */
export async function findingsOf(world: World, ...options: readonly string[]) {
  const { code, document: status } = await world.runJson('status', SECRET, ...options);
  const findings: readonly { severity: string; code: string }[] = status.secrets[0].findings;
  const finds = findings.map((finding) => `${finding.severity} ${finding.code}`.replace('problem ', ''));
  return { code, findings, finds };
}

/** Findings with which a rotation succeeds. */
const HARMLESS = /^notice |^(?:overdue|no-schedule|roles-differ|rotation-off)$/;

/** What `repair` ends with if it does nothing. */
export function refusalOf(finds: readonly string[]): string {
  const blocking = finds.filter((finding) => !HARMLESS.test(finding));
  const [first] = [...blocking.filter((finding) => !finding.includes(' ')), ...blocking];
  return first === undefined ? '0' : first.includes(' ') ? `7 ${first.split(' ')[1]}` : `3 ${first}`;
}

/** A rotation that succeeds ends these findings. */
const ENDED_BY_ROTATION = /keys-not-deleted|overdue|rotation-failed/;

/** `status` finds at most `remains`, and the next rotation succeeds and leaves `afterwards`. */
export async function expectWhole(
  world: World,
  remains: readonly string[],
  afterwards: readonly string[],
  before: string,
): Promise<void> {
  expect((await findingsOf(world)).finds.join('; '), before).toBe(remains.join('; '));
  // A command that moves AWSCURRENT begins the minimum gap.
  world.clock.advance(GAP);
  const rotate = await world.run(['rotate', SECRET]);
  expect(rotate.code, `${before}\n${rotate.out}`).toBe(0);
  await setNextDate(world);
  const left = [...remains.filter((finding) => !ENDED_BY_ROTATION.test(finding)), ...afterwards];
  expect((await findingsOf(world)).finds.join('; '), before).toBe(left.join('; '));
}

/** Secrets Manager sets the date of the next rotation. */
export const setNextDate: Change = ({ secret }) => Object.assign(secret, { nextRotationAt: undefined });

/** A rotation has sent the password of `token-1`, and stopped. */
export const block: Change = async ({ secret: { store } }) => {
  store.startRotation('token-1');
  const labels = [AWSPENDING, sentLabel('token-1')];
  await store.put({ versionId: 'token-1', value: document('Sent-password-1'), labels });
};

/** Somebody has called CancelRotateSecret. */
export const turnOff: Change = ({ secret }) => Object.assign(secret.store, { rotationEnabled: false });

/** The cluster has the password of {@link block}. */
export const sentIsAccepted: Change = ({ cluster }) => cluster.setByHand(USER, 'Sent-password-1');

/** The rotation of {@link block} stopped before it added its label. */
export const unlabel: Change = ({ secret }) =>
  secret.store.removeLabel({ label: sentLabel('token-1'), from: 'token-1' });

/** A person stores values, as versions `edit-0`, `edit-1` … */
export function store(...values: readonly string[]): Change {
  return ({ secret }) => {
    for (const [index, value] of values.entries()) {
      secret.store.storeByHand(`edit-${index}`, value);
    }
  };
}

export function all(...changes: readonly Change[]): Change {
  return async (world) => {
    for (const change of changes) {
      await change(world);
    }
  };
}
