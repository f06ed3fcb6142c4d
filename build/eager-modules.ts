import { type Expression, type Node, parse } from 'acorn';

/**
 * Puts parentheses around the function that esbuild makes of each module, such as the inner one in
 * `var a = wrap((() => {…}))`. V8 compiles a function in parentheses at once. V8 reads any other
 * function twice: first to find its end, and again when the function is called. A module is called
 * while the bundle is loaded.
 *
 * @param code A bundle of esbuild.
 * @throws Error if the bundle has no such function, as after an update that changes its form.
 */
export function compileModulesAtOnce(code: string): string {
  const modules = parse(code, { ecmaVersion: 'latest' }).body.flatMap((statement) =>
    statement.type === 'VariableDeclaration' ? statement.declarations.flatMap(({ init }) => moduleOf(init)) : [],
  );
  if (modules.length === 0) {
    throw new Error('esbuild no longer writes a module as `var name = wrap(function)`. See build/eager-modules.ts.');
  }
  let end = 0;
  const parts = modules.map((module) => {
    const before = code.slice(end, module.start);
    end = module.end;
    return `${before}(${code.slice(module.start, module.end)})`;
  });
  return parts.join('') + code.slice(end);
}

/** The function in `wrap(function)`. */
function moduleOf(init: Expression | null | undefined): Node[] {
  const [argument, ...others] = init?.type === 'CallExpression' ? init.arguments : [];
  return argument?.type === 'ArrowFunctionExpression' && others.length === 0 ? [argument] : [];
}
