import { unfinishedVersion } from '../../protocol/secret/versions.ts';
import type { LocatedSecret } from '../aws/aws.ts';
import { createPace } from '../aws/pace.ts';
import type { CommandPorts } from '../command-ports.ts';
import { ExitCode } from '../outcome/exit-code.ts';
import { hasCondition } from '../select/conditions.ts';
import { searchSecrets } from '../select/select-secrets.ts';
import { mayMeetConditions } from '../select/selection.ts';
import { shortNames } from '../terminal/short-names.ts';
import { counted } from '../terminal/text.ts';
import { LogTail } from './log-tail.ts';
import { createSecretsReader } from './read-secrets.ts';
import { SecretWatch } from './secret-watch.ts';
import type { WatchOptions } from './watch-definition.ts';
import { eventJson, eventLine, type WatchEvent } from './watch-event.ts';

const CALLS_PER_SECOND = 10;

/** Runs `watch [SECRET…]`. */
export async function watch(given: readonly string[], options: WatchOptions, ports: CommandPorts): Promise<ExitCode> {
  const { clock, interrupted, out, err } = ports;
  const isAll = given.length === 0 && options.file === undefined && !hasCondition(options, given);
  const { selected, skipped } = await searchSecrets(given, isAll ? { ...options, all: true } : options, ports);
  const say = (text: string): void => void (options.quiet || err.write(`${text}\n`));
  const nameOf = shortNames(skipped.map(({ secretId }) => secretId));
  for (const { secretId, reason } of skipped) {
    say(`${nameOf(secretId)}: skipped. ${reason}`);
  }
  say(`Watching ${counted(selected.length, 'secret')}. Ctrl-C ends the command.`);

  const waitForTurn = createPace(clock, CALLS_PER_SECOND, interrupted).turn;
  const readSecrets = createSecretsReader(selected, waitForTurn);
  const tail = new LogTail(clock.now(), waitForTurn, say);
  const watches = new Map<string, SecretWatch>();
  const deadline = options.for === undefined ? Number.POSITIVE_INFINITY : clock.now() + options.for;
  const look = async (): Promise<readonly WatchEvent[]> => {
    const secrets = await readSecrets();
    await tail.read(secrets, clock.now());
    for (const watched of secrets) {
      if (!watches.has(watched.secret.arn)) {
        watches.set(watched.secret.arn, await beginWatch(watched, tail));
      }
    }
    return secrets.flatMap(({ secret }) => {
      const lines = tail.take(secret.arn);
      const logIsReadable = tail.isReadable(secret);
      return watches.get(secret.arn)?.look({ secret, lines, now: clock.now(), logIsReadable }) ?? [];
    });
  };
  while (!interrupted.aborted) {
    for (const event of await look()) {
      out.write(`${options.json ? eventJson(event) : eventLine(event)}\n`);
    }
    const isIdle = [...watches.values()].every((watched) => watched.isIdle);
    if ((options.untilIdle === true && isIdle) || clock.now() >= deadline) {
      const hasFailed = [...watches.values()].some((watched) => watched.hasFailed);
      return hasFailed ? ExitCode.failed : skipped.some(mayMeetConditions) ? ExitCode.refused : ExitCode.ok;
    }
    await clock.sleep(Math.min(options.interval, deadline - clock.now()), interrupted);
  }
  return ExitCode.interrupted;
}

async function beginWatch(watched: LocatedSecret, tail: LogTail): Promise<SecretWatch> {
  const secretWatch = new SecretWatch();
  const pending = unfinishedVersion(watched.secret);
  if (pending !== undefined) {
    const lines = await tail.readEarlier(watched, pending);
    if (lines !== undefined) {
      secretWatch.takeOver(pending, lines);
    }
  }
  return secretWatch;
}
