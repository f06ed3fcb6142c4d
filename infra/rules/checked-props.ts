import { type IResource, Stack, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import * as z from 'zod';
import { type EndpointRules, ZILLIZ_CLOUD_DOMAINS } from '../../protocol/cluster/endpoint.ts';
import { RotationPropsError } from '../errors.ts';
import { isHidden } from './cdk-fields.ts';
import { parseCertificateAuthority } from './certificate-authority.ts';
import { endpointFormProblem, endpointProblem } from './endpoint-problem.ts';
import { unknownKeyRule } from './fields.ts';
import { differ } from './function-arn.ts';
import { kindOf, type Path, sentenceOf, valueAt } from './mistake.ts';
import { type RotatedUsers, usersProblems } from './rotated-users.ts';

interface PropsOptions {
  /** Which props are needed, if no prop is required by itself. */
  readonly needed?: string;
  /** Accepts props without a field, because the version of the CDK decides which props exist. */
  readonly others?: 'allowed';
}

/**
 * Applies the rules of the configuration file to the props of a construct. Skips absent props and
 * values that are known only at deployment. Each method throws a RotationPropsError.
 */
export class CheckedProps {
  readonly #scope: IConstruct | undefined;

  constructor(scope: IConstruct | undefined) {
    this.#scope = scope;
  }

  /**
   * Checks every prop, that each required prop is present, and that each prop has a field. The
   * compiler does this for TypeScript, but not for JavaScript.
   */
  props(props: unknown, fields: Readonly<Record<string, z.ZodType>>, { needed, others }: PropsOptions = {}): void {
    if (typeof props !== 'object' || props === null || Array.isArray(props)) {
      this.#refuse(['props'], undefined, `This is ${kindOf(props)}. Give a map${needed ?? requiredOf(fields)}.`);
    }
    const unknown = Object.keys(props).find((name) => !Object.hasOwn(fields, name));
    if (unknown !== undefined && others !== 'allowed') {
      this.#refuse([unknown], undefined, unknownKeyRule(unknown, Object.keys(fields)));
    }
    for (const [name, field] of Object.entries(fields)) {
      const value = valueAt(props, [name]);
      if (value === undefined && !(field instanceof z.ZodExactOptional)) {
        this.#refuse([name], undefined, `Missing. ${field.safeParse(value).error?.issues[0]?.message}`);
      }
      this.prop(name, value, field);
    }
  }

  /** @param field The field with the rule for the prop. */
  prop(name: string, value: unknown, field: z.ZodType): void {
    const issues = isKnown(value) ? field.safeParse(value).error?.issues : [];
    const issue = issues?.find(({ path }) => !Token.isUnresolved(valueAt(value, path)));
    if (issue?.code === 'invalid_key') {
      this.#refuse([name], issue.path.at(-1), issue.issues[0]?.message ?? issue.message);
    }
    if (issue?.code === 'unrecognized_keys') {
      this.#refuse([name, ...issue.path, ...issue.keys.slice(0, 1)], undefined, issue.message);
    }
    if (issue) {
      const found = isHidden(issue) ? undefined : valueAt(value, issue.path);
      this.#refuse([name, ...issue.path], found, issue.message);
    }
  }

  endpoint(prop: string, value: string | undefined, rules: Partial<EndpointRules>): void {
    const problem = isKnown(value) ? problemOf(value, rules) : undefined;
    if (problem !== undefined) {
      this.#refuse([prop], value, problem);
    }
  }

  /** AWS uses a secret, a key or a topic only in its own region. */
  region(path: Path, resource: Pick<IResource, 'env'> | undefined): void {
    const region = resource?.env.region;
    const own = this.#scope === undefined ? region : Stack.of(this.#scope).region;
    if (differ(region, own)) {
      this.#refuse(
        path,
        undefined,
        `This is in region ${region}, but the stack is in region ${own}. AWS uses secrets, keys and topics only in their own region. Give one of region ${own}.`,
      );
    }
  }

  users(users: RotatedUsers): void {
    const [problem] = usersProblems(users);
    if (problem) {
      this.#refuse([problem.key], users[problem.key], problem.rule);
    }
  }

  /** The message does not show the text, because the text may be a private key. */
  certificateAuthority(prop: string, pem: string | undefined): void {
    const authority = isKnown(pem) ? parseCertificateAuthority(pem) : undefined;
    if (authority?.kind === 'unusable') {
      this.#refuse([prop], undefined, authority.rule);
    }
  }

  #refuse(path: Path, value: unknown, rule: string): never {
    throw new RotationPropsError(this.#scope, sentenceOf({ path, value, rule }));
  }
}

function requiredOf(fields: Readonly<Record<string, z.ZodType>>): string {
  const required = Object.keys(fields).filter((name) => !(fields[name] instanceof z.ZodExactOptional));
  return required.length > 0 ? ` with ${required.join(', ')}` : '. Each of its keys is optional';
}

function isKnown<Value>(value: Value | undefined): value is Value {
  return value !== undefined && !Token.isUnresolved(value);
}

/** If a host is known only at deployment, any host may be allowed. */
function problemOf(endpoint: string, rules: Partial<EndpointRules>): string | undefined {
  const { allowed = ZILLIZ_CLOUD_DOMAINS, allowPlaintext = false } = rules;
  return Token.isUnresolved(allowed) || allowed.some((host) => Token.isUnresolved(host))
    ? endpointFormProblem(endpoint)
    : endpointProblem(endpoint, { allowed, allowPlaintext });
}
