import { AwsError } from '../aws/aws-error.ts';
import { userAt } from '../examine/tried-versions.ts';
import { comparedRoles } from '../examine/user-findings.ts';
import { type Answer, type Answers, byFunction, fromFindings, pass, unknown } from './check.ts';
import { type DoctorContext, lastFinished } from './context.ts';

export function checkLogin({ examination, findings }: DoctorContext): Answers {
  return fromFindings(findings, ['current-not-in-force', 'none-in-force', 'undecided'], () =>
    examination.search.kind === 'found'
      ? pass(`The cluster accepts the password of ${userAt(examination)} in AWSCURRENT.`)
      : unknown('The command did not log in.'),
  );
}

export function checkAuthorization({ examination, findings }: DoctorContext): Answers {
  return fromFindings(findings, ['authorization-off'], () =>
    examination.search.kind === 'found'
      ? pass('The cluster rejects a wrong password, so authorization is on.')
      : unknown('The command did not log in.'),
  );
}

/** Only a change of the password proves that the user may change it. This command makes none. */
export function checkOwnPassword(context: DoctorContext): Answer {
  const { log, rotationFunction, examination } = context;
  const changedAt = lastFinished(context, 'setSecret');
  if (changedAt !== undefined) {
    return byFunction(pass(`The user changed its own password on ${new Date(changedAt).toISOString()}.`));
  }
  if (rotationFunction === 'absent') {
    return unknown('It is not known whether the function has changed the password, because the function was not read.');
  }
  return log instanceof AwsError
    ? unknown(`It is not known whether the function has changed the password. ${log.message}`, log.advice)
    : unknown(
        'No change of the password by the function is in the log. Milvus lets each user change its own password.',
        `The first rotation proves it: \`zilliz-rotation rotate ${examination.secret.name}\`.`,
      );
}

export function checkUsers({ examination, findings }: DoctorContext): Answers {
  return fromFindings(
    findings,
    ['roles-differ', 'other-user-not-in-force', 'user-not-pinned', 'roles-not-confirmed'],
    () => {
      const roles = comparedRoles(examination);
      if (roles !== undefined) {
        return pass(`Both users have the same roles: ${roles.current.join(', ') || 'none'}.`);
      }
      return examination.search.kind === 'found' && examination.other === undefined
        ? pass(`The secret has a single user. Its roles: ${examination.search.roles.join(', ') || 'none'}.`)
        : unknown('The command did not log in with every user.');
    },
  );
}
