import type { Stack } from 'aws-cdk-lib';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { MAX_VALUE_BYTES } from '../../protocol/secret/document.ts';
import { formatSecretTargets, type SecretTarget } from '../../protocol/secret/rotated-secrets.ts';
import { RotationPropsError } from '../rules/check-props.ts';
import { withTextsOnly } from './rotated-secrets.ts';
import { sortedByPath } from './secret-permissions.ts';

interface PinEntry {
  /** As in `SecretTargets`. */
  readonly key: string;
  /** Empty if nothing pins the secret. */
  readonly target: SecretTarget;
  /** The index of the secret that holds the entry. */
  readonly part: number;
}

/** The entries of the secrets with pins. */
export class PinEntries {
  /** By construct path of the rotated secret. */
  readonly #entries = new Map<string, PinEntry>();
  readonly #pathOfKey = new Map<string, string>();

  /**
   * An entry without a target never replaces one with a target.
   *
   * @throws RotationPropsError if the secret has another target.
   */
  set(secret: ISecret, entry: PinEntry): void {
    const path = this.#pathOfKey.get(entry.key) ?? secret.node.path;
    const { target = {} } = this.#entries.get(path) ?? {};
    if (isEmpty(target)) {
      this.#pathOfKey.set(entry.key, path);
      this.#entries.set(path, entry);
    } else if (!isEmpty(entry.target) && JSON.stringify(entry.target) !== JSON.stringify(target)) {
      throw new RotationPropsError(
        secret,
        `${path} has the same secret with another endpoint, other users or another key. Pin a secret once.`,
      );
    }
  }

  /** Whether at least one secret has such a target. Final only at synthesis. */
  some(isMatch: (target: SecretTarget) => boolean): boolean {
    return [...this.#entries.values()].some(({ target }) => isMatch(target));
  }

  /** Whether the text of a part fits into the value of a secret. Final only at synthesis. */
  problemsOf(part: number, stack: Stack, howToDivide: string): string[] {
    const text = JSON.parse(JSON.stringify(stack.resolve(this.textOf(part)), withTextsOnly)) as string;
    const bytes = Buffer.byteLength(text);
    return bytes <= MAX_VALUE_BYTES
      ? []
      : [
          `The pins of these secrets have at least ${bytes} bytes. The value of a secret has at most ${MAX_VALUE_BYTES}. ${howToDivide}`,
        ];
  }

  /** The text of the secret with this part of the entries. */
  textOf(part: number): string {
    const entries = sortedByPath(new Map([...this.#entries].filter(([, entry]) => entry.part === part)));
    // Two constructs of one secret can have keys that differ only at synth. The last one counts.
    const emptyFirst = entries.toSorted((a, b) => Number(isEmpty(b.target)) - Number(isEmpty(a.target)));
    return formatSecretTargets(Object.fromEntries(emptyFirst.map(({ key, target }) => [key, target])));
  }
}

function isEmpty(target: SecretTarget): boolean {
  return Object.keys(target).length === 0;
}
