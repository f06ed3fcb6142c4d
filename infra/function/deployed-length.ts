/** The longest value of each pseudo parameter. */
const PSEUDO_PARAMETERS: Readonly<Record<string, number>> = {
  'AWS::AccountId': 12,
  'AWS::Partition': 'aws-us-gov'.length,
  'AWS::Region': 'ap-southeast-1'.length,
  'AWS::URLSuffix': 'amazonaws.com.cn'.length,
};

/**
 * An upper limit for the length of an ARN whose name CloudFormation generates, without the logical
 * id that the name contains.
 */
const ARN_LENGTH = 100;

/**
 * Characters of a template fragment as JSON after CloudFormation has replaced its intrinsic
 * functions. Every replacement counts with its greatest length.
 *
 * @param fragment Resolved by CDK.
 */
export function deployedLength(fragment: unknown): number {
  return JSON.stringify(fragment, (_, value: unknown) => {
    const length = intrinsicLength(value);
    return length === undefined ? value : '-'.repeat(length);
  }).length;
}

/**
 * Characters of a text after deployment, at most.
 *
 * @param text Resolved by CDK: a string or an intrinsic function.
 */
export function deployedTextLength(text: unknown): number {
  return typeof text === 'string' ? text.length : (intrinsicLength(text) ?? 0);
}

/** @returns undefined if the value is not an intrinsic function. */
function intrinsicLength(value: unknown): number | undefined {
  if (typeof value !== 'object' || value === null) {
    return undefined;
  }
  const [[name, argument] = ['', undefined]] = Object.entries(value) as [string, unknown][];
  if (name === 'Ref' && typeof argument === 'string') {
    return PSEUDO_PARAMETERS[argument] ?? ARN_LENGTH + argument.length;
  }
  if (name === 'Fn::Join' && Array.isArray(argument)) {
    const [, parts] = argument as [string, unknown[]];
    return parts.reduce<number>((sum, part) => sum + deployedTextLength(part), 0);
  }
  if (name === 'Fn::Select') {
    // The selected text is a part of an ARN, such as the generated name of a secret.
    return ARN_LENGTH;
  }
  return name.startsWith('Fn::') ? ARN_LENGTH + JSON.stringify(argument).length : undefined;
}
