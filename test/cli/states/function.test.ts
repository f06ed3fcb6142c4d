import type { PolicyStatement } from '../../../cli/aws/inspection.ts';
import { ROTATED_SECRETS, SECRET_TARGETS } from '../../../protocol/secret/rotated-secrets.ts';
import { USER } from '../../support/rotation-world.ts';
import { createFakeInspection } from '../support/fake-inspection.ts';
import { proveStates } from '../support/prove-states.ts';
import { pin, SECRET } from '../support/secret-fixture.ts';
import { all, block, type Change, type State, turnOff } from '../support/state-world.ts';

const DEPLOYED = createFakeInspection(new Map()).account.rotationFunction;
const TURN_ON = ['aws secretsmanager rotate-secret'];

const STATEMENT = {
  Effect: 'Allow',
  Principal: { Service: 'secretsmanager.amazonaws.com' },
  Action: 'lambda:InvokeFunction',
};
const ELSEWHERE = { Condition: { StringEquals: { 'aws:SourceAccount': '111122223333' } } };

const allow =
  (...policy: readonly PolicyStatement[]): Change =>
  ({ aws }) =>
    Object.assign(aws.inspection.account, { policy });
const notInvocable = (...changed: readonly object[]): State => ({
  make: allow(...changed.map((part) => ({ ...STATEMENT, ...part }))),
  finds: ['function-not-invocable'],
  follow: ['aws lambda add-permission'],
});

const deploy =
  (rotationFunction?: typeof DEPLOYED): Change =>
  ({ aws }) =>
    Object.assign(aws.inspection.account, { rotationFunction });
const deployAgain = deploy(DEPLOYED);

/** AWS denies an action to the command, which says so and judges the rest. */
const denied = (action: string, prints: RegExp): State => ({
  of: 'one',
  make: ({ aws }) => aws.failing.set(action, 'access-denied'),
  finds: [],
  prints,
  mend: ({ aws }) => aws.failing.clear(),
});

const PINS = { 'pins/f/1/0': '{"other":{}}', 'pins/f/3/0': JSON.stringify({ [SECRET]: {} }) };

/** The function has this environment, until somebody corrects the configuration. */
const configured = (environment: object, more: Partial<State> = {}): State => ({
  of: 'one',
  finds: ['not-configured'],
  mend: (world) => {
    delete world.aws.environment[ROTATED_SECRETS];
    delete world.aws.environment['MANAGER_SECRET_ARN'];
    pin(world, world.rotated.pins);
  },
  ...more,
  make: async (world) => {
    Object.assign(world.aws.pinned, PINS);
    Object.assign(world.aws.environment, environment);
    await more.make?.(world);
  },
});

proveStates({
  'the function has no policy': notInvocable(),
  'another account may invoke the function': notInvocable(ELSEWHERE),
  'another service may invoke the function': notInvocable({ Principal: { Service: 'events.amazonaws.com' } }),
  'Secrets Manager may call another action': notInvocable({ Action: 'lambda:GetFunction' }),
  'Secrets Manager must not invoke the function': notInvocable({ Effect: 'Deny' }),
  'every account may invoke the function': { make: allow(STATEMENT), finds: [] },
  'the function does not exist': {
    make: deploy(),
    finds: ['function-absent'],
    omits: /allow lambda:/,
    mend: deployAgain,
  },
  'the function does not exist, and a rotation stopped': {
    make: all(block, deploy()),
    finds: ['function-absent', 'notice rotation-incomplete'],
    prints: /First remove AWSPENDING.*`zilliz-rotation repair /,
    repair: '3 function-absent',
    does: 'removeLabel',
    mend: deployAgain,
    follow: ['repair'],
  },
  'the stack was removed': {
    make: all(turnOff, deploy()),
    finds: ['rotation-off'],
    mend: deployAgain,
    follow: TURN_ON,
  },
  'rotation was never configured': {
    make: all(turnOff, ({ secret }) => Object.assign(secret, { rotationFunctionArn: undefined })),
    finds: ['notice rotation-off'],
    omits: / note /,
    doctor: ['warning rotation-off', 'fail function'],
    mend: ({ aws, secret }) => {
      secret.rotationFunctionArn = aws.add('other', 'other').rotationFunctionArn;
      secret.store.rotationEnabled = true;
    },
  },
  'the secret is marked for deletion': {
    make: ({ secret }) => Object.assign(secret, { deletedAt: 1 }),
    finds: ['marked-for-deletion'],
    follow: ['aws secretsmanager restore-secret'],
  },
  'AWS denies the command to read the function': denied('GetFunctionConfiguration', / note .*GetFunctionConfiguration/),
  'AWS denies the command to read the policy of the function': denied('GetPolicy', / note .*GetPolicy/),
  'the configuration names other secrets only': configured({ [ROTATED_SECRETS]: 'other-??????' }),
  'the configuration names other secrets only, and a rotation stopped': configured(
    { [ROTATED_SECRETS]: 'other-??????' },
    {
      make: block,
      finds: ['not-configured', 'notice rotation-incomplete'],
      prints: /First remove AWSPENDING.*`zilliz-rotation repair /,
      repair: '3 not-configured',
      does: 'removeLabel',
      follow: ['repair'],
    },
  ),
  'the configuration pins other secrets only': configured({ [SECRET_TARGETS]: 'pins:pins/f/1:1:all' }),
  'the pins do not exist': configured({ [SECRET_TARGETS]: 'pins:pins/f/2:1' }),
  'the pins of the secret do not exist': configured({ [SECRET_TARGETS]: 'pins:pins/each:each:all' }),
  'the secret is its own manager secret': configured({
    MANAGER_SECRET_ARN: `arn:aws:secretsmanager:us-east-1:000000000000:secret:${SECRET}-AbCdEf`,
  }),
  'the configuration has no entry, and no stored password is accepted': configured(
    { [ROTATED_SECRETS]: 'other-??????' },
    {
      make: ({ cluster, passwords }) => {
        cluster.setByHand(USER, 'Console-1');
        passwords.push('Console-1');
      },
      finds: ['none-in-force', 'not-configured'],
      follow: ['init'],
    },
  ),
  'the configuration has no entry, and rotation is off': configured(
    { [SECRET_TARGETS]: 'pins:pins/each:each:all' },
    { make: turnOff, finds: ['rotation-off'], follow: TURN_ON },
  ),
  'the pins have an empty entry': configured(
    { [SECRET_TARGETS]: 'pins:pins/f/3:1:all' },
    { finds: [], doctor: ['warning pins'] },
  ),
  'the pins have no entry, where other apps may have secrets': configured(
    { [SECRET_TARGETS]: 'pins:pins/f/1:1' },
    { finds: [], doctor: ['warning pins'] },
  ),
});
