import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

const places = ['.', 'docs', 'docs/adr']

/** Every Markdown file of the project, relative to its root. */
export const documents: readonly string[] = places.flatMap((place) =>
  readdirSync(`${root}${place}`)
    .filter((name) => name.endsWith('.md'))
    .map((name) => (place === '.' ? name : `${place}/${name}`)),
)

/** Every source of what runs or is deployed. */
export const sources = (): readonly string[] =>
  ['functions', 'infra', 'lib'].flatMap((place) =>
    readdirSync(`${root}${place}`, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(?:ts|mjs|sh)$/.test(name))
      .map((name) => `${root}${place}/${name}`),
  )

/** Targets of links that stay within the project. */
export const linksOf = (markdown: string): readonly string[] =>
  [...prose(markdown).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target))

/** Headings as the anchors that they become. */
export const anchorsOf = (markdown: string): readonly string[] =>
  [...prose(markdown).matchAll(/^#{1,6} +(.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-'),
  )

const folders = 'docs|functions|infra|lib|test'

/** Files and folders of the project that stand between backticks. */
export const codePathsOf = (markdown: string): readonly string[] =>
  [...prose(markdown).matchAll(new RegExp(`\`((?:${folders})/[\\w./-]+)\``, 'g'))].map(
    ([, path = '']) => path,
  )

/** Without what is code: examples may show any form. */
const prose = (markdown: string): string => markdown.replaceAll(/^```[^]*?^```/gm, '')
