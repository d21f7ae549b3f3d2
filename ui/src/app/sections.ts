import {
  BookUser,
  FileCode,
  Languages,
  type LucideIcon,
  MessageSquare,
  Route,
  SlidersHorizontal,
  Variable,
} from 'lucide-react'
import type { PathStep, Section } from '../api/types'
import { type MessageKey, t } from '../i18n'

const KNOWN: Record<string, [MessageKey, LucideIcon]> = {
  configuration: ['section.configuration', SlidersHorizontal],
  dialplan: ['section.dialplan', Route],
  directory: ['section.directory', BookUser],
  languages: ['section.languages', Languages],
  phrases: ['section.phrases', Languages],
  chatplan: ['section.chatplan', MessageSquare],
  variables: ['section.variables', Variable],
}

const known = ({ tag, name }: Pick<PathStep, 'tag' | 'name'>) => {
  const key = tag === 'section' ? (name ?? '') : tag
  return Object.hasOwn(KNOWN, key) ? KNOWN[key] : undefined
}

/**
 * A child of the root: shown as a list of what is in it. `depth` is the number of elements around it; deeper down,
 * `variables` is what a user or a domain has.
 */
export const isSection = ({ tag }: { tag: string }, depth: number) =>
  depth <= 1 && (tag === 'section' || tag === 'variables')

/** Ours for the sections that FreeSWITCH knows; others keep their own name. */
export function sectionTitle(section: Pick<Section, 'tag' | 'name'>): string {
  const found = known(section)
  return found ? t(found[0]) : (section.name ?? section.tag)
}

export const sectionIcon = (section: Section): LucideIcon => known(section)?.[1] ?? FileCode

/** As in the document, but the global variables come last: they are first there only because all else uses them. */
export const inReadingOrder = (sections: Section[]): Section[] =>
  [false, true].flatMap((last) => sections.filter(({ tag }) => (tag === 'variables') === last))
