import type { SessionContext } from 'nestjs-consistent-cache';
import type { SessionAnswer, SessionRequest } from './instance-requests.js';
import { outcomeOf } from './operations.js';
import type { CachedRegisters } from './register.js';

/** One operation of a session. Whatever comes of it, its caller gets the ticket to go on with, as over HTTP. */
export async function workInSession(
  sessions: SessionContext,
  registers: CachedRegisters,
  { ticket, register, write }: SessionRequest,
): Promise<SessionAnswer> {
  const { result, ticket: next } = await sessions.run(ticket, () =>
    write === undefined ? read(registers, register) : commit(registers, register, write),
  );

  // Undefined when nothing concerned the session, so that it goes on as before.
  return { ...result, ticket: next ?? ticket };
}

type Outcome = Omit<SessionAnswer, 'ticket'>;

async function read(registers: CachedRegisters, name: string): Promise<Outcome> {
  try {
    const { register, outcome } = await registers.read(name);

    return { outcome, version: register.version, content: register.name };
  } catch (error) {
    return { outcome: 'failed', version: 0, content: String(error) };
  }
}

async function commit(registers: CachedRegisters, name: string, id: string): Promise<Outcome> {
  try {
    return { outcome: 'acknowledged', version: await registers.write(name, id), content: name };
  } catch (error) {
    return { outcome: outcomeOf(error), version: 0, content: String(error) };
  }
}
