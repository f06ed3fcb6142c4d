import { type Stack, Token } from 'aws-cdk-lib';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { MAX_VALUE_BYTES } from '../../protocol/secret/document.ts';
import { partOf } from '../../protocol/secret/pins.ts';
import { formatPins, type Pins, pinsKeyOfArn, pinsKeyOfName } from '../../protocol/secret/rotated-secrets.ts';
import { RotationPropsError } from '../rules/check-props.ts';
import { deployedJson, shortest } from './deployed-json.ts';
import { arnResource, secretNameOf, sortedByPath } from './secret-names.ts';

interface PinEntry {
  /** As in `PinsBySecret`. */
  readonly key: string;
  /** Construct path of the secret, or of the first construct for it. */
  readonly path: string;
  /** The index of the secret that holds the entry. */
  readonly part: number;
  /** Absent if nothing pins the secret. */
  readonly target?: Pins;
}

/** The entries of the rotated secrets, divided into parts by the names of the secrets. */
export class PinEntries {
  /** By the key, or by the path if only synthesis tells which keys are equal. */
  readonly #entries = new Map<string, PinEntry>();

  /**
   * @param account of the secret. `undefined`: the account of the function.
   * @throws RotationPropsError if the secret has another target.
   */
  set(secret: ISecret, account: string | undefined, parts: number, target?: Pins): void {
    const name = secretNameOf(secret);
    const isByArn = Token.isUnresolved(name) && secret.secretFullArn !== undefined;
    const key = isByArn ? pinsKeyOfArn(arnResource(secret), account) : pinsKeyOfName(name, account);
    // No key begins like this, but a name can be equal to a path.
    const id = isByArn ? `path:${secret.node.path}` : key;
    const { path = secret.node.path, target: earlier } = this.#entries.get(id) ?? {};
    if (earlier === undefined) {
      this.#entries.set(id, { key, path, part: partFor(secret, name, parts), ...(target && { target }) });
    } else if (target && JSON.stringify(target) !== JSON.stringify(earlier)) {
      throw new RotationPropsError(
        secret,
        `${path} has the same secret with another endpoint, other users or another key. Pin a secret once.`,
      );
    }
  }

  /** Whether the text of a part fits into the value of a secret. Final only at synthesis. */
  problemsOf(part: number, stack: Stack, howToDivide: string): string[] {
    const text = JSON.parse(deployedJson(stack.resolve(this.textOf(part)), shortest)) as string;
    const bytes = Buffer.byteLength(text);
    return bytes <= MAX_VALUE_BYTES
      ? []
      : [
          `The pins of these secrets have at least ${bytes} bytes. The value of a secret has at most ${MAX_VALUE_BYTES}. ${howToDivide}`,
        ];
  }

  /** The text of the secret with this part of the entries. */
  textOf(part: number): string {
    const ofPart = [...this.#entries].filter(([, entry]) => entry.part === part);
    const entries = sortedByPath(new Map(ofPart.map(([, entry]) => [entry.path, entry])));
    // Two constructs of one secret can have keys that differ only at synth. The last one counts.
    const pinnedLast = entries.toSorted((a, b) => Number(a.target !== undefined) - Number(b.target !== undefined));
    return formatPins(Object.fromEntries(pinnedLast.map(({ key, target = {} }) => [key, target])));
  }
}

function partFor(secret: ISecret, name: string, parts: number): number {
  const isUnknown = Token.isUnresolved(name);
  if (isUnknown && parts > 1) {
    throw new RotationPropsError(
      secret,
      'The pins of this function are divided by the names of the secrets, and the name of this secret is unknown at synth. Give secretName.',
    );
  }
  return isUnknown ? 0 : partOf(name, parts, 'stack');
}
