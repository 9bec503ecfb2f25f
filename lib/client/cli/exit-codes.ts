/** Promised to scripts. `drydock run` and `drydock exec` otherwise end with the command's own code. */
export const EXIT = {
  ok: 0,
  /** A build failed or was aborted, a landing did not land. */
  unsuccessful: 1,
  /** The lease was lost while the command ran. */
  leaseLost: 123,
  /** The lease did not become active within its wait. */
  neverActive: 124,
  /** Drydock's own failure: bad usage, a refusal, no answer. */
  failed: 125,
} as const

/** 130 for Ctrl-C, 143 for SIGTERM, as shells do it. */
export const ofSignal = (number: number): number => 128 + number

export const EXIT_HELP = `Exit codes:
  the command's own code (run, exec), else 0
  1    the build failed or was aborted; the landing did not land
  123  the lease was lost while the command or build ran
  124  the lease did not become active within its wait
  125  Drydock's own failure: bad usage, a refusal, no answer from the service
  130  ended by Ctrl-C (143: by SIGTERM); the lease was released`
