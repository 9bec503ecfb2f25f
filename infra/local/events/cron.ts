import type { Next } from './expression.ts'

const dayMilliseconds = 86_400_000
/** Leap days may be eight years apart (1896 to 1904 and the like). */
const horizonDays = 8 * 366 + 1

const monthNames = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC']
const dayNames = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT']

type Fits = (value: number) => boolean
type FitsDay = (date: Date) => boolean

/** The six fields of AWS: minutes, hours, day of month, month, day of week (1 = Sunday), year; in UTC. */
export function parseCron(body: string): Next {
  const fields = body.trim().split(/\s+/)
  if (fields.length !== 6) throw new Error(`cron(${body}) has not six fields`)
  const [minutes = '', hours = '', dayOfMonth = '', month = '', dayOfWeek = '', year = ''] = fields
  if ((dayOfMonth === '?') === (dayOfWeek === '?')) {
    throw new Error(`cron(${body}) needs ? in exactly one of day of month and day of week`)
  }
  const fitsHour = parseField(hours, 0, 23)
  const fitsMinute = parseField(minutes, 0, 59)
  const fitsMonth = parseField(month, 1, 12, monthNames)
  const fitsYear = parseField(year, 1970, 2199)
  const fitsDay = dayOfWeek === '?' ? parseDayOfMonth(dayOfMonth) : parseDayOfWeek(dayOfWeek)
  const minutesOfDay = Array.from({ length: 1_440 }, (_, minute) => minute).filter(
    (minute) => fitsHour(Math.floor(minute / 60)) && fitsMinute(minute % 60),
  )

  return (after) => {
    const firstDay = Math.floor(after / dayMilliseconds)
    for (let day = firstDay; day < firstDay + horizonDays; day += 1) {
      const date = new Date(day * dayMilliseconds)
      if (!fitsYear(date.getUTCFullYear()) || !fitsMonth(date.getUTCMonth() + 1) || !fitsDay(date)) continue
      const minute = minutesOfDay.find((each) => day * dayMilliseconds + each * 60_000 > after)
      if (minute !== undefined) return day * dayMilliseconds + minute * 60_000
    }
    return undefined
  }
}

function parseDayOfMonth(field: string): FitsDay {
  if (field !== 'L') {
    const fits = parseField(field, 1, 31)
    return (date) => fits(date.getUTCDate())
  }
  return (date) => isLastDays(date, 1)
}

/** `6L`: the month's last Friday; `3#2`: its second Tuesday. */
function parseDayOfWeek(field: string): FitsDay {
  const [, day = '', last, nth] = /^(\w+?)(?:(L)|#([1-5]))$/.exec(field) ?? []
  const fits = parseField(day || field, 1, 7, dayNames)
  return (date) => {
    if (!fits(date.getUTCDay() + 1)) return false
    if (last) return isLastDays(date, 7)
    return nth === undefined || Math.ceil(date.getUTCDate() / 7) === Number(nth)
  }
}

function isLastDays(date: Date, days: number): boolean {
  return new Date(date.getTime() + days * dayMilliseconds).getUTCMonth() !== date.getUTCMonth()
}

/** `*`, `?`, `5`, `1-5`, `MON-FRI`, `0/15`, `1-10/3` and lists of these. */
function parseField(field: string, low: number, high: number, names: readonly string[] = []): Fits {
  const ranges = field.split(',').map((part) => {
    const [range = '', step] = part.split('/')
    const any = range === '*' || range === '?'
    const [first = '', last] = any ? [String(low), String(high)] : range.split('-')
    const from = toNumber(first)
    const to = last === undefined ? (step === undefined ? from : high) : toNumber(last)
    const by = step === undefined ? 1 : Number(step)
    if (from > to || !Number.isInteger(by) || by < 1)
      throw new Error(`${field} is no field of a cron expression`)
    return { from, to, by }
  })
  return (value) =>
    ranges.some(({ from, to, by }) => value >= from && value <= to && (value - from) % by === 0)

  function toNumber(text: string): number {
    const named = names.indexOf(text.toUpperCase())
    const value = named < 0 ? Number(text) : named + low
    if (text === '' || !Number.isInteger(value) || value < low || value > high) {
      throw new Error(`${field} is no field of a cron expression from ${low} to ${high}`)
    }
    return value
  }
}
