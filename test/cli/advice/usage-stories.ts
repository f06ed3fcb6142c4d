import { ROTATED_SECRETS } from '../../../protocol/secret/rotated-secrets.ts';
import { sentLabel } from '../../../protocol/secret/versions.ts';
import { documentOf } from '../support/rotations.ts';
import { ordersWorld, type Step, type Stories, type Story, type World } from './story.ts';

const CA = '-----BEGIN CERTIFICATE-----';

async function world(): Promise<World> {
  const made = await ordersWorld();
  made.aws.environment[ROTATED_SECRETS] = '*';
  made.files
    .set('ca.pem', CA)
    .set('empty.pem', '')
    .set('names', '# none')
    .set('text', 'not a name')
    .set('good', 'orders');
  return made;
}

/** A command that ends with a usage error until the steps have corrected it. */
function wrong(command: string, ...follow: readonly Step[]): Story {
  return { make: world, command, ends: [2], follow };
}

/** The value of an option is corrected by hand, because the advice has no example. */
function wrongValue(command: string, proof: string): Story {
  return { make: world, command, ends: [2], proof };
}

/** The person gives the password of the second user. */
function addSecondUser({ cluster, orders, passwords }: World): void {
  orders.rotationFunctionArn = undefined;
  cluster.addUser('app_b', 'Second-1');
  passwords.push('Second-1');
}

const KEY = 'arn:aws:kms:us-east-1:000000000000:key/1';

