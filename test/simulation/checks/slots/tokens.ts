import { numberIn, textIn } from '../entity.ts'
import type { CreateRule } from '../rule.ts'

export const tokensTellFreeSlots: CreateRule = ({ shadow }) => ({
  says: 'a free token is there exactly while its slot is free, and tells the truth of it',
  *committed({ slots }) {
    for (const name of slots) {
      const slot = shadow.slots.get(name)
      const tokens = shadow.tokens(name)
      const wanted = slot?.['state'] === 'free' ? 1 : 0
      if (tokens.length !== wanted) {
        const state = slot ? textIn(slot, 'state') : 'not there'
        yield `slot ${name} is ${state} and has ${tokens.length} tokens`
        continue
      }
      const [token] = tokens
      if (!slot || !token) continue
      if (token.SK !== slot['token']) yield `slot ${name} names another token than the one that is there`
      if (token.PK !== `F#${textIn(slot, 'pool')}`) yield `the token of slot ${name} is in another pool`
      if (token['epoch'] !== slot['epoch']) {
        yield `the token of slot ${name} says epoch ${numberIn(token, 'epoch')}, not ${numberIn(slot, 'epoch')}`
      }
    }
  },
})
