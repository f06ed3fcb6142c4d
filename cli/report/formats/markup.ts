import { unicodeEscape } from '../../terminal/text.ts';

/** HTML that {@link html} or {@link trusted} made. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Part = Markup | string | number | readonly Markup[];

/** A template whose values are escaped, unless they are markup. */
export function html(template: TemplateStringsArray, ...values: readonly Part[]): Markup {
  return new Markup(template.map((text, index) => text + textOf(values[index] ?? '')).join(''));
}

/** Marks a text of this program as HTML. Never for a value from AWS. */
export function trusted(text: string): Markup {
  return new Markup(text);
}

/** JSON in a script element: no `<` can end the element. */
export function jsonText(value: unknown): Markup {
  return new Markup(JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, unicodeEscape));
}

function textOf(value: Part): string {
  if (value instanceof Markup) {
    return value.text;
  }
  return Array.isArray(value) ? value.map(textOf).join('') : escaped(String(value));
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
