import type { Mistake } from '../configuration/mistake.ts';

const LONGEST = 80;

/** `secrets[2].schedule: "rate(2 hours)" Secrets Manager rotates at most every 4 hours.` */
export function sentenceOf({ path, value, rule }: Mistake): string {
  return `${pathText(path)}: ${value === undefined ? '' : `${display(value)} `}${rule}`;
}

function pathText(path: readonly PropertyKey[]): string {
  const text = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  return text.replace(/^\./, '') || 'the file';
}

/** A credential pasted in the wrong place, `user:password` or `https://user:password@host`, is shown up to its password. */
function display(value: unknown): string {
  const text =
    typeof value === 'string'
      ? value.replace(/\/\/[^/@]*@/, '//…@').replace(/^([^:/]*):(?!\/\/|[^:]*:).*$/, '$1:…')
      : value;
  const shown = JSON.stringify(text);
  return shown.length > LONGEST ? `${shown.slice(0, LONGEST)}…` : shown;
}
