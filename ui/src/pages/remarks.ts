import type { CheckedContext, DialplanRemark, Severity } from '../api/types'

export type Kind = Severity | 'undecidable'

export interface RemarkRow extends DialplanRemark {
  /** Its place among all rows: remarks have no id of their own. */
  key: number
  context: string
  kind: Kind
}

const ORDER: Kind[] = ['error', 'warning', 'notice', 'undecidable']

/** The gravest first; those alike stay in the order of the dialplan. */
export function remarkRows(contexts: CheckedContext[]): RemarkRow[] {
  const rows = contexts.flatMap(({ name: context, remarks, undecidable }) => [
    ...remarks.map((remark) => ({ ...remark, context, kind: remark.severity })),
    ...undecidable.map((remark) => ({ ...remark, context, kind: 'undecidable' as const })),
  ])
  return ORDER.flatMap((kind) => rows.filter((row) => row.kind === kind)).map((row, key) => ({
    ...row,
    key,
  }))
}

/** `wordOf` is what the reader sees of a kind, and so may look for. */
export function matching(rows: RemarkRow[], q: string, wordOf: (kind: Kind) => string) {
  const wanted = q.toLowerCase()
  const has = (text: string) => text.toLowerCase().includes(wanted)
  return rows.filter(
    ({ extension, context, kind, attribute, message }) =>
      has(extension) || has(context) || has(wordOf(kind)) || has(attribute) || has(message),
  )
}
