import { DatabaseConditions } from '../../src/database/database-conditions.js';

/** An answer of the database that is held back on its way. */
export class HeldAnswer {
  private readonly gates = [gate(), gate()] as const;

  /** Settles when the database has answered. */
  get hasLeft(): Promise<void> {
    return this.gates[0].passed;
  }

  /** Settles when the answer may arrive. */
  get mayArrive(): Promise<void> {
    return this.gates[1].passed;
  }

  leave(): void {
    this.gates[0].open();
  }

  release(): void {
    this.gates[1].open();
  }
}

/** A road to the database on which a test holds an answer back, so that a race happens in the order that it says. */
export class DatabaseGate extends DatabaseConditions {
  private held: HeldAnswer | undefined;
  private heldCommit: HeldAnswer | undefined;

  /** Holds back the answer to the next question. */
  holdNextAnswer(): HeldAnswer {
    this.held = new HeldAnswer();

    return this.held;
  }

  /** Holds back the confirmation of the next write or transaction, which is committed by then. */
  holdNextCommit(): HeldAnswer {
    this.heldCommit = new HeldAnswer();

    return this.heldCommit;
  }

  override async commit<T>(work: () => Promise<T>): Promise<T> {
    const { heldCommit } = this;
    this.heldCommit = undefined;
    const answer = await super.commit(work);
    heldCommit?.leave();
    await heldCommit?.mayArrive;

    return answer;
  }

  override async roundTrip<T>(work: () => Promise<T>): Promise<T> {
    const { held } = this;
    this.held = undefined;
    const answer = await super.roundTrip(work);
    held?.leave();
    await held?.mayArrive;

    return answer;
  }
}

function gate(): { readonly passed: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });

  return { passed, open };
}
