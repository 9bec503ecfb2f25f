/** The command line cannot be understood; the text says what to type instead. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** Something that only the user can set is missing; showing the usage text would not help. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError'
}

export interface Fault {
  /** `file:line:column` */
  readonly place: string
  readonly detail: string
}

/** A configuration document that cannot be sent, with every fault and where it is. */
export class DocumentError extends Error {
  override readonly name = 'DocumentError'
  readonly faults: readonly Fault[]

  constructor(faults: readonly Fault[]) {
    super(faults.map(({ place, detail }) => `${place}: ${detail}`).join('\n'))
    this.faults = faults
  }
}
