import { describe, expect, it } from 'vitest';
import { compileModulesAtOnce } from '../../build/eager-modules.ts';

describe('the function of a module', () => {
  it('is in parentheses, so that V8 compiles it at once', () => {
    expect(compileModulesAtOnce('var a=wrap(()=>{one()}),b=1;var c=wrap((e,t)=>{two()});')).toBe(
      'var a=wrap((()=>{one()})),b=1;var c=wrap(((e,t)=>{two()}));',
    );
  });

  it('is the only one, because nothing may call the others', () => {
    const others = 'var a=b=>wrap(()=>{}),c=wrap(()=>{},1);wrap(()=>{});function d(){var e=wrap(()=>{})}';
    expect(compileModulesAtOnce(`${others}var f=wrap(()=>{});`)).toBe(`${others}var f=wrap((()=>{}));`);
  });

  it('must exist', () => {
    expect(() => compileModulesAtOnce('var a=1;')).toThrow(
      'esbuild no longer writes a module as `var name = wrap(function)`. See build/eager-modules.ts.',
    );
  });
});
