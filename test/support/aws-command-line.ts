/** A command line of the AWS CLI, as the input of the SDK. */
export interface AwsCommandLine {
  readonly service: string;
  /** `enable-key` */
  readonly action: string;
  /** By the names of the SDK: `KeyId`. */
  readonly input: Readonly<Record<string, unknown>>;
  /** The part of the answer that `--query` names. */
  readonly query: string | undefined;
}

/** Options of the AWS CLI that take a list. */
const LISTS = ['version-stages', 'tag-keys'];

/** Options of the AWS CLI that change what it prints. */
const OUTPUT_OPTIONS = ['query', 'output'];

/** The commands of the AWS CLI in a text: between backticks, or alone on a line of a terminal. */
export function awsCommandsIn(text: string): readonly string[] {
  const found = [...text.replaceAll(/\s+/g, ' ').matchAll(/`(aws [^`]+)`/g), ...text.matchAll(/^ +(aws .*?)\s*$/gm)];
  return found.map(([, line = '']) => line);
}

/** The words of a command line without quotes inside of words. */
export function shellWords(line: string): readonly string[] {
  return [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? '');
}

/** @param files the content of each `file://` path */
export function parseAwsCommandLine(line: string, files: Readonly<Record<string, string>> = {}): AwsCommandLine {
  const [, service = '', action = '', ...rest] = shellWords(line);
  const input: Record<string, unknown> = {};
  let query: string | undefined;
  for (let index = 0; index < rest.length; index++) {
    const flag = rest[index]?.replace(/^--/, '') ?? '';
    if (flag.startsWith('no-')) {
      input[pascal(flag.slice(3))] = false;
    } else {
      const value = argumentOf(rest[++index] ?? '', files);
      if (!OUTPUT_OPTIONS.includes(flag)) {
        input[pascal(flag)] = LISTS.includes(flag) ? [value] : value;
      } else if (flag === 'query') {
        query = String(value);
      }
    }
  }
  return { service, action, input, query };
}

/** The name of an action or a parameter in the SDK. */
export function pascal(kebab: string): string {
  return kebab
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('')
    .replace(/LambdaArn$/, 'LambdaARN');
}

function argumentOf(text: string, files: Readonly<Record<string, string>>): unknown {
  if (text.startsWith('file://')) {
    return files[text.slice('file://'.length)];
  }
  return text.startsWith('{') ? JSON.parse(text) : /^\d{1,3}$/.test(text) ? Number(text) : text;
}
