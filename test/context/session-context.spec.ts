import { beforeEach, describe, expect, it } from '@jest/globals';
import { ManualClock } from 'nestjs-consistent-cache/testing';
import { CallScopes } from '../../src/context/call-scope.js';
import { CallerSession } from '../../src/context/caller-session.js';
import type { TicketIssue } from '../../src/context/caller-session.js';
import { SessionContext } from '../../src/context/session-context.js';
import type { TicketFault } from '../../src/context/ticket-codec.js';

let clock: ManualClock;
let epoch: string;
let faults: TicketFault[];
let issue: TicketIssue;
let scopes: CallScopes;
let sessions: SessionContext;

beforeEach(() => {
  clock = new ManualClock();
  epoch = 'run-1';
  faults = [];
  issue = { secret: 'a secret of the application', epoch: () => epoch, clock, report: (fault) => faults.push(fault) };
  scopes = new CallScopes(undefined);
  sessions = new SessionContext(scopes, issue);
});

function write(tag: string): void {
  scopes.current().session?.current().wrote([tag], clock.nowMs());
}

/** The instants that the present ticket knows of writes. */
function writes(): number[] {
  return [...(scopes.current().session?.current().facts.written.values() ?? [])];
}

describe('work in a session', () => {
  it('begins one when it brings no ticket', async () => {
    const run = await sessions.run(undefined, async () => {
      await Promise.resolve();
      write('product');
      return 'done';
    });

    expect(run.result).toBe('done');
    expect((await sessions.run(run.ticket, writes)).result).toEqual([clock.nowMs()]);
    expect(faults).toEqual([]);
  });

  it('goes on with the ticket that it brings, and gives it back as it is when nothing has changed', async () => {
    const { ticket } = await sessions.run(undefined, () => {
      write('product');
    });
    clock.advance('1s');

    expect(await sessions.run(ticket, writes)).toEqual({ result: [clock.nowMs() - 1_000], ticket });
    expect((await sessions.run(ticket, () => undefined)).ticket).toBe(ticket);
  });

  it('has no ticket when nothing concerned a session', async () => {
    expect((await sessions.run(undefined, () => sessions.ticket())).result).toBeUndefined();
    expect((await sessions.run(undefined, () => 1)).ticket).toBeUndefined();
  });

  it('can take its ticket along before it fails', async () => {
    let ticket: string | undefined;
    const failing = sessions.run(undefined, () => {
      write('product');
      ticket = sessions.ticket();
      throw new Error('after the write');
    });
    await expect(failing).rejects.toThrow('after the write');

    expect((await sessions.run(ticket, writes)).result).toHaveLength(1);
  });

  it('gives the ticket as it is each time, also when it was asked for before', async () => {
    const { result } = await sessions.run(undefined, () => {
      write('product');
      const first = sessions.ticket();
      write('stock');
      return [first, sessions.ticket(), sessions.ticket()];
    });
    const [first, second, third] = await Promise.all(result.map((ticket) => sessions.run(ticket, writes)));

    expect([first, second, third].map((run) => run?.result.length)).toEqual([1, 2, 2]);
  });

  it('is in no session outside', () => {
    expect(sessions.ticket()).toBeUndefined();
  });
});

describe('a ticket that does not count', () => {
  it.each([
    ['of another secret', (): TicketIssue => ({ ...issue, secret: 'another secret' }), 'forged'],
    ['of another epoch', (): TicketIssue => ({ ...issue, epoch: () => 'run-0' }), 'other-epoch'],
  ])('%s is reported once, and the session begins anew', async (_, issuer, fault) => {
    const { ticket } = await new SessionContext(scopes, issuer()).run(undefined, () => {
      write('product');
    });
    clock.advance('1s');
    const run = await sessions.run(ticket, () => [writes(), writes()]);

    expect(run.result).toEqual([[], []]);
    expect(faults).toEqual([fault]);
    expect(run.ticket).not.toBe(ticket);
    const next = new CallerSession(issue, () => run.ticket);
    expect(next.current().facts.begunMs).toBe(clock.nowMs());
  });

  it('is not looked at when nothing asks for it', async () => {
    await sessions.run('forged', () => 1);

    expect(faults).toEqual([]);
  });
});

it('a store that restarts under a call makes its session begin anew', async () => {
  const run = await sessions.run(undefined, () => {
    write('product');
    epoch = 'run-2';
    clock.advance('1s');
    return writes();
  });

  expect(run.result).toEqual([]);
  expect(faults).toEqual(['other-epoch']);
  expect(new CallerSession(issue, () => run.ticket).current().facts.begunMs).toBe(clock.nowMs());
});
