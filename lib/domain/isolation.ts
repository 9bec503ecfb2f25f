/**
 * How well a host keeps the jobs of its slots apart. `process`: all run as the login user, for tenants that do not try to
 * harm each other. `user`: each slot has a user of its own. `cgroup`: and a cgroup.
 */
export type Isolation = 'process' | 'user' | 'cgroup'

/** From least to best. */
export const LEVELS: readonly Isolation[] = ['process', 'user', 'cgroup']

/** What a blueprint accepts that names no level: `process` has to be allowed by name. */
export const LEAST: Isolation = 'user'

export const reaches = (level: Isolation, least: Isolation): boolean =>
  LEVELS.indexOf(level) >= LEVELS.indexOf(least)
