/** The longest value of each pseudo parameter. */
const PSEUDO_PARAMETERS: Readonly<Record<string, string>> = {
  'AWS::AccountId': '123456789012',
  'AWS::Partition': 'aws-us-gov',
  'AWS::Region': 'ap-southeast-1',
  'AWS::URLSuffix': 'amazonaws.com.cn',
};

/** As long as an ARN whose name CloudFormation generates, without the logical id in the name. */
const GENERATED_ARN = '-'.repeat(100);

/**
 * The largest possible length of a template fragment as JSON after the deployment, in characters.
 *
 * @param fragment Resolved by CDK.
 */
export function deployedLength(fragment: unknown): number {
  return JSON.stringify(fragment, (_, value: unknown) => (isIntrinsic(value) ? deployedText(value) : value)).length;
}

/** A string as it is. For an intrinsic function, a text of the greatest length. */
function deployedText(value: unknown): string {
  if (!isIntrinsic(value)) {
    return String(value);
  }
  const [[name = '', argument] = []] = Object.entries(value);
  if (name === 'Fn::Join') {
    const [, parts] = argument as [string, unknown[]];
    return parts.map(deployedText).join('');
  }
  const known = name === 'Ref' ? PSEUDO_PARAMETERS[String(argument)] : undefined;
  return known ?? `${GENERATED_ARN}${name === 'Fn::Select' ? '' : JSON.stringify(argument)}`;
}

function isIntrinsic(value: unknown): value is object {
  const [key = ''] = typeof value === 'object' && value !== null ? Object.keys(value) : [];
  return key === 'Ref' || key.startsWith('Fn::');
}
