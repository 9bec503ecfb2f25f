import { clashes, ownFile, SHARED } from './forge.ts'
import type { LandingRace } from './race.ts'

/** What is not as it was promised, in words. */
export function landingViolations(
  { forge, landings, blocker, executions }: LandingRace,
  clashEvery: number,
): readonly string[] {
  const found: string[] = []
  const all = [blocker, ...landings]
  const history = forge.history()
  const landed = all.filter(({ result }) => result === 'landed')

  let before = forge.start
  for (const { commit, parents, landing } of history) {
    if (parents.join() !== before) found.push(`${commit} of ${landing} is not on top of ${before}`)
    before = commit
  }
  const order = history.map(({ landing }) => landing)
  const wanted = landed.map(({ id }) => id)
  if (order.join() !== wanted.join()) {
    found.push(`the branch has ${order.join()}, in the order of the queue it is ${wanted.join()}`)
  }
  if (new Set(order).size !== order.length) found.push(`something landed twice: ${order.join()}`)
  for (const { id, receipt } of landed) {
    const at = history.find(({ landing }) => landing === id)
    if (at?.commit !== receipt?.commit || at?.parents.join() !== receipt?.before) {
      found.push(`the receipt of ${id} is not what the branch has`)
    }
  }

  const numberOf = (source: string) => forge.sources.indexOf(source)
  const rivals = all.filter(({ source }) => clashes(numberOf(source), clashEvery))
  for (const { id, source, result, conflict, failure } of all) {
    const fits = !rivals.slice(1).some((rival) => rival.id === id)
    const wantedResult = fits ? 'landed' : 'conflict'
    if (result !== wantedResult) {
      found.push(`${id} came to ${result} ${JSON.stringify(failure ?? {})}, not to ${wantedResult}`)
    }
    if (!fits && conflict?.files.join() !== SHARED) found.push(`${id} conflicts in ${conflict?.files.join()}`)
    const file = forge.file(ownFile(numberOf(source)))
    if ((file !== undefined) !== fits) found.push(`${ownFile(numberOf(source))} is ${file} on the branch`)
  }
  const problems = forge.check()
  if (problems !== '') found.push(problems)
  for (const arn of executions.running) found.push(`execution ${arn} is left`)
  return found
}
