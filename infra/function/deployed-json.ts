/** The text in place of an intrinsic function. Its value is unknown until the deployment. */
type UnknownText = (name: string, argument: unknown) => string;

/** No text is shorter. */
export const shortest: UnknownText = () => '';

/** The longest value of each pseudo parameter. */
const PSEUDO_PARAMETERS: Readonly<Record<string, string>> = {
  'AWS::AccountId': '123456789012',
  'AWS::Partition': 'aws-us-gov',
  'AWS::Region': 'ap-southeast-1',
  'AWS::URLSuffix': 'amazonaws.com.cn',
};

/** As long as an ARN whose name CloudFormation generates, without the logical id in the name. */
const GENERATED_ARN = '-'.repeat(100);

export const longest: UnknownText = (name, argument) =>
  (name === 'Ref' ? PSEUDO_PARAMETERS[String(argument)] : undefined) ??
  `${GENERATED_ARN}${name === 'Fn::Select' ? '' : JSON.stringify(argument)}`;

/**
 * A template fragment as JSON after the deployment.
 *
 * @param fragment Resolved by CDK.
 */
export function deployedJson(fragment: unknown, unknownText: UnknownText): string {
  const deployed = (value: unknown): unknown => {
    const [[name = '', argument] = []] = typeof value === 'object' && value !== null ? Object.entries(value) : [];
    if (name === 'Fn::Join') {
      // The list may be an intrinsic function too.
      const [, parts] = argument as [string, unknown];
      return [parts].flat().map(deployed).join('');
    }
    return name === 'Ref' || name.startsWith('Fn::') ? unknownText(name, argument) : value;
  };
  return JSON.stringify(fragment, (_, value: unknown) => deployed(value));
}
