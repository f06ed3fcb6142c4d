import { expect, test } from 'vitest';
import { mistakesIn } from '../../support/mistakes.ts';

const KEY = 'arn:aws:kms:us-west-2:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab';
const SECRET = 'arn:aws:secretsmanager:us-west-2:123456789012:secret';
const TOPIC = 'arn:aws:sns:us-west-2:123456789012:oncall';

/** Each key of the file with an ARN. */
const FILE = `function:
  secretNamePrefix: milvus/
  adminSecretArn: ${SECRET}:ops/admin-Ab12Cd
  adminSecretKmsKeyArn: ${KEY}
  secretKmsKeyArns: [${KEY}]
  logKmsKeyArn: ${KEY}
defaults:
  kmsKeyArn: ${KEY}
monitoring:
  topicArn: ${TOPIC}
secrets:
  - arn: ${SECRET}:milvus/a-Ab12Cd
  - arn: ${SECRET}:milvus/b-Ab12Cd
    kmsKeyArn: ${KEY}
`;

const LINES_WITH_ARN = FILE.split('\n').flatMap((line, index) => (line.includes('arn:aws') ? [index + 1] : []));

test('a file whose ARNs are where the stacks will be is accepted, and so is one if this is unknown', () => {
  expect(LINES_WITH_ARN).toHaveLength(9);
  expect(mistakesIn(FILE)).toEqual([]);
  expect(mistakesIn(FILE, { account: undefined, region: 'us-west-2' })).toEqual([]);
  expect(mistakesIn(FILE, { account: '123456789012', region: 'us-west-2' })).toEqual([]);
});

test('every ARN of another region than that of the deployment is refused in its line', () => {
  const mistakes = mistakesIn(FILE, { region: 'us-east-1' });
  expect(mistakes.map((mistake) => Number(mistake.split(':')[1]))).toEqual(LINES_WITH_ARN);
  for (const mistake of mistakes) {
    expect(mistake).toMatch(
      /This is in (account 123456789012, )?region us-west-2, but this command is for region us-east-1\. /,
    );
  }
});

test('a secret of another account than that of the deployment is refused, and a key of another account is not', () => {
  expect(mistakesIn(FILE, { account: '444455556666', region: 'us-west-2' })).toEqual([
    expect.stringContaining('rotation.yaml:12:10  secrets[0].arn: '),
    expect.stringContaining('rotation.yaml:13:10  secrets[1].arn: '),
  ]);
});

test.each(LINES_WITH_ARN.filter((line) => line !== 12))('an ARN of another region than the first: line %i', (line) => {
  const text = FILE.split('\n')
    .map((content, index) => (index + 1 === line ? content.replace('us-west-2', 'eu-west-1') : content))
    .join('\n');
  const others = 'but secrets[0].arn is in account 123456789012, region us-west-2. A file is for one account';
  expect(mistakesIn(text)).toEqual([expect.stringContaining(others)]);
  expect(mistakesIn(text)[0]).toContain(`rotation.yaml:${line}:`);
});
