/** One line of the protocol left out or changed. */
export type Mutant =
  | 'open does not kill'
  | 'open does not look again before it stores'
  | 'open trusts every closed slot to be empty'
  | 'open answers before its epoch is open'
  | 'open takes an epoch that is over'
  | 'open revives what is closed'
  | 'close stores after the kill'
  | 'close ignores an epoch that is ahead'
  | 'close answers although something survived'
  | 'close notes emptiness before the kill'
  | 'run does not check under the lock'
  | 'run starts while the slot opens'
  | 'run does not compare epochs'
  | 'init does not kill'
  | 'init does not compare what was seen'
  | 'an init that was interrupted is taken for done'
  | 'who has waited does not look again'
  | 'the nonce is ignored'
  | 'the boot is ignored'

/** What the protocol as it is does not promise; see docs/adr/026-what-the-fence-does-not-promise.md. */
export type Gap =
  | 'a late close is taken for a proof'
  | 'an init comes late by a whole life'
  | 'a run is killed before its process can be found'
