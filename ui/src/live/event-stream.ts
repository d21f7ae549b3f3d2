/** What a server sends as `text/event-stream`. */
export interface ServerEvent {
  name: string
  data: string
}

/** Reads events out of text that comes in pieces, cut anywhere. Comments, ids and times to wait are left out. */
export class EventReader {
  private rest = ''
  private name = ''
  private data: string[] = []

  read(text: string): ServerEvent[] {
    const events: ServerEvent[] = []
    const lines = (this.rest + text).split('\n')
    this.rest = lines.pop() ?? ''
    for (const line of lines) {
      const event = this.line(line.endsWith('\r') ? line.slice(0, -1) : line)
      if (event) events.push(event)
    }
    return events
  }

  private line(line: string): ServerEvent | null {
    if (line === '') {
      const event = { name: this.name || 'message', data: this.data.join('\n') }
      const empty = this.data.length === 0
      this.name = ''
      this.data = []
      return empty ? null : event
    }
    const colon = line.indexOf(':')
    const field = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (field === 'event') this.name = value
    else if (field === 'data') this.data.push(value)
    return null
  }
}
