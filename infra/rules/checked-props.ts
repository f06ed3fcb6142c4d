import { Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { type EndpointRules, ZILLIZ_CLOUD_DOMAINS } from '../../cluster/endpoint.ts';
import { RotationPropsError } from '../errors.ts';
import { judgeCertificateAuthority } from './certificate-authority.ts';
import { endpointFormProblem, endpointProblem } from './endpoint-problem.ts';
import type { Form, Range } from './forms.ts';
import { sentenceOf } from './mistake-sentence.ts';

/**
 * Holds the props of a construct to the rules of the configuration file. What is absent, or known at deployment only,
 * passes.
 */
export class CheckedProps {
  readonly #scope: IConstruct;

  constructor(scope: IConstruct) {
    this.#scope = scope;
  }

  form(prop: string, value: string | undefined, { pattern, allowed }: Form): void {
    if (isKnown(value) && !pattern.test(value)) {
      this.#refuse(prop, value, allowed);
    }
  }

  whole(prop: string, value: number | undefined, { low, high, allowed }: Range): void {
    if (isKnown(value) && !(Number.isInteger(value) && value >= low && value <= high)) {
      this.#refuse(prop, value, allowed);
    }
  }

  list(prop: string, values: readonly string[] | undefined, form: Form, whenEmpty: string): void {
    if (isKnown(values)) {
      if (values.length === 0) {
        this.#refuse(prop, values, whenEmpty);
      }
      for (const [index, value] of values.entries()) {
        this.form(`${prop}[${index}]`, value, form);
      }
    }
  }

  endpoint(prop: string, value: string | undefined, rules: Partial<EndpointRules>): void {
    const problem = isKnown(value) ? problemOf(value, rules) : undefined;
    if (problem !== undefined) {
      this.#refuse(prop, value, problem);
    }
  }

  /** The text is not shown: it may be a private key. */
  certificateAuthority(prop: string, pem: string | undefined): void {
    const authority = isKnown(pem) ? judgeCertificateAuthority(pem) : undefined;
    if (authority?.kind === 'unusable') {
      this.#refuse(prop, undefined, authority.rule);
    }
  }

  #refuse(prop: string, value: unknown, rule: string): never {
    throw new RotationPropsError(this.#scope, sentenceOf({ path: [prop], value, rule }));
  }
}

function isKnown<Value>(value: Value | undefined): value is Value {
  return value !== undefined && !Token.isUnresolved(value);
}

/** A list of hosts that is known in part only could allow any. */
function problemOf(endpoint: string, rules: Partial<EndpointRules>): string | undefined {
  const { allowed = ZILLIZ_CLOUD_DOMAINS, allowPlaintext = false } = rules;
  return Token.isUnresolved(allowed) || allowed.some((host) => Token.isUnresolved(host))
    ? endpointFormProblem(endpoint)
    : endpointProblem(endpoint, { allowed, allowPlaintext });
}
