import { type Document, isMap, isNode, isScalar, type LineCounter } from 'yaml';
import type { Mistake, Path } from '../rules/mistake.ts';

/** Line and column start at 1, as in editors. */
export interface Position {
  readonly line: number;
  readonly col: number;
}

/**
 * The position of the wrong value, or of the key if the key is wrong. If the value is absent, the
 * position of the map or list around it.
 */
export function positionOf({ path, key }: Mistake, document: Document, lines: LineCounter): Position {
  for (let length = path.length; length > 0; length--) {
    const part = path.slice(0, length);
    const offset = (key ? undefined : valueOffset(part, document)) ?? keyOffset(part, document);
    if (offset !== undefined) {
      return lines.linePos(offset);
    }
  }
  return { line: 1, col: 1 };
}

function valueOffset(path: Path, document: Document): number | undefined {
  const node = document.getIn(path, true);
  return isNode(node) ? node.range?.[0] : undefined;
}

/** For a key without a value, and for an unknown key. */
function keyOffset(path: Path, document: Document): number | undefined {
  const parent = document.getIn(path.slice(0, -1), true);
  const pair = isMap(parent) ? parent.items.find(({ key }) => isScalar(key) && key.value === path.at(-1)) : undefined;
  return isScalar(pair?.key) ? pair.key.range?.[0] : undefined;
}
