import { useLocation } from '@tanstack/react-router'
import { useVirtualizer, type VirtualItem } from '@tanstack/react-virtual'
import {
  type FocusEvent,
  type KeyboardEvent,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from 'react'
import { useRowHeight } from '../app/media'
import { useShortcuts } from '../app/shortcuts'

const PAGE = 10

interface Place {
  offset: number
  active: number
  /** The heights of rows that differ in them. */
  sizes: VirtualItem[]
}
/** Where each entry of the browser's history was left, so that Back leads to the same row. */
const left = new Map<string, Place>()

const NOWHERE: Place = { offset: 0, active: 0, sizes: [] }

/** Moves from elsewhere, such as the filter box, into the rows of the page. */
export function focusRows(): void {
  document.querySelector<HTMLElement>('[data-rows]')?.focus()
}

function destination(key: string, from: number, count: number): number | null {
  switch (key) {
    case 'ArrowDown':
      return from + 1
    case 'ArrowUp':
      return from - 1
    case 'PageDown':
      return from + PAGE
    case 'PageUp':
      return from - PAGE
    case 'Home':
      return 0
    case 'End':
      return count - 1
    default:
      return null
  }
}

/**
 * Rows of equal height (or, with `keyAt`, each of its own), of which only the visible ones exist. One of them can be reached by Tab, the others by the
 * arrow keys, j and k. `headHeight` is that of a head that stays above them inside the scroller.
 * A row carries `data-row` with its index on what takes the focus. With another `filter` they are another list, which
 * begins at its top. `keyAt` tells rows apart whose heights are measured: put `virtualizer.measureElement` and `data-index`
 * on them.
 */
export function useVirtualRows(
  count: number,
  filter: string,
  headHeight = 0,
  keyAt?: (index: number) => string | number,
) {
  const place = useLocation({ select: ({ state, href }) => state.__TSR_key ?? href })
  const [start] = useState(() => left.get(place) ?? NOWHERE)
  const [active, setActive] = useState(start.active)
  const [listed, setListed] = useState(filter)
  if (listed !== filter) {
    setListed(filter)
    setActive(0)
  }
  const current = Math.min(active, Math.max(count - 1, 0))

  const scroller = useRef<HTMLDivElement>(null)
  const rowHeight = useRowHeight()
  const virtualizer = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    initialOffset: start.offset,
    initialMeasurementsCache: start.sizes,
    overscan: 12,
    scrollMargin: headHeight,
    scrollPaddingStart: headHeight,
    ...(keyAt && { getItemKey: keyAt }),
  })

  // What was measured is void at another height.
  const measuredAt = useRef(rowHeight)
  useEffect(() => {
    if (measuredAt.current === rowHeight) return
    measuredAt.current = rowHeight
    virtualizer.measure()
  }, [virtualizer, rowHeight])

  const scrolled = useRef(filter)
  useLayoutEffect(() => {
    if (scrolled.current === filter) return
    scrolled.current = filter
    virtualizer.scrollToOffset(0)
  }, [virtualizer, filter])

  const measured = keyAt !== undefined
  const latest = useRef(start)
  useEffect(() => {
    const sizes = measured ? virtualizer.takeSnapshot() : []
    latest.current = { offset: virtualizer.scrollOffset ?? 0, active: current, sizes }
  })
  useEffect(() => () => void left.set(place, latest.current), [place])

  // The wanted row may exist only after the scroll has been rendered.
  const wanted = useRef<number | null>(null)
  useLayoutEffect(() => {
    if (wanted.current === null) return
    const row = scroller.current?.querySelector<HTMLElement>(`[data-row="${wanted.current}"]`)
    if (!row) return
    wanted.current = null
    row.focus({ preventScroll: true })
  })

  const focusRow = (index: number) => {
    if (count === 0) return
    const to = Math.max(0, Math.min(index, count - 1))
    wanted.current = to
    setActive(to)
    virtualizer.scrollToIndex(to)
    const row = scroller.current?.querySelector<HTMLElement>(`[data-row="${to}"]`)
    if (row) {
      wanted.current = null
      row.focus({ preventScroll: true })
    }
  }

  const hasFocus = () => scroller.current?.contains(document.activeElement) ?? false
  /** The first press goes to where one was, the next ones on from there. */
  const step = (by: number) => focusRow(hasFocus() ? current + by : current)

  useShortcuts({ j: () => step(1), k: () => step(-1) })

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const to = destination(event.key, current, count)
    if (to === null) return
    event.preventDefault()
    focusRow(to)
  }

  /** For the element that scrolls. */
  const scrollerProps = {
    ref: scroller,
    onKeyDown,
    tabIndex: -1,
    'data-rows': true,
    onFocus: (event: FocusEvent) => {
      const row = event.target.getAttribute('data-row')
      if (row !== null) setActive(Number(row))
      else if (event.target === event.currentTarget) focusRow(current)
    },
  }

  return { virtualizer, scrollerProps, active: current, focusRow, rowHeight }
}
