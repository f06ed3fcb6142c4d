import type { AwsErrorKind } from '../../../cli/aws/aws-error.ts';
import type { Step, Stories, Story } from './story.ts';

const STATUS = 'status orders';

/** AWS fails like this until the person has done what the advice says. */
function whileFailing(kind: AwsErrorKind, follow: readonly Step[] = []): Story {
  const end: Step = ({ aws }) => aws.failing.clear();
  return {
    cause: ({ aws }) => aws.failing.set('DescribeSecret', kind),
    command: STATUS,
    follow: [...follow, end],
  };
}

/** By the kinds of AwsError. */
const KINDS: Readonly<Record<AwsErrorKind, Story>> = {
  'credentials-missing': whileFailing('credentials-missing', ['--profile operator']),
  'credentials-expired': whileFailing('credentials-expired'),
  'credentials-invalid': whileFailing('credentials-invalid', ['aws sts get-caller-identity']),
  'region-missing': whileFailing('region-missing', ['--region us-east-1']),
  'access-denied': { ...whileFailing('access-denied'), reads: 'permissions' },
  'not-found': { command: 'status order', proof: STATUS },
  throttled: whileFailing('throttled', ['--concurrency 1']),
  unreachable: whileFailing('unreachable'),
  other: whileFailing('other'),
};

export const AWS_STORIES: Stories = KINDS;
