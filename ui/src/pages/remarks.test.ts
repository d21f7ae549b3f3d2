import { expect, test } from 'vitest'
import type { CheckedContext, DialplanRemark, Severity } from '../api/types'
import { matching, remarkRows } from './remarks'

const remark = (severity: Severity, extension: string): DialplanRemark => ({
  severity,
  extension,
  node: 1,
  attribute: 'field',
  position: null,
  message: `about ${extension}`,
})

const context = (
  name: string,
  remarks: DialplanRemark[],
  undecidable: DialplanRemark[] = [],
): CheckedContext => ({ name, mode: 'whole', extensions: 9, remarks, undecidable })

const rows = remarkRows([
  context(
    'default',
    [remark('notice', 'a'), remark('warning', 'b'), remark('error', 'c'), remark('warning', 'd')],
    [remark('error', 'e')],
  ),
  context('public', [remark('error', 'f'), remark('notice', 'g')], [remark('notice', 'h')]),
  context('empty', []),
])

test('the gravest come first, what only the switch knows last, else as in the dialplan', () => {
  expect(rows.map(({ kind, context, extension }) => [kind, context, extension])).toEqual([
    ['error', 'default', 'c'],
    ['error', 'public', 'f'],
    ['warning', 'default', 'b'],
    ['warning', 'default', 'd'],
    ['notice', 'default', 'a'],
    ['notice', 'public', 'g'],
    ['undecidable', 'default', 'e'],
    ['undecidable', 'public', 'h'],
  ])
  expect(rows.map(({ key }) => key)).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
})

test('the filter looks at all that a row shows', () => {
  const found = (q: string) => matching(rows, q, (kind) => `<${kind}>`).map((row) => row.extension)
  expect(found('ABOUT C')).toEqual(['c'])
  expect(found('public')).toEqual(['f', 'g', 'h'])
  expect(found('<undecidable>')).toEqual(['e', 'h'])
  expect(found('')).toHaveLength(rows.length)
  expect(found('no such')).toEqual([])
})
