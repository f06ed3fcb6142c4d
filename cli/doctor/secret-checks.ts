import { EndpointError, parseEndpoint } from '../../protocol/cluster/endpoint.ts';
import { readConfig } from '../../protocol/rotation/function-config.ts';
import { ConfigError } from '../../protocol/rotation/variable-values.ts';
import { ENDPOINT_TAG } from '../../protocol/secret/document.ts';
import type { Finding } from '../examine/finding.ts';
import { keyText } from '../examine/keys.ts';
import { userAt } from '../examine/tried-versions.ts';
import { explainSameUser, usersOfSecret } from '../examine/users-of-secret.ts';
import { type Answers, type Check, type DoctorContext, fail, ofFunction, pass, unknown } from './check.ts';
import type { CheckResult } from './json-schema.ts';

const STATUS_OF: Readonly<Record<Finding['severity'], CheckResult['status']>> = {
  problem: 'fail',
  undecided: 'unknown',
  notice: 'warning',
};

export function findingResults({ findings, examination }: DoctorContext): readonly CheckResult[] {
  // A host that is not allowed here is no question of the network.
  const isRefused = examination.search.kind === 'unusable';
  return findings.length === 0
    ? [{ check: 'secret', ...pass(`The cluster accepts the credential of ${userAt(examination)} in AWSCURRENT.`) }]
    : findings.map(({ severity, code, message, advice }) => {
        const status = isRefused && severity === 'undecided' ? 'fail' : STATUS_OF[severity];
        return { check: code, status, reason: message, fix: advice };
      });
}

/** The function has its own list of allowed hosts. */
export const checkAllowedHost: Check = ofFunction('Whether the host is allowed', ({ environment }, { examination }) => {
  const { endpoint } = examination.current?.credentials ?? {};
  if (endpoint === undefined) {
    return unknown('AWSCURRENT is wrong, so its host is not known.');
  }
  try {
    parseEndpoint(endpoint.url, readConfig(environment).endpointRules);
    return pass(`${endpoint.host} is allowed for the function.`);
  } catch (error) {
    if (error instanceof EndpointError) {
      return fail(error.message, 'Add the host to allowedEndpoints of the configuration, and deploy the stack.');
    }
    if (error instanceof ConfigError) {
      return fail(error.message, 'Correct the environment variable of the function, and deploy the stack.');
    }
    throw error;
  }
});

/**
 * What the rotation of an API key needs beside the cluster. A finding says what the control plane
 * refuses.
 */
export function checkManager({ examination: { strategy, keys } }: DoctorContext): Answers {
  const { config } = strategy;
  if (!strategy.needsManager) {
    return [];
  }
  if (config === undefined) {
    return unknown('The manager secret is not known, because the configuration of the function was not read.');
  }
  if (config.managerSecretArn === undefined) {
    return fail(
      'The function has no manager secret, so it can create no API key.',
      'Add managerSecretArn to the configuration, and deploy the stack.',
    );
  }
  if (keys === undefined) {
    return pass(
      `The function uses the manager secret ${config.managerSecretArn}. With --manager, this command tries its key.`,
    );
  }
  return !('severity' in keys) && keys.refusal === undefined && keys.current !== undefined
    ? pass(
        `The manager key may list the ${keys.listed.length} API keys, and the current one can rotate: ${keyText(keys.current)}.`,
      )
    : [];
}

export async function checkOtherSecrets({ ports, examination }: DoctorContext): Promise<Answers> {
  const { secret, current, strategy } = examination;
  if (current === undefined) {
    return unknown('AWSCURRENT is not usable, so its user or API key is not known.');
  }
  const users = usersOfSecret(secret, current.credentials, strategy);
  const { others, notes } = await ports.findSameUser(users, ports.aws);
  const clash = explainSameUser(secret.name, users.endpoint, others);
  const answers = [
    ...(clash === undefined ? [] : [fail(clash.message, clash.advice)]),
    ...notes.map((note) => unknown(note)),
  ];
  return answers.length > 0
    ? answers
    : pass(
        `No other secret that a function of this product rotates, and none with the tag ${ENDPOINT_TAG}, holds this user or API key. Other secrets were not read.`,
      );
}
