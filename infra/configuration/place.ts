import { type Document, isMap, isNode, isScalar, type LineCounter } from 'yaml';
import type { Mistake } from './mistake.ts';

/** Both count from 1, as editors do. */
export interface Place {
  readonly line: number;
  readonly col: number;
}

/** Where the value of a path stands; for a value that is absent, where the nearest thing around it does. */
export function placeOf({ path, key }: Mistake, document: Document, lines: LineCounter): Place {
  for (let length = path.length; length > 0; length--) {
    const part = path.slice(0, length);
    const offset = (key ? undefined : valueOffset(part, document)) ?? keyOffset(part, document);
    if (offset !== undefined) {
      return lines.linePos(offset);
    }
  }
  return { line: 1, col: 1 };
}

function valueOffset(path: readonly PropertyKey[], document: Document): number | undefined {
  const node = document.getIn(path, true);
  return isNode(node) ? node.range?.[0] : undefined;
}

/** A key without a value has no node of its own, and a superfluous key is itself the mistake. */
function keyOffset(path: readonly PropertyKey[], document: Document): number | undefined {
  const parent = document.getIn(path.slice(0, -1), true);
  const pair = isMap(parent) ? parent.items.find(({ key }) => isScalar(key) && key.value === path.at(-1)) : undefined;
  return isScalar(pair?.key) ? pair.key.range?.[0] : undefined;
}
