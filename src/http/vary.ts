import type { FastifyReply } from 'fastify'

/** Adds a name to the `Vary` header. Other plugins, such as CORS, may have set one already. */
export function addVary(reply: FastifyReply, name: string): void {
  const before = reply.getHeader('vary')
  reply.header('vary', before === undefined ? name : `${before}, ${name}`)
}
