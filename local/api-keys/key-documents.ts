import { z } from 'zod';
import { Refusal } from '../servers/http-answer.ts';
import type { ApiKey, KeyFields, ProjectAccess } from './key-directory.ts';

/** ASSUMPTION keys-refusals */
export const REFUSED = { invalid: 400, notFound: 404, quotaReached: 409, forbidden: 96_013 };

const list = z.array(z.string().min(1)).default([]);
const PROJECT = z.object({
  projectId: z.string().min(1),
  role: z.string().min(1),
  allCluster: z.boolean().default(false),
  clusterIds: list,
  allVolume: z.boolean().default(false),
  volumeIds: list,
});
const FIELDS = z
  .object({
    name: z.string().max(64).regex(/\S/, 'must not be blank'),
    description: z.string().max(255).default(''),
    orgRole: z
      .string()
      .min(1)
      .refine((role) => role !== 'Owner', 'the API cannot create a key with this role'),
    projects: z.array(PROJECT).default([]),
  })
  .refine(({ orgRole, projects }) => orgRole !== 'Member' || projects.length > 0, {
    path: ['projects'],
    message: 'required for orgRole Member',
  });

/** Reads the body of a creation or an update. @throws Refusal */
export function fieldsIn(body: string): KeyFields {
  let given: unknown;
  try {
    given = JSON.parse(body);
  } catch {
    throw new Refusal(REFUSED.invalid, 'The body is not JSON.');
  }
  const { data, error } = FIELDS.safeParse(given);
  if (data === undefined) {
    const [issue] = error.issues;
    throw new Refusal(REFUSED.invalid, `Invalid ${issue?.path.join('.')}: ${issue?.message}`);
  }
  return data;
}

/** A key as the control plane tells it, without its text. */
export function described({ id, createdBy, createTime, fields }: ApiKey): object {
  const { projects, ...rest } = fields;
  return { apiKeyId: id, ...rest, creatorName: createdBy, createdBy, projects: projects.map(withNames), createTime };
}

/** The API takes ids, and tells ids with names. The simulator uses each id as the name too. */
function withNames({ projectId, role, allCluster, clusterIds, allVolume, volumeIds }: ProjectAccess): object {
  return {
    projectId,
    projectName: projectId,
    role,
    allCluster,
    clusters: clusterIds.map((clusterId) => ({ clusterId, clusterName: clusterId })),
    allVolume,
    volumes: volumeIds.map((volumeId) => ({ volumeId, volumeName: volumeId })),
  };
}
