const agent = { keepAlive: true, noDelay: true, maxSockets: 64 }

/** One pool of open connections per client, kept over invocations; a silent service is given up after 5 s. */
export const connections = {
  connectionTimeout: 1_000,
  requestTimeout: 5_000,
  throwOnRequestTimeout: true,
  httpAgent: agent,
  httpsAgent: agent,
}
