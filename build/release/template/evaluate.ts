import type { CloudFormationTemplate } from './template.ts';

/** The value of each parameter, pseudo parameter and attribute (`LogicalId.Arn`). */
export type Values = Readonly<Record<string, string>>;

type List = readonly string[];

/**
 * A part of a template as CloudFormation deploys it, for the functions that our templates use.
 *
 * @throws Error for a value that is not given, and for another function.
 */
export function evaluate(
  part: unknown,
  { Parameters = {}, Conditions = {} }: Partial<CloudFormationTemplate>,
  values: Values,
): unknown {
  const named = (name: string): string | undefined => {
    const value = values[name] ?? Parameters[name]?.Default;
    if (value === undefined && name !== 'AWS::NoValue') {
      throw new Error(`The template refers to ${name}, which has no value here.`);
    }
    return value;
  };
  const functions: Readonly<Record<string, (given: never) => unknown>> = {
    Ref: named,
    'Fn::GetAtt': (path: List) => named(path.join('.')),
    'Fn::Join': ([separator, parts]: [string, List]) => parts.join(separator),
    'Fn::Split': ([separator, text]: [string, string]) => text.split(separator),
    'Fn::Select': ([index, list]: [number, List]) => list[index],
    'Fn::Equals': ([one, other]: List) => one === other,
    'Fn::Not': ([condition]: [boolean]) => !condition,
    'Fn::Or': (conditions: readonly boolean[]) => conditions.includes(true),
    'Fn::And': (conditions: readonly boolean[]) => !conditions.includes(false),
    'Fn::If': ([condition, yes, no]: [string, unknown, unknown]) =>
      evaluate(Conditions[condition], { Parameters, Conditions }, values) ? yes : no,
  };
  // The innermost functions come first. `undefined` removes a member of an object.
  return JSON.parse(JSON.stringify(part), (key, value: unknown) => {
    if (Array.isArray(value)) {
      return key === 'Fn::If' ? value : value.filter((member) => member !== undefined);
    }
    const [[name = '', given] = [], ...others] = Object.entries(value ?? {});
    if (typeof value !== 'object' || others.length > 0 || !/^(Ref$|Fn::)/.test(name)) {
      return value;
    }
    const call = functions[name];
    if (call === undefined) {
      throw new Error(`${name} is not a function that this module evaluates.`);
    }
    return call(given as never);
  });
}
