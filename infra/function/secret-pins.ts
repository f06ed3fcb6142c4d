import { Lazy, Stack, Token } from 'aws-cdk-lib';
import { type IRole, Policy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnSecret, type ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { type Construct, DependencyGroup } from 'constructs';
import { formatPinsLocation, PINS_FOLDER } from '../../protocol/secret/pins.ts';
import { type Pins, SECRET_TARGETS } from '../../protocol/secret/rotated-secrets.ts';
import { acknowledge } from '../acknowledge.ts';
import { RotationPropsError } from '../rules/check-props.ts';
import { PinEntries } from './pin-entries.ts';
import { acknowledgeFolder, folderArn, secretNameOf } from './secret-names.ts';

/** A rotation function. */
interface PinnedFunction extends Construct {
  readonly function: LambdaFunction;
  readonly role: IRole;
  readonly secretNamePrefix: string | undefined;
}

/**
 * The endpoints, users and API keys to which the deployment pins the secrets of a function. Secrets
 * of Secrets Manager hold the pins, because the environment of a function has 4 KB, and because
 * values that only the deployment knows may be in them. docs/decisions/infrastructure.md has the
 * choice.
 */
export class SecretPins {
  /** What the function and every schedule depend on, so that no secret rotates before its pin. */
  readonly dependencies: DependencyGroup = new DependencyGroup();
  readonly #owner: PinnedFunction;
  readonly #entries = new PinEntries();
  #count: number;
  #hasParts = false;
  #isDivided = false;

  /** @param count how many secrets hold the pins. */
  constructor(owner: PinnedFunction, count: number) {
    this.#owner = owner;
    this.#count = count;
  }

  /**
   * Adds an empty entry for a secret that nothing pins. Complete pins need it, also while a
   * deployment adds `secretNamePrefix`, because it changes the pins before the function. With
   * several parts, only complete pins need all names.
   */
  list(secret: ISecret, account: string | undefined): void {
    if (this.#isComplete || this.#count === 1 || !Token.isUnresolved(secretNameOf(secret))) {
      this.#entries.set(secret, account, this.#count);
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
  pin(secret: ISecret, target: Pins, account: string | undefined): void {
    if (!this.#hasParts) {
      // The function looks for each part, also for one without pins.
      this.#addParts(Array.from({ length: this.#count }, () => this.#owner));
    }
    this.#entries.set(secret, account, this.#count, target);
  }

  /**
   * Whether every secret of the function has an entry, so that the function refuses any other
   * secret. A schedule outlives its entry in the configuration, and a deployment changes the pins
   * before the function. Below the name prefix of a function that is not divided, other apps may
   * have secrets.
   */
  get #isComplete(): boolean {
    return this.#isDivided || this.#owner.secretNamePrefix === undefined;
  }

  /** @param scopes of the secrets with pins. */
  #addParts(scopes: readonly Construct[]): void {
    this.#hasParts = true;
    this.#count = scopes.length;
    const folder = folderOf(this.#owner);
    // The number of parts is in the name, because another number moves secrets to another part. A
    // fleet of an earlier commit has these names without "of-" in other stacks, and no two stacks
    // can have a secret of the same name.
    const prefix = `${folder}${this.#isDivided ? 'of-' : ''}${this.#count}`;
    const { function: fn } = this.#owner;
    fn.addEnvironment(SECRET_TARGETS, formatPinsLocation({ prefix, count: this.#count, isComplete: this.#isComplete }));
    const parts = scopes.map((scope, part) => this.#addPart(scope, part, `${prefix}/${part}`));
    const policy = readingPolicy(this.#owner, folder);
    fn.node.addDependency(policy, ...parts);
    // A schedule in another stack waits for the stack of the function, which waits for the pins.
    const ofFunction = parts.filter((part) => Stack.of(part) === Stack.of(this.#owner));
    this.dependencies.add(policy, ...ofFunction);
  }

  #addPart(scope: Construct, part: number, name: string): CfnSecret {
    const constructs = Stack.of(scope).node.findAll();
    const other = constructs.find((construct) => construct instanceof CfnSecret && construct.name === name);
    if (other !== undefined) {
      throw new RotationPropsError(
        this.#owner,
        `Its pins and ${other.node.path} would have the same name ${name}, because two construct paths differ only in characters that the name lacks. Give one of the functions another id.`,
      );
    }
    const isFirst = scope.node.tryFindChild('Pins') === undefined;
    const resource = new CfnSecret(scope, isFirst ? 'Pins' : `Pins${part}`, {
      name,
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
    return resource;
  }
}

/**
 * The folder of all pins of the function, also of those before a change of their number. The path
 * begins below the stack, as that of a logical id, so that a stack may move into a stage.
 */
function folderOf(owner: PinnedFunction): string {
  const stack = Stack.of(owner);
  const path = owner.node.path
    .slice(stack.node.path.length + 1)
    .replaceAll('/', '-')
    .replaceAll(/[^\w-]/g, '');
  return `${PINS_FOLDER}${stack.stackName}/${path}/`;
}

/** A policy of its own, so that the order of the secrets does not change the policy of the role. */
function readingPolicy(owner: PinnedFunction, folder: string): Policy {
  const policy = new Policy(owner, 'ReadPins', {
    statements: [
      new PolicyStatement({
        actions: ['secretsmanager:GetSecretValue'],
        resources: [folderArn(Stack.of(owner), folder)],
      }),
    ],
  });
  // Not the prop roles, which also changes a role that must not be changed.
  owner.role.attachInlinePolicy(policy);
  acknowledgeFolder(policy, folder, 'Only the deployment creates secrets under this name prefix.');
  return policy;
}
