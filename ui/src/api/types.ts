/** The shapes of /api/v2 as they travel. Nothing else in the UI declares a wire type. */

export interface User {
  id: number
  login: string
  role: string
}

export interface Session {
  user: User
}

export interface Status {
  version: string
  database: 'up' | 'down'
  snapshot: { revision: number; users: number; saved_at: string | null }
}

export interface Instance {
  id: number
  name: string
  description: string
  default: boolean
}

/** A child of the root: `section`, or `variables` for the global variables (its name is null). */
export interface Section {
  id: number
  tag: string
  name: string | null
  description: string | null
  enabled: boolean
  children: number
}

export interface Tree {
  revision: number
  sections: Section[]
}

export type Attribute = [name: string, value: string]

interface Element {
  id: number
  tag: string
  name: string | null
  attributes: Attribute[]
  text: string | null
  enabled: boolean
  position: number
}

/** An element with the number of its children. */
export interface Node extends Element {
  children: number
}

/** An element with its children. */
export interface DeepNode extends Element {
  children: DeepNode[]
}

export interface PathStep {
  id: number
  tag: string
  name: string | null
}

export interface NodeWithPath {
  node: Node
  path: PathStep[]
}

export interface Subtree {
  node: DeepNode
}

export interface DirectoryUser {
  id: number
  user: string
  domain: string
  domain_id: number
  group: string | null
  number_alias: string | null
  cidr: string | null
  enabled: boolean
}

export type Severity = 'error' | 'warning' | 'notice'

export interface DialplanRemark {
  severity: Severity
  extension: string
  /** The element it is about; 0 when the server cannot tell. */
  node: number
  /** Empty: the element itself. */
  attribute: string
  /** Where in the attribute, in bytes. */
  position: number | null
  message: string
}

export interface CheckedContext {
  name: string
  mode: 'whole' | 'evaluated' | 'checked'
  extensions: number
  remarks: DialplanRemark[]
  /** What only the switch can decide. */
  undecidable: DialplanRemark[]
}

export interface DialplanCheck {
  contexts: CheckedContext[]
  /** By context: how often the switch did what the evaluation came to. */
  agreement: Record<string, { agreed: number; disagreed: number; unseen: number }>
  /** The last ones, oldest first. */
  disagreements: {
    context: string
    uuid: string
    place: number
    expected: string | null
    executed: string
  }[]
}

/** One page of a list. `next` is the cursor of the page that follows, null on the last one. */
export interface Page<T> {
  items: T[]
  total: number
  next: string | null
}

export interface Items<T> {
  items: T[]
}

/** RFC 9457. */
export interface Problem {
  type?: string
  title?: string
  status?: number
  detail?: string
}
