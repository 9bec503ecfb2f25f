import type { ReadEvent } from '../../watch.ts'
import { numberIn, textIn } from '../entity.ts'
import { changesOf } from '../rule.ts'
import type { CreateRule } from '../rule.ts'

/** Who removes a token must have read that very one: a newer one waits for its own use, and nobody else knows it. */
export const tokensAreUsedOnce: CreateRule = ({ shadow }) => {
  const read = new Map<string, string>()
  let removed = 0
  return {
    says: 'a task token is removed only by who has read it, never a newer one in its place',
    read: ({ process, key }: ReadEvent) => {
      if (key?.SK !== 'META' || !key.PK.startsWith('L#')) return
      const lease = key.PK.slice(2)
      read.set(`${process} ${lease}`, textIn(shadow.leases.get(lease), 'taskToken'))
    },
    *committed(commit) {
      for (const { of, before, after } of changesOf(commit, 'lease')) {
        const [was, is] = [textIn(before, 'taskToken'), textIn(after, 'taskToken')]
        if (was === '' || is !== '' || numberIn(before, 'ver') !== numberIn(after, 'ver')) continue
        removed += 1
        if (read.get(`${commit.process} ${of.lease}`) !== was) {
          yield `lease ${of.lease} lost a task token that its remover had not read`
        }
      }
    },
    counts: () => ({ 'task tokens removed': removed }),
  }
}
