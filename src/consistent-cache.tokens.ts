/** The opened shared store; undefined where there is none. @internal */
export const OPEN_STORE = Symbol('nestjs-consistent-cache:open-store');

/** The opened outbox; undefined where there is none. @internal */
export const OPEN_OUTBOX = Symbol('nestjs-consistent-cache:open-outbox');

/** What session tickets are made with. @internal */
export const TICKET_ISSUE = Symbol('nestjs-consistent-cache:ticket-issue');

/** The validated options. @internal */
export const RESOLVED_OPTIONS = Symbol('nestjs-consistent-cache:options');
