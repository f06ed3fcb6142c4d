import { parseEndpoint } from '../../protocol/cluster/endpoint.ts';
import { failureOf } from '../aws/explain-aws-error.ts';
import { placeText, readPlace } from '../aws/place.ts';
import { readAdmin } from '../change/admin.ts';
import { changePorts } from '../change/change-ports.ts';
import { changeKeys, changeText } from '../change/outcome.ts';
import type { CommandPorts, CommandResult } from '../command-ports.ts';
import { ExitCode } from '../outcome/exit-code.ts';
import { endIfInterrupted, type Failure, orEnd, UsageError } from '../outcome/failure.ts';
import { checkAdminSecret } from '../terminal/read-options.ts';
import { counted } from '../terminal/text.ts';
import { askOrganization, readCredential } from './credential.ts';
import type { Row, VerifyDocument } from './json-schema.ts';
import { removalOf, removeAll } from './remove.ts';
import { exitCodeOf, tableOf } from './result.ts';
import type { Setup, TemporaryCredential, VerifyPorts } from './run.ts';
import { runChecks } from './run-checks.ts';
import { createRun, findFunction, readSetup, stepsOfPlan } from './setup.ts';
import { FUNCTION_TAG } from './temporary.ts';
import type { VerifyOptions } from './verify-definition.ts';

/** Runs `verify`. */
export async function verify(
  _args: readonly string[],
  given: VerifyOptions,
  base: CommandPorts,
): Promise<CommandResult> {
  checkOptions(given);
  const { clean: isClean, function: arn } = given;
  const options = arn === undefined ? given : { ...given, region: arn.split(':')[3] ?? '' };
  // The plan names the account and the secret. What is on stdout may be attached to an issue.
  const shared = isClean
    ? changePorts('verify --clean', options, base)
    : changePorts('verify', options, { ...base, out: base.err });
  const ports = { ...shared, options };
  try {
    if (isClean) {
      return { text: await clean(ports), document: { exitCode: ExitCode.ok } };
    }
    return await checkAndRemove(ports);
  } catch (error) {
    return resultOf([], failureOf(error, 'refused'), ports);
  }
}

function checkOptions({ adminSecret, users, manager, like, clean: isClean, ...options }: VerifyOptions): void {
  checkAdminSecret(adminSecret, '', options);
  if (isClean) {
    return;
  }
  if ((like === undefined) !== (manager === undefined)) {
    throw new UsageError('A temporary API key needs --manager and --like.', 'Give both, with the id of a key.');
  }
  if ([adminSecret, users, like].filter((given) => given !== undefined).length !== 1) {
    throw new UsageError(
      'The temporary credential is not named.',
      'Give --admin-secret SECRET, --users A,B, or --manager --like KEY-ID.',
    );
  }
}

/**
 * Runs `verify --clean`.
 *
 * @returns what it has done.
 * @throws FailureError, AwsError, SecretStoreError, EndpointError
 */
async function clean(ports: VerifyPorts): Promise<string> {
  const { aws, endpoints } = ports;
  const { adminSecret, manager } = ports.options;
  const left = (await aws.rotation.listSecrets()).filter((secret) => removalOf(secret) !== undefined);
  if (left.length === 0) {
    return 'verify: nothing is left. AWS lists a secret of the last five minutes late.\n';
  }
  const plan = left.map((secret) => removalOf(secret) ?? '');
  await ports.askForConsent(plan, { place: await readPlace(aws) });
  const organizationOf = async ({ [FUNCTION_TAG]: functionArn }: Readonly<Record<string, string>>) => {
    if (!manager) {
      return undefined;
    }
    const options = { ...ports.options, ...(functionArn !== undefined && { function: functionArn }) };
    return (await askOrganization(await findFunction({ ...ports, options }), ports)).organization;
  };
  // The admin secret must name the same endpoint, because a tag names that of the user.
  const adminAt = async (url: string) =>
    adminSecret === undefined
      ? undefined
      : (await readAdmin(adminSecret, parseEndpoint(url, endpoints.rules), ports)).admin;
  const arns = left.map(({ arn }) => arn);
  orEnd(await removeAll(arns, { ...ports, adminAt, organizationOf }));
  return `verify: ${counted(left.length, 'secret')} removed.\n`;
}

/**
 * Creates, checks and removes. Also removes after a failure and after Ctrl-C.
 *
 * @throws before any change: every error of {@link prepare}
 */
async function checkAndRemove(ports: VerifyPorts): Promise<CommandResult> {
  // A request may fail before the command notices Ctrl-C.
  const { setup, credential } = await prepare(ports).finally(() => endIfInterrupted(ports));
  let rows: readonly Row[] = [];
  let failure: Failure | undefined;
  try {
    ports.showProgress('creating what is temporary');
    rows = await runChecks(await createRun(setup, credential));
  } catch (error) {
    // Every other error is a fault, and what is temporary is removed before it is reported.
    failure = failureOf(error, 'failed');
  } finally {
    ports.showProgress('removing what is temporary');
    const { name, pinsName } = setup;
    const { admin, keys } = credential;
    const removalPorts = { ...ports, adminAt: async () => admin, organizationOf: async () => keys?.organization };
    failure = (await removeAll(pinsName === undefined ? [name] : [pinsName, name], removalPorts)) ?? failure;
  }
  return resultOf(rows, failure, ports);
}

/** Reads and asks. Changes nothing. @throws FailureError, AwsError and every error of the ports */
async function prepare(ports: VerifyPorts): Promise<{ setup: Setup; credential: TemporaryCredential }> {
  const setup = await readSetup(ports);
  const credential = await readCredential(setup);
  const place = placeText(setup.deployed.functionArn);
  await ports.askForConsent(stepsOfPlan(setup, credential), { place });
  return { setup, credential };
}

/**
 * The document names nothing, because it may be attached to an issue.
 *
 * @param rows empty: nothing was checked
 * @param failure why nothing was checked, or something is left
 */
function resultOf(
  rows: readonly Row[],
  failure: Failure | undefined,
  { options, version, err }: VerifyPorts,
): CommandResult {
  const text = failure ? changeText({ secret: 'verify', notes: [], next: null, ...changeKeys(failure) }, '') : '';
  const error = failure && {
    code: failure.code,
    message: 'The text on stderr says why.',
    advice: 'Do what that text says. It names secrets and users.',
  };
  if (failure !== undefined && rows.length === 0) {
    err.write(options.json ? text : '');
    const document = { command: 'verify', exitCode: ExitCode[failure.kind], error };
    return { text, document };
  }
  const exitCode = exitCodeOf(rows, failure === undefined);
  const document: VerifyDocument = { command: 'verify', exitCode, version, checks: [...rows], error: error ?? null };
  err.write(text);
  return { text: tableOf(rows), document };
}
