import { type Endpoint, EndpointError, parseEndpoint, ZILLIZ_CLOUD_DOMAINS } from '../../protocol/cluster/endpoint.ts';
import { ENDPOINT_TAG } from '../../protocol/secret/document.ts';
import { AWSPENDING, freeLabels } from '../../protocol/secret/versions.ts';
import { userAt } from '../examine/tried-versions.ts';
import { explainSameUser, usersOfSecret } from '../examine/users-of-secret.ts';
import { counted } from '../terminal/text.ts';
import { type Answer, type Answers, byFunction, fail, fromFindings, pass, unknown, warning } from './check.ts';
import { type DoctorContext, functionOf } from './context.ts';

export function checkSecret({ examination, findings }: DoctorContext): Answers {
  const { name, versions } = examination.secret;
  return fromFindings(findings, ['marked-for-deletion'], () =>
    pass(`${name} exists, and has ${counted(versions.length, 'version')} with a label.`),
  );
}

export function checkDocument({ examination, findings }: DoctorContext): Answers {
  const { search } = examination;
  return fromFindings(findings, ['unusable-secret', 'endpoint-not-pinned', 'stale-copies'], () =>
    search.kind === 'unusable'
      ? unknown(search.problem, 'Correct the endpoint of the secret, or allow its host.')
      : pass(`AWSCURRENT is a credential of ${userAt(examination)}.`),
  );
}

/** Here the options say which hosts are allowed. The function has its own list. */
export function checkAllowedHost(context: DoctorContext): Answers {
  const { examination, endpoint } = context;
  const here =
    examination.current === undefined
      ? fail(
          'The host is not allowed here, or AWSCURRENT names none.',
          'Check the host with the owner of the secret. If the host is right and the cluster is your own, allow it with --allow-endpoint HOST. If the secret names no endpoint, give --endpoint URL.',
        )
      : pass(`${examination.current.credentials.endpoint.host} is allowed here.`);
  const { environment } = functionOf(context) ?? {};
  return endpoint === undefined || environment === undefined
    ? here
    : [here, byFunction(allowedForFunction(endpoint, environment))];
}

function allowedForFunction({ url, host }: Endpoint, environment: Readonly<Record<string, string>>): Answer {
  const { ALLOWED_ENDPOINTS: list = '', ALLOW_PLAINTEXT: plaintext } = environment;
  const allowed = list === '' ? ZILLIZ_CLOUD_DOMAINS : list.split(',').map((configured) => configured.trim());
  try {
    parseEndpoint(url, { allowed, allowPlaintext: plaintext === 'true' });
    return pass(`${host} is allowed for the function.`);
  } catch (error) {
    if (error instanceof EndpointError) {
      return fail(error.message, 'Add the host to allowedEndpoints of the configuration, and deploy the stack.');
    }
    throw error;
  }
}

export function checkSchedule({ examination, findings }: DoctorContext): Answers {
  const intended = findings.find(({ code }) => code === 'rotation-off-on-purpose');
  if (intended !== undefined && !findings.some(({ code }) => code === 'rotation-cancelled')) {
    return pass(intended.message);
  }
  const { schedule, window, nextRotationAt } = examination.secret;
  return fromFindings(
    findings,
    ['overdue', 'rotation-off', 'rotation-cancelled', 'rotation-incomplete', 'rotation-failed'],
    () =>
      schedule === undefined
        ? warning('Rotation is on, and has no schedule.', 'Set a schedule in the configuration, and deploy the stack.')
        : pass(
            `${schedule}, window ${window ?? 'as AWS chooses it'}, next rotation by ${
              nextRotationAt === undefined ? 'an unknown date' : new Date(nextRotationAt).toISOString()
            }.`,
          ),
  );
}

/** Fewer free labels than this are a warning. */
const FEW_FREE_LABELS = 3;

export function checkLabels({ examination, findings }: DoctorContext): Answers {
  const { secret } = examination;
  const free = freeLabels(secret);
  return fromFindings(findings, ['labels-full', 'other-user-unlabelled'], () =>
    free < FEW_FREE_LABELS
      ? warning(
          `Few labels are free for the next rotations: ${free}.`,
          'Remove labels of your own that nobody needs (docs/operations.md#no-label-is-free).',
        )
      : pass(`Free labels: ${free}. ${AWSPENDING} is not stuck.`),
  );
}

export async function checkOtherSecrets({ ports, examination }: DoctorContext): Promise<Answers> {
  const { secret, current, strategy } = examination;
  if (current === undefined) {
    return unknown('AWSCURRENT is not usable, so its user is not known.');
  }
  const { credentials } = current;
  const search = await ports.findSameUser(usersOfSecret(secret, credentials, strategy), ports.aws);
  const clash = explainSameUser(secret.name, credentials.endpoint.url, search.others);
  const uncompared = search.notes.map((note) => unknown(note));
  if (clash !== undefined) {
    return [fail(clash.message, clash.advice), ...uncompared];
  }
  return uncompared.length > 0
    ? uncompared
    : pass(
        `No other secret that a function of this product rotates, and none with the tag ${ENDPOINT_TAG}, holds this user. Other secrets were not read.`,
      );
}
