import { useVirtualizer } from '@tanstack/react-virtual'
import {
  type KeyboardEvent,
  type ReactNode,
  useCallback,
  useEffect,
  useLayoutEffect,
  useRef,
} from 'react'
import { t } from '../i18n'
import { Button } from '../ui/button'
import styles from './tail-list.module.css'

interface Props<T> {
  label: string
  items: readonly T[]
  keyOf: (item: T) => number
  row: (item: T) => ReactNode
  /** When this is another one, the end is shown, wherever one was. */
  tail: unknown
}

/** Before a row is measured. */
const LINE = 24
/** So near to the end one wants to see what comes. */
const NEAR = 32

/**
 * Rows that come at the end and go at the beginning. Whoever is at the end stays there; elsewhere the rows that one reads
 * stay where they are.
 */
export function TailList<T>({ label, items, keyOf, row, tail }: Props<T>) {
  const scroller = useRef<HTMLDivElement>(null)
  const keyAt = useCallback(
    (index: number) => {
      const item = items[index]
      return item === undefined ? -1 : keyOf(item)
    },
    [items, keyOf],
  )
  const virtualizer = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE,
    getItemKey: keyAt,
    overscan: 12,
    anchorTo: 'end',
    followOnAppend: true,
    scrollEndThreshold: NEAR,
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: another `tail` is what it is done for.
  useLayoutEffect(() => virtualizer.scrollToEnd(), [virtualizer, tail])
  // In another width rows have other heights: whoever is at the end stays there.
  const stays = useRef(true)
  useEffect(() => {
    const element = scroller.current
    if (element === null) return
    const observer = new ResizeObserver(() => {
      if (stays.current) virtualizer.scrollToEnd()
    })
    observer.observe(element)
    return () => observer.disconnect()
  }, [virtualizer])

  // A browser's own way there takes time, and ends where rows turn out to be higher than they seemed.
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    if (event.key === 'Home') virtualizer.scrollToOffset(0)
    else if (event.key === 'End') virtualizer.scrollToEnd()
    else return
    event.preventDefault()
  }
  const away = virtualizer.scrollElement !== null && !virtualizer.isAtEnd(NEAR)

  return (
    <div className={styles.frame}>
      <div
        ref={scroller}
        role="log"
        aria-label={label}
        // A log tells more in a second than can be read aloud.
        aria-live="off"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: so that it can be scrolled by keys.
        tabIndex={0}
        data-rows
        onKeyDown={onKeyDown}
        onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
          stays.current = scrollHeight - scrollTop - clientHeight <= NEAR
        }}
        className={styles.scroller}
      >
        <div className={styles.canvas} style={{ blockSize: virtualizer.getTotalSize() }}>
          {virtualizer.getVirtualItems().map(({ index, start, key }) => {
            const item = items[index]
            if (item === undefined) return null
            return (
              <div
                key={key}
                ref={virtualizer.measureElement}
                data-index={index}
                className={styles.row}
                style={{ transform: `translateY(${start}px)` }}
              >
                {row(item)}
              </div>
            )
          })}
        </div>
      </div>
      {away && (
        <Button className={styles.newest} onClick={() => virtualizer.scrollToEnd()}>
          {t('list.newest')}
        </Button>
      )}
    </div>
  )
}
