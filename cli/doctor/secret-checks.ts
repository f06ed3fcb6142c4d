import { EndpointError, parseEndpoint } from '../../protocol/cluster/endpoint.ts';
import { ConfigError, readConfig } from '../../protocol/rotation/function-config.ts';
import { ENDPOINT_TAG } from '../../protocol/secret/document.ts';
import { AWSPENDING, freeLabels } from '../../protocol/secret/versions.ts';
import type { Finding } from '../examine/finding.ts';
import { userAt } from '../examine/tried-versions.ts';
import { comparedRoles } from '../examine/user-findings.ts';
import { explainSameUser, usersOfSecret } from '../examine/users-of-secret.ts';
import { counted } from '../terminal/text.ts';
import { type Answer, type Answers, byFunction, type CheckStatus, fail, pass, unknown, warning } from './check.ts';
import { type Check, type DoctorContext, functionOf } from './context.ts';

const STATUS_OF: Readonly<Record<Finding['severity'], CheckStatus>> = {
  problem: 'fail',
  undecided: 'unknown',
  notice: 'warning',
};

/** A check that the findings of `status` decide. Without a finding with one of the codes: `otherwise`. */
function decidedBy(codes: readonly string[], otherwise: (context: DoctorContext) => Answer): Check {
  return (context) => {
    const found = context.findings.filter(({ code }) => codes.includes(code));
    return found.length === 0
      ? otherwise(context)
      : found.map(({ severity, message: reason, advice: fix }) => {
          return { status: STATUS_OF[severity], reason, fix, madeBy: 'command' } as const;
        });
  };
}

export const checkSecret: Check = decidedBy(['marked-for-deletion'], ({ examination: { secret } }) =>
  pass(`${secret.name} exists, and has ${counted(secret.versions.length, 'version')} with a label.`),
);

export const checkDocument: Check = decidedBy(
  ['unusable-secret', 'endpoint-not-pinned', 'stale-copies'],
  ({ examination }) =>
    // Another check is about the host, and the name of its user may be a part of a password.
    pass(
      examination.search.kind === 'unusable'
        ? 'AWSCURRENT is a credential.'
        : `AWSCURRENT is a credential of ${userAt(examination)}.`,
    ),
);

const NOT_LOGGED_IN = unknown('The command did not log in.');

export const checkLogin: Check = (context) =>
  context.examination.search.kind === 'unusable' ? NOT_LOGGED_IN : checkAnswer(context);

const checkAnswer: Check = decidedBy(['current-not-in-force', 'none-in-force', 'undecided'], ({ examination }) =>
  examination.search.kind === 'found'
    ? pass(`The cluster accepts the password of ${userAt(examination)} in AWSCURRENT.`)
    : NOT_LOGGED_IN,
);

export const checkAuthorization: Check = decidedBy(['authorization-off'], ({ examination }) =>
  examination.search.kind === 'found'
    ? pass('The cluster rejects a wrong password, so authorization is on.')
    : NOT_LOGGED_IN,
);

export const checkUsers: Check = decidedBy(
  ['roles-differ', 'other-user-not-in-force', 'user-not-pinned', 'roles-not-confirmed'],
  ({ examination }) => {
    const roles = comparedRoles(examination);
    if (roles !== undefined) {
      return pass(`Both users have the same roles: ${roles.current.join(', ') || 'none'}.`);
    }
    return examination.search.kind === 'found' && examination.other === undefined
      ? pass(`The secret has a single user. Its roles: ${examination.search.roles.join(', ') || 'none'}.`)
      : unknown('The command did not log in with every user.');
  },
);

const checkTimes: Check = decidedBy(
  ['overdue', 'rotation-off', 'rotation-cancelled', 'rotation-incomplete', 'rotation-failed'],
  ({ examination: { secret } }) => {
    const { schedule, window = 'as AWS chooses it', nextRotationAt } = secret;
    const next = nextRotationAt === undefined ? 'an unknown date' : new Date(nextRotationAt).toISOString();
    return schedule === undefined
      ? warning('Rotation is on, and has no schedule.', 'Set a schedule in the configuration, and deploy the stack.')
      : pass(`${schedule}, window ${window}, next rotation by ${next}.`);
  },
);

export const checkSchedule: Check = (context) => {
  const { findings } = context;
  const intended = findings.find(({ code }) => code === 'rotation-off-on-purpose');
  return intended === undefined || findings.some(({ code }) => code === 'rotation-cancelled')
    ? checkTimes(context)
    : pass(intended.message);
};

/** Fewer free labels than this are a warning. */
const FEW_FREE_LABELS = 3;

export const checkLabels: Check = decidedBy(['labels-full', 'other-user-unlabelled'], ({ examination: { secret } }) => {
  const free = freeLabels(secret);
  return free < FEW_FREE_LABELS
    ? warning(
        `Few labels are free for the next rotations: ${free}.`,
        'Remove labels of your own that nobody needs (docs/operations.md#no-label-is-free).',
      )
    : pass(`Free labels: ${free}. ${AWSPENDING} is not stuck.`);
});

/** Here the options say which hosts are allowed. The function has its own list. */
export function checkAllowedHost(context: DoctorContext): Answers {
  const { current, search, notPinned } = context.examination;
  const { endpoint } = current?.credentials ?? {};
  if (endpoint === undefined) {
    if (search.kind !== 'unusable' || search.reason !== 'endpoint' || notPinned !== undefined) {
      return unknown('AWSCURRENT is wrong, so its host is not known.');
    }
    return fail(
      search.problem,
      'Check the host with the owner of the secret. ' +
        'If the host is right and the cluster is your own, allow it with --allow-endpoint HOST. ' +
        'If the secret names no endpoint, give --endpoint URL.',
    );
  }
  const here = pass(`${endpoint.host} is allowed here.`);
  const { environment } = functionOf(context) ?? {};
  return environment === undefined ? here : [here, byFunction(allowedForFunction(endpoint, environment))];
}

function allowedForFunction(
  { url, host }: { readonly url: string; readonly host: string },
  environment: Readonly<Record<string, string>>,
): Answer {
  try {
    parseEndpoint(url, readConfig(environment).endpointRules);
    return pass(`${host} is allowed for the function.`);
  } catch (error) {
    if (error instanceof EndpointError) {
      return fail(error.message, 'Add the host to allowedEndpoints of the configuration, and deploy the stack.');
    }
    if (error instanceof ConfigError) {
      return fail(error.message, 'Correct the environment variable of the function, and deploy the stack.');
    }
    throw error;
  }
}

export async function checkOtherSecrets({ ports, examination }: DoctorContext): Promise<Answers> {
  const { secret, current, strategy } = examination;
  if (current === undefined) {
    return unknown('AWSCURRENT is not usable, so its user is not known.');
  }
  const { credentials } = current;
  const { others, notes } = await ports.findSameUser(usersOfSecret(secret, credentials, strategy), ports.aws);
  const clash = explainSameUser(secret.name, credentials.endpoint.url, others);
  const answers = [
    ...(clash === undefined ? [] : [fail(clash.message, clash.advice)]),
    ...notes.map((note) => unknown(note)),
  ];
  return answers.length > 0
    ? answers
    : pass(
        `No other secret that a function of this product rotates, and none with the tag ${ENDPOINT_TAG}, holds this user. Other secrets were not read.`,
      );
}
