import { setTimeout as sleep } from 'node:timers/promises';
import type { Conditions } from '../operations/operations.types.js';
import { accepted, Visitor } from './visitor.js';

/** One figure of a scene: what it is called and what was measured. */
export type Figure = readonly [label: string, value: string];

export interface Outcome {
  readonly figures: readonly Figure[];
  /** How the promise was broken; empty when it was kept. */
  readonly broken: readonly string[];
}

/** A part of the visit that puts one promise to the test. */
export interface Scene {
  readonly title: string;
  readonly promise: string;
  /** How the other shop caches what this scene is about. */
  readonly naively: string;
  readonly play: (shop: Visitor) => Promise<Outcome>;
}

export const staff = (shop: Visitor): Visitor => shop.as('staff');

/** Makes the shop's surroundings better or worse. */
export async function setConditions(
  shop: Visitor,
  change: { databaseLatencyMs?: number; carrier?: Conditions['carrier']['mode'] },
): Promise<void> {
  accepted(await shop.put('/operations/conditions', change));
}

/** How often the shop has gone to its database so far. */
export async function databaseTrips(shop: Visitor): Promise<number> {
  return accepted(await shop.get<Conditions>('/operations/conditions')).body.database.roundTrips;
}

/** How often the shop has asked its carrier so far. */
export async function carrierRequests(shop: Visitor): Promise<number> {
  return accepted(await shop.get<Conditions>('/operations/conditions')).body.carrier.requests;
}

/** Does `action` again and again, with a breath in between, until `isOver`. */
export async function repeat(action: () => Promise<void>, isOver: () => boolean, pauseMs = 4): Promise<void> {
  while (!isOver()) {
    await action();
    await sleep(pauseMs);
  }
}

/** `1234` as `1,234`. */
export const count = (value: number): string => value.toLocaleString('en-US');

/** `5012.3` as `5.01 s`, `12.3` as `12 ms`. */
export const duration = (ms: number): string => (ms >= 1_000 ? `${(ms / 1_000).toFixed(2)} s` : `${Math.round(ms)} ms`);

/** The sentence, when the fault occurred. */
export const fault = (occurred: boolean, sentence: string): string[] => (occurred ? [sentence] : []);
