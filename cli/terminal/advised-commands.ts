import type { Command } from 'commander';
import { endpointUrl } from '../../protocol/cluster/endpoint.ts';
import type { CommandPorts } from '../command-ports.ts';
import { connectionFor } from './read-options.ts';
import { printable, shellWord } from './text.ts';

const OF_AWS = { profile: '--profile', region: '--region' };

/** The options that lead to a secret and its cluster, by the names of commander. */
const PLACE_OPTIONS = {
  ...OF_AWS,
  endpoint: '--endpoint',
  allowEndpoint: '--allow-endpoint',
  allowPlaintext: '--allow-plaintext',
  caFile: '--ca-file',
  transport: '--transport',
};

export type PlaceOptions = Readonly<Partial<Record<keyof typeof PLACE_OPTIONS, unknown>>>;

type Streams = Pick<CommandPorts, 'out' | 'err'>;

/**
 * The streams, which complete each advised command.
 *
 * @param isJson whether `out` gets a JSON document
 */
export function pasteable({ out, err }: Streams, isJson: boolean, place: () => PlaceOptions): Streams {
  return {
    out: { write: (text) => out.write(withNpx(withPlace(text, place(), isJson))) },
    err: { write: (text) => err.write(withNpx(withPlace(text, place()))) },
  };
}

/** The options that lead to the secret of a command line. The ARN of one secret has its region. */
export function placeGiven(command: Command): PlaceOptions {
  const names = Object.keys(PLACE_OPTIONS).filter((name) => command.getOptionValueSource(name) === 'cli');
  const place = Object.fromEntries(names.map((name) => [name, command.getOptionValue(name)]));
  // A text that is no endpoint may hold a password or a token.
  const { endpoint } = place;
  const safe = endpoint === undefined ? place : { ...place, endpoint: endpointUrl(endpoint) };
  const [secretId = '', ...others] = command.args;
  return others.length > 0 ? safe : { ...safe, ...connectionFor(secretId, command.opts()) };
}

/** A command between backticks. `aws configure` may be advised because the profile is wrong. */
const ADVISED = /`((zilliz-rotation|aws(?! configure )) [^`\n]*)`/g;

/**
 * Adds to each advised command the options that it lacks to reach the same secret.
 *
 * @param place what the operator has given. The shell keeps its environment
 * @param isJson whether the text is a JSON document
 */
export function withPlace(text: string, place: PlaceOptions, isJson = false): string {
  return text.replaceAll(ADVISED, (_, command: string, program: string) => {
    const options = Object.entries(program === 'aws' ? OF_AWS : PLACE_OPTIONS);
    const words = options.flatMap(([name, option]) => {
      const value = place[name as keyof PlaceOptions];
      // With an admin secret, the command works over gRPC only.
      const isRefused = name === 'transport' && value === 'rest' && command.includes(' --admin-secret ');
      const isMissing = value !== undefined && !isRefused && !new RegExp(` ${option}[ =]`).test(`${command} `);
      return isMissing ? [option, ...(value === true ? [] : [shellWord(String(value))])] : [];
    });
    const added = printable(words.map((word) => ` ${word}`).join(''));
    return `\`${command}${isJson ? JSON.stringify(added).slice(1, -1) : added}\``;
  });
}

/** Adds npx to advised commands if npx started this process: the shell finds no other command. */
function withNpx(text: string): string {
  return process.env['npm_lifecycle_event'] === 'npx'
    ? text.replaceAll('`zilliz-rotation ', '`npx --no-install zilliz-rotation ')
    : text;
}
