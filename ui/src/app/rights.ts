import { useQuery } from '@tanstack/react-query'
import { sessionQuery } from '../api/queries'

/** Whether whoever is signed in may do what the server lets only admins do. */
export function useIsAdmin(): boolean {
  const { data: session } = useQuery(sessionQuery)
  return session?.user.role === 'admin'
}
