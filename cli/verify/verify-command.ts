import { placeOf } from '../aws/place.ts';
import { changeKeys, changeText } from '../change/outcome.ts';
import type { CommandPorts } from '../command-ports.ts';
import { ExitCode } from '../outcome/exit-code.ts';
import { type Failure, interruptedBeforeChange } from '../outcome/failure.ts';
import { orEnd } from '../outcome/failure-error.ts';
import { UsageError } from '../outcome/usage-error.ts';
import { planPrompt } from '../terminal/ask-for-plan.ts';
import { checkAdminSecret, readClusterConnection } from '../terminal/read-options.ts';
import { runTask } from '../terminal/run-task.ts';
import { writeResult } from '../terminal/write-result.ts';
import type { Observation } from './check.ts';
import { runChecks } from './checks.ts';
import { clean } from './clean.ts';
import { findFunction } from './deployed.ts';
import { failureOf } from './explain.ts';
import { removeAll } from './removal.ts';
import { errorOf, exitCodeOf, rowsOf, tableOf } from './result.ts';
import { planOf, readTarget, type Target } from './target.ts';
import { createTemporary } from './temporary.ts';
import type { VerifyPorts } from './temporary-credential.ts';
import type { VerifyOptions } from './verify-definition.ts';

/** Runs `verify`. */
export async function verify(_args: readonly string[], given: VerifyOptions, base: CommandPorts): Promise<ExitCode> {
  checkOptions(given);
  const region = given.function?.split(':')[3] ?? given.region;
  const options = region === undefined ? given : { ...given, region };
  const aws = base.connectAws({ region, profile: options.profile });
  const ports = { ...base, aws, adminCluster: base.connectAdminCluster(readClusterConnection(options, base)) };
  const refusalOf = (error: unknown): Failure => failureOf(error, 'refused');
  if (options.clean) {
    const failure = await clean(options, ports).then(() => undefined, refusalOf);
    return failure === undefined ? ExitCode.ok : writeFailure(failure, options, ports);
  }
  const prepared = await prepare(options, ports).catch(refusalOf);
  const target = ports.interrupted.aborted ? interruptedBeforeChange() : prepared;
  if ('code' in target) {
    return writeFailure(target, options, ports);
  }
  const { observations, failure } = await checkAndRemove(target, options, ports);
  if (failure !== undefined && observations.size === 0) {
    return writeFailure(failure, options, ports);
  }
  const rows = rowsOf(observations);
  const exitCode = exitCodeOf(rows, failure === undefined);
  writeResult(options, ports, tableOf(rows), {
    command: 'verify',
    exitCode,
    version: ports.version,
    checks: rows,
    error: failure === undefined ? null : errorOf(failure),
  });
  if (failure !== undefined) {
    ports.err.write(failureText(failure));
  }
  return exitCode;
}

function failureText(failure: Failure): string {
  return changeText({ secret: 'verify', notes: [], next: null, ...changeKeys(failure) }, '');
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

/** @throws FailureError, and what {@link readTarget} throws */
async function prepare(options: VerifyOptions, ports: VerifyPorts): Promise<Target> {
  const target = await readTarget({ options, ports, deployed: await findFunction(options, ports) });
  // The plan names the account and the secret. What is on stdout may be attached to an issue.
  const askForConsent = planPrompt('verify', options, { ...ports, out: ports.err });
  orEnd(await askForConsent(planOf(target, options), { place: placeOf(target.deployed.place) }));
  return target;
}

interface Checked {
  /** Empty if nothing was checked. */
  readonly observations: ReadonlyMap<string, Observation>;
  /** Why nothing was checked, or something is left. */
  readonly failure: Failure | undefined;
}

/** Creates, checks and removes. Also removes after a failure and after Ctrl-C. */
async function checkAndRemove(target: Target, options: VerifyOptions, ports: VerifyPorts): Promise<Checked> {
  const run = async (showProgress: (line: string) => void): Promise<Checked> => {
    let observations: ReadonlyMap<string, Observation> = new Map();
    let failure: Failure | undefined;
    try {
      showProgress('creating what is temporary');
      const rotation = await createTemporary(target, ports);
      observations = await runChecks(rotation, options.slow === true, showProgress);
    } catch (error) {
      // Every other error is a fault, and what is temporary is removed before it is reported.
      failure = failureOf(error, 'failed');
    } finally {
      showProgress('removing what is temporary');
      const { name, pinsName, admin, keys } = target;
      const names = pinsName === undefined ? [name] : [pinsName, name];
      failure = (await removeAll(names, { ...ports, adminAt: async () => admin, keys })) ?? failure;
    }
    return { observations, failure };
  };
  return await runTask({ title: 'verify', run }, options, ports);
}

function writeFailure(failure: Failure, options: VerifyOptions, ports: CommandPorts): ExitCode {
  const exitCode = ExitCode[failure.kind];
  const text = failureText(failure);
  writeResult(options, ports, text, { command: 'verify', exitCode, error: errorOf(failure) });
  if (options.json) {
    ports.err.write(text);
  }
  return exitCode;
}
