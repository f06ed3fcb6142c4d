import { Lazy, Stack, Token } from 'aws-cdk-lib';
import { type IRole, Policy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnSecret, type ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { type Construct, DependencyGroup } from 'constructs';
import { formatPinsLocation, PINS_FOLDER, type PinsLocation, partOf } from '../../protocol/secret/pins.ts';
import {
  SECRET_TARGETS,
  type SecretTarget,
  targetKeyOfArn,
  targetKeyOfName,
} from '../../protocol/secret/rotated-secrets.ts';
import { acknowledge } from '../acknowledge.ts';
import { RotationPropsError } from '../rules/check-props.ts';
import { PinEntries } from './pin-entries.ts';
import { arnResource, secretNameOf } from './secret-names.ts';
import { acknowledgeFolder, folderArn } from './secret-permissions.ts';

/**
 * The endpoints, users and API keys to which the deployment pins the secrets of a function. Secrets
 * of Secrets Manager hold the pins, because the environment of a function has 4 KB, and because
 * values that only the deployment knows may be in them. docs/decisions/infrastructure.md has the
 * choice.
 */
export class SecretPins {
  /** What the function and every schedule depend on, so that no secret rotates before its pin. */
  readonly dependencies: DependencyGroup = new DependencyGroup();
  readonly #scope: Construct & { readonly secretNamePrefix: string | undefined };
  readonly #function: LambdaFunction;
  readonly #role: IRole;
  readonly #entries = new PinEntries();
  #count: number;
  #hasParts = false;
  #isDivided = false;

  /**
   * @param scope the rotation function. Its path is in the names of the secrets with the pins.
   * @param count how many secrets hold the pins.
   */
  constructor(
    scope: Construct & { readonly secretNamePrefix: string | undefined },
    fn: LambdaFunction,
    role: IRole,
    count = 1,
  ) {
    this.#count = count;
    this.#scope = scope;
    this.#function = fn;
    this.#role = role;
  }

  /**
   * Adds an empty entry for a secret that nothing pins. Complete pins need it, also while a
   * deployment adds `secretNamePrefix`, because it changes the pins before the function. With
   * several parts, only complete pins need all names.
   */
  list(secret: ISecret, account: string | undefined): void {
    if (this.#isComplete || this.#count === 1 || !Token.isUnresolved(secretNameOf(secret))) {
      this.#set(secret, {}, account);
    }
  }

  /**
   * Divides the pins of a fleet into parts, each in a stack that is deployed before the function.
   * The name of a secret decides its part.
   */
  divide(scopes: readonly Construct[]): void {
    this.#isDivided = true;
    this.#addParts(scopes);
  }

  /**
   * Pins a secret by its name, or by the end of its ARN if synth knows no name.
   *
   * @param account of the secret. `undefined`: the account of the function.
   */
  pin(secret: ISecret, target: SecretTarget, account: string | undefined): void {
    if (!this.#hasParts) {
      // The function looks for each part, also for one without pins.
      this.#addParts(Array.from({ length: this.#count }, () => this.#scope));
    }
    this.#set(secret, target, account);
  }

  /** Whether at least one secret has such pins. Final only at synthesis. */
  some(isMatch: (target: SecretTarget) => boolean): boolean {
    return this.#entries.some(isMatch);
  }

  /**
   * Whether every secret of the function has an entry, so that the function refuses any other
   * secret. A schedule outlives its entry in the configuration, and a deployment changes the pins
   * before the function. Below the name prefix of a function that is not divided, other apps may
   * have secrets.
   */
  get #isComplete(): boolean {
    return this.#isDivided || this.#scope.secretNamePrefix === undefined;
  }

  #set(secret: ISecret, target: SecretTarget, account: string | undefined): void {
    const name = secretNameOf(secret);
    const isByArn = Token.isUnresolved(name) && secret.secretFullArn !== undefined;
    const key = isByArn ? targetKeyOfArn(arnResource(secret), account) : targetKeyOfName(name, account);
    this.#entries.set(secret, { key, target, part: this.#partOf(secret, name) });
  }

  #partOf(secret: ISecret, name: string): number {
    const isUnknown = Token.isUnresolved(name);
    if (isUnknown && this.#count > 1) {
      throw new RotationPropsError(
        secret,
        'The pins of this function are divided by the names of the secrets, and the name of this secret is unknown at synth. Give secretName.',
      );
    }
    return isUnknown ? 0 : partOf(name, this.#count, 'stack');
  }

  /**
   * The folder of all pins of the function, also of those before a change of their number. The path
   * begins below the stack, as that of a logical id, so that a stack may move into a stage.
   */
  get #folder(): string {
    const stack = Stack.of(this.#scope);
    const path = this.#scope.node.path
      .slice(stack.node.path.length + 1)
      .replaceAll('/', '-')
      .replaceAll(/[^\w-]/g, '');
    return `${PINS_FOLDER}${stack.stackName}/${path}/`;
  }

  get #location(): PinsLocation {
    // The number of parts is in the name, because another number moves secrets to another part. A
    // fleet of an earlier commit has these names without "of-" in other stacks, and no two stacks
    // can have a secret of the same name.
    const parts = `${this.#isDivided ? 'of-' : ''}${this.#count}`;
    return { prefix: `${this.#folder}${parts}`, count: this.#count, isComplete: this.#isComplete };
  }

  /**
   * A policy of its own, so that the order of the secrets does not change the policy of the role.
   */
  #allowReading(namePrefix: string): void {
    const policy = new Policy(this.#scope, 'ReadPins', {
      roles: [this.#role],
      statements: [
        new PolicyStatement({
          actions: ['secretsmanager:GetSecretValue'],
          resources: [folderArn(Stack.of(this.#scope), namePrefix)],
        }),
      ],
    });
    this.dependencies.add(policy);
    this.#function.node.addDependency(policy);
    acknowledgeFolder(policy, namePrefix, 'Only the deployment creates secrets under this name prefix.');
  }

  /** @param scopes of the secrets with pins. */
  #addParts(scopes: readonly Construct[]): void {
    this.#hasParts = true;
    this.#count = scopes.length;
    this.#function.addEnvironment(SECRET_TARGETS, formatPinsLocation(this.#location));
    this.#allowReading(this.#folder);
    for (const [part, scope] of scopes.entries()) {
      this.#addPart(part, scope);
    }
  }

  #addPart(part: number, scope: Construct): void {
    const isFirst = scope.node.tryFindChild('Pins') === undefined;
    const resource = new CfnSecret(scope, isFirst ? 'Pins' : `Pins${part}`, {
      name: `${this.#location.prefix}/${part}`,
      description: 'Endpoint and users of each secret that the function rotates. No credential',
      secretString: Lazy.string({ produce: () => this.#entries.textOf(part) }),
    });
    acknowledge(resource, {
      id: 'AwsSolutions-SMG4',
      reason: 'The value names hosts and users. It holds no credential, so there is nothing to rotate.',
    });
    const more = this.#isDivided ? 'stacks' : 'pinSecrets of the function, or stacks of the configuration file,';
    const howToDivide = `Set ${more} to more than ${this.#count}.`;
    resource.node.addValidation({ validate: () => this.#entries.problemsOf(part, Stack.of(scope), howToDivide) });
    this.#function.node.addDependency(resource);
    // A schedule in another stack waits for the stack of the function, which waits for the pins.
    if (Stack.of(scope) === Stack.of(this.#scope)) {
      this.dependencies.add(resource);
    }
  }
}
