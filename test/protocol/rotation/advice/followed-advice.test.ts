import { expect, it } from 'vitest';
import { FAILURES, type FailureCode } from '../../../../protocol/rotation/failures.ts';
import { RotationWorld } from '../../../support/rotation-world.ts';
import { CLUSTER_STORIES } from './cluster-stories.ts';
import { SECRET_STORIES } from './secret-stories.ts';

const STORIES = { ...SECRET_STORIES, ...CLUSTER_STORIES };

it('every code has a story', () => {
  expect(Object.keys(STORIES).toSorted()).toEqual(Object.keys(FAILURES).toSorted());
});

it.each(Object.entries(STORIES))('the advice of %s leads to a rotation', async (code, { fail, follow, next }) => {
  const world = new RotationWorld();

  const { advice } = FAILURES[code as FailureCode];
  expect(advice).toMatch(/^[A-Z`].{20,}\.$/s);
  expect(await fail(world)).toMatchObject({ code, advice });

  await follow(world);
  await world.rotate(next);
});