export const USAGE_STORIES: Stories = {
  'an unknown option': wrong('status orders --al', '--help'),
  'a name that is no host': wrongValue(
    'status orders --allow-endpoint https://a',
    'status orders --allow-endpoint .zillizcloud.com',
  ),
  'an unknown transport': wrongValue('status orders --transport http', 'status orders --transport rest'),
  'no username': wrong('init orders --username 1 --yes', 'example of --username', ({ aws, orders, cluster }) => {
    cluster.addUser('orders_app', 'In-force-1');
    aws
      .secret('orders')
      .store.storeByHand('v2', documentOf('In-force-1', { username: 'orders_app', token: undefined }));
    orders.rotationFunctionArn = undefined;
  }),
  'one user instead of two': wrong('status orders --users app', 'example of --users', async ({ cluster, orders }) => {
    const [first, second] = ['orders_a', 'orders_b'].map((username) => {
      cluster.addUser(username, 'In-force-1');
      return documentOf('In-force-1', { username, token: undefined });
    });
    orders.store.storeByHand('a', first ?? '');
    await orders.store.put({ versionId: 'b', value: second ?? '', labels: [sentLabel('b')] });
  }),
  'a duration without its unit': wrong('rotate orders --timeout 90', 'example of --timeout'),
  'a count of 0': wrong('status orders --concurrency 0', 'example of --concurrency'),
  'a short interval': wrong('watch orders --until-idle --interval 0s', 'example of --interval'),
  'no share': wrong('rotate --all --yes --max-failures few', 'example of --max-failures'),
  'an unknown severity': wrong('status orders --fail-on NEVER', 'example of --fail-on'),
  'no date': wrong('history orders --since yesterday', 'example of --since'),
  'no number of days': wrong('report orders --unused-for-days 0', 'example of --unused-for-days'),
  'an empty key of a tag': wrongValue(
    'report orders --owner-tags team,,owner',
    'report orders --owner-tags team,owner',
  ),
  'a tag without a key': wrongValue('status --tag =search', 'status orders --tag team --prefix none'),
  'an empty region': wrongValue(
    'status --all --regions us-east-1,,eu-west-1',
    'status --all --regions us-east-1,eu-west-1',
  ),
  'no ARN of a key': {
    ...wrongValue('init new --kms-key key/1', `init orders --kms-key ${KEY} --yes`),
    follow: [
      ({ orders }) => {
        orders.kmsKeyId = KEY;
      },
    ],
  },
  'a period that ends before it begins': wrong(
    'history orders --since 2026-02-02 --until 2026-02-01',
    'without --until',
    '--until 2026-02-03',
  ),
  'a period that begins after its end': wrong(
    'history orders --since 2026-02-02 --until 2026-02-01',
    'without --since',
    '--since 2026-01-01',
  ),
  'a PEM file that does not exist': wrong('status orders --ca-file none.pem', ({ files }) => files.set('none.pem', CA)),
  'a PEM file without a certificate': wrong('status orders --ca-file empty.pem', ({ files }) =>
    files.set('empty.pem', CA),
  ),
  'a region that contradicts the ARN': wrong(
    'status arn:aws:secretsmanager:us-east-1:000000000000:secret:orders-AbCdEf --region eu-west-1',
    'without --region',
  ),
  'the secret itself as admin secret': wrongValue(
    'repair orders --admin-secret orders',
    'repair orders --admin-secret zilliz-admin',
  ),
  'an admin over REST': wrong(
    'repair orders --admin-secret zilliz-admin --transport rest',
    'without --transport',
    '--transport grpc',
  ),
  '--users for two secrets': wrongValue('status orders orders2 --users a,b', 'status orders'),
  '--both-users for two secrets': wrongValue('rotate orders orders2 --both-users', 'rotate orders'),
  '--both-users and --all': wrongValue('rotate --all --both-users', 'rotate orders'),
  '--both-users for a single user': {
    ...wrong('rotate orders --both-users', 'without --both-users'),
    asksAws: true,
  },
  '--yes for a named secret': wrong('rotate orders --yes', 'without --yes'),
  '--json and --output': wrong(
    'report orders --json --output report.json',
    'without --json',
    '--format json',
    '--output report.json',
  ),
  'a file that cannot be read': wrong('status --file none', ({ files }) => files.set('none', 'orders')),
  'a file that names no secret': wrong('status --file names', ({ files }) => files.set('names', 'orders')),
  'a file with another text': wrong('status --file text', ({ files }) => files.set('text', 'orders')),
  'no secret that meets the conditions': {
    ...wrongValue('status --prefix none', 'status --prefix ord'),
    asksAws: true,
  },
  'no condition (--all)': wrong('status', '--all'),
  'no condition (--tag)': wrong('status', '--tag team', ({ orders }) => {
    orders.store.tags['team'] = 'search';
  }),
  'no condition (--prefix)': wrong('status', '--prefix ord'),
  'no condition (--rotated-by)': wrong('status', '--rotated-by zilliz-rotation'),
  'no condition (--endpoint)': wrong(
    'rotate --dry-run',
    '--endpoint https://in01-abc.aws-us-west-2.vectordb.zillizcloud.com:19530',
  ),
  'names and --all': wrongValue('status orders --all', 'status --all'),
  '--region and --regions': wrong(
    'status --all --region us-east-1 --regions us-east-1',
    'without --region',
    '--regions us-east-1',
  ),
  '--profile and --profiles': wrong('status --all --profile a --profiles a', 'without --profile', '--profiles a'),
  'an endpoint that is no address': {
    ...wrongValue(
      'rotate --endpoint milvus --dry-run',
      'rotate --endpoint https://in01-abc.aws-us-west-2.vectordb.zillizcloud.com:19530 --dry-run',
    ),
    asksAws: true,
  },
  '--recreate-user without an admin': wrongValue(
    'repair orders --recreate-user',
    'repair orders --recreate-user --admin-secret zilliz-admin',
  ),
  '--restore-previous and --admin-secret': wrongValue(
    'repair orders --restore-previous --admin-secret zilliz-admin',
    'repair orders --admin-secret zilliz-admin',
  ),
  '--role without --recreate-user (leave it out)': wrong(
    'repair orders --admin-secret zilliz-admin --role reader',
    'without --role',
  ),
  '--role without --recreate-user (add it)': wrong(
    'repair orders --admin-secret zilliz-admin --role reader',
    '--recreate-user',
    '--yes',
    ({ aws, adminCluster, cluster }) => {
      const token = 'root_admin:Admin-pass-1';
      adminCluster.admins.add(token);
      cluster.addUser('root_admin', 'Admin-pass-1');
      aws.add('zilliz-admin', documentOf('Admin-pass-1', { username: 'root_admin', token: undefined }));
    },
  ),
  'init: names and --discover': wrongValue('init orders --discover', 'init --discover'),
  'init: no secret': wrong('init', '--discover'),
  'init: --prefix for a secret': wrong('init orders --prefix o --yes', 'without --prefix'),
  'init: two users without --users': wrong(
    'init orders --strategy alternating-users --username app --yes',
    'without --username',
    '--users app,app_b',
    addSecondUser,
  ),
  'init: --users without --strategy': wrong(
    'init orders --users app,app_b --yes',
    '--strategy alternating-users',
    addSecondUser,
  ),
  'init: --users for a single user': wrong('init orders --users a,b --yes', 'without --users', '--username app'),
  'init: --role without an admin': wrongValue('init orders --role reader --yes', 'init orders --yes'),
  'init: a configuration that cannot be read': {
    make: world,
    cause: ({ files }) => {
      files.get = () => {
        throw Object.assign(new Error('EACCES'), { code: 'EACCES' });
      };
    },
    command: 'init orders --yes --config rotation.yaml',
    follow: [({ files }) => Reflect.deleteProperty(files, 'get')],
  },
};
